"""A network of one's own with plastic synapses

Leaky integrate-and-fire neurons, excitatory and inhibitory, with spike-timing-dependent
plasticity among the excitatory ones. Halfway a constant is changed.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

lif = hb.Neuron(
    """
    dv/dt = (E_L - v + g + I)/tau_m : volt (unless refractory)
    dg/dt = -g/tau_s : volt
    I : volt
    """,
    threshold="v > V_th",
    reset="v = V_r",
    refractory="2 ms",
    receptors={"exc": "g"},
    constants={
        "E_L": "-65 mV",
        "V_th": "-50 mV",
        "V_r": "-60 mV",
        "tau_m": "20 ms",
        "tau_s": "5 ms",
    },
)
first = {"v": hb.uniform("-65 mV", "-50 mV"), "I": hb.uniform("10 mV", "20 mV")}
stdp = hb.rule("pair_stdp", w_max="1 mV", A_plus="0.02", A_minus="0.021")
net = hb.Circuit(
    [hb.Population("E", lif, 800, first), hb.Population("I", lif, 200, first)],
    [
        hb.Projection("E", "I", "exc", hb.bernoulli(0.1), weight="0.1 mV", delay="1.5 ms"),
        hb.Projection("I", "E", "exc", hb.bernoulli(0.1), weight="-1 mV", delay="1.5 ms"),
        hb.Projection("E", "E", "exc", hb.fixed_in(40), weight="0.5 mV", plasticity=stdp),
    ],
)
sim = hb.Simulation(net, seed=1)
sim.run("1 s")
early = sim.weights("E", "E").weights
sim.set("E", tau_m="15 ms")
sim.run("1 s")
late = sim.weights("E", "E").weights

print(f"{sim.spikes['E'].rate:.1f} spikes a second; mean weight {late.mean() * 1e3:.2f} mV")
figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="constrained")
spikes = sim.spikes["E"]
left.plot(spikes.times, spikes.neurons, ",")
left.set(xlabel="time, s", ylabel="excitatory neuron")
for when, weights in (("after 1 s", early), ("after 2 s", late)):
    right.hist(weights * 1e3, 50, histtype="step", label=when)
right.set(xlabel="weight, mV", ylabel="synapses")
right.legend()
plt.show()
