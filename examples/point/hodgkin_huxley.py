"""Hodgkin and Huxley's neuron

The action potential of the squid's axon with its three gates, written out as equations.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

squid = hb.Neuron(
    """
    dv/dt = (I - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_L*(v - E_L))/C : volt
    dm/dt = a_m*(1 - m) - b_m*m : 1
    dh/dt = a_h*(1 - h) - b_h*h : 1
    dn/dt = a_n*(1 - n) - b_n*n : 1
    u = (v + 65*mV)/mV : 1
    a_m = 0.1*(25 - u)/(exp((25 - u)/10) - 1)/ms : Hz
    b_m = 4*exp(-u/18)/ms : Hz
    a_h = 0.07*exp(-u/20)/ms : Hz
    b_h = 1/(exp((30 - u)/10) + 1)/ms : Hz
    a_n = 0.01*(10 - u)/(exp((10 - u)/10) - 1)/ms : Hz
    b_n = 0.125*exp(-u/80)/ms : Hz
    I : amp/metre**2
    """,
    threshold="v > 0*mV",
    refractory="3 ms",
    constants={
        "C": "1 uF/cm2",
        "g_Na": "120 mS/cm2",
        "g_K": "36 mS/cm2",
        "g_L": "0.3 mS/cm2",
        "E_Na": "50 mV",
        "E_K": "-77 mV",
        "E_L": "-54.4 mV",
    },
    method="rk4",
)
rest = {"v": "-65 mV", "m": 0.053, "h": 0.596, "n": 0.318, "I": "10 uA/cm2"}
variables = ["v", "m", "h", "n"]
circuit = hb.Circuit([hb.Population("axon", squid, 1, rest)], dt="10 us")
sim = hb.Simulation(circuit, dtype="float64", record={("axon", name): [0] for name in variables})
sim.run("40 ms")

figure, (above, below) = plt.subplots(2, figsize=(6.4, 4.2), sharex=True, layout="constrained")
for name in variables:
    trace = sim.recorded["axon", name]
    scale = 1e3 if name == "v" else 1
    (above if name == "v" else below).plot(trace.times * 1e3, trace.values * scale, label=name)
above.set_ylabel("v, mV")
below.set(xlabel="time, ms", ylabel="gates")
below.legend()
print(f"{len(sim.spikes['axon'])} action potentials in 40 ms")
plt.show()
