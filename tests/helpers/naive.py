"""A circuit stepped in plain Python, neuron by neuron and synapse by synapse: slow and obvious.

It shares the neuron's program with the engine and nothing else: no blocks, no parts, no segments,
and plastic weights change at the very steps at which something happens to them.
"""

import math
from collections import defaultdict

import numpy as np

from halfbrain.cells.neuron import Neuron
from halfbrain.codegen.kernel import scalar_function
from halfbrain.program.point import LONG_AGO, SINCE, arrived_at, quantum_of


class NaiveSynapse:
    def __init__(self, source, target, weight, delay, rule, dt):
        self.source, self.target, self.weight = source, target, weight
        self.delay, self.rule, self.dt = round(delay / dt), rule, dt
        self.traces = dict.fromkeys([*rule.pre, *rule.post], 0.0) if rule else {}

    def decay(self):
        for name in self.traces:
            tau = float((self.rule.pre | self.rule.post)[name].removesuffix(" ms")) * 1e-3
            self.traces[name] *= math.exp(-self.dt / tau)

    def jump(self, names):
        for name in names:
            self.traces[name] = 1.0 if self.rule.nearest else self.traces[name] + 1.0


def run(simulation, steps, rules=None):
    """Spikes (step, neuron) and final weights of each projection; ``rules`` are Python functions.

    What arrives at the end of the last step is left out, as it is in the engine.

    ``rules[projection]`` is (on_pre, on_post, deliver), each of (w, traces); None for a static one.
    """
    circuit, dt = simulation.circuit, simulation.dt
    first = {name: own.start for name, own in simulation.populations.items()}
    state, step_of, models = {}, {}, {}
    for p in circuit.populations:
        if isinstance(p.model, Neuron):
            model = p.model.model(dt)
            models[p.name] = model
            step_of[p.name] = scalar_function(model.program)
            values = {n: simulation.state(p.name, n) for n in (*model.states, *model.parameters)}
            for k in range(p.size):
                state[p.name, k] = {n: float(v[k]) for n, v in values.items()}
                state[p.name, k] |= {SINCE: LONG_AGO}
                state[p.name, k] |= {quantum_of(r): 1.0 for r in model.receptors}
    synapses = []
    for i, projection in enumerate(circuit.projections):
        c = simulation.connections(i)
        for s, t, w, d in zip(c.sources, c.targets, c.weights, c.delays, strict=True):
            synapse = NaiveSynapse(int(s), int(t), float(w), float(d), projection.plasticity, dt)
            synapses.append((i, projection, synapse))
    given = defaultdict(set)
    for p in circuit.populations:
        if not isinstance(p.model, Neuron):
            for time, k in zip(p.model.times, p.model.neurons, strict=True):
                given[int(time / dt + 1e-6)].add((p.name, int(k)))
    fired_at, spikes = defaultdict(set), []
    arrived = defaultdict(float)
    for step in range(steps):
        for (name, k), at in state.items():
            model = models[name]
            at |= {arrived_at(r): arrived.pop((name, k, r), 0.0) for r in model.receptors}
            out = step_of[name](*(at[n] for n in model.program.inputs))
            at |= dict(zip(model.program.outputs, out, strict=True))
            if at[SINCE] == 0:
                fired_at[step].add((name, k))
        fired_at[step] |= given[step]
        spikes += sorted((step, first[name] + k) for name, k in fired_at[step])
        for i, projection, synapse in synapses:
            pre = (projection.source, synapse.source) in fired_at[step - synapse.delay]
            pre = pre and step + 1 < steps
            post = (projection.target, synapse.target) in fired_at[step]
            target = (projection.target, synapse.target, projection.receptor)
            if projection.plasticity is None:
                if pre:
                    arrived[target] += synapse.weight
                continue
            on_pre, on_post, deliver = rules[i]
            # A target's spike that comes second in the last step is left out, as in the engine.
            post = post and not (projection.plasticity.source_first and step + 1 == steps)
            order = [("target", post), ("source", pre)]
            for side, fired in reversed(order) if projection.plasticity.source_first else order:
                if fired and side == "target":
                    synapse.weight = on_post(synapse.weight, synapse.traces)
                    synapse.jump(projection.plasticity.post)
                elif fired:
                    arrived[target] += deliver(synapse.weight, synapse.traces)
                    synapse.weight = on_pre(synapse.weight, synapse.traces)
                    synapse.jump(projection.plasticity.pre)
            synapse.decay()
    weights = defaultdict(list)
    for i, _, synapse in synapses:
        weights[i].append(synapse.weight)
    return spikes, {i: np.array(w) for i, w in weights.items()}
