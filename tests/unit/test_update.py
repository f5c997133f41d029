"""The compiled update of a population against its program, and its count against a true one."""

import math
from collections import Counter

import numpy as np
import pytest

from halfbrain.cells.catalogue import NEURONS
from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection, SpikeList
from halfbrain.codegen.kernel import scalar_function
from halfbrain.connectivity.rule import AllToAll
from halfbrain.connectivity.value import Uniform
from halfbrain.engine.point.group import PointGroup
from halfbrain.program.point import LONG_AGO, SINCE, arrived_at, quantum_of

# A range for each unit, and for the variables of a unit that need another.
RANGES = {
    "v": (-0.08, -0.045), "V": (-0.09, 0.03), "m": (0, 1), "n": (0, 1), "h": (0, 1),
    "u": (-0.02, 0), "w": (0, 1e-10), "theta": (0, 0.03), "rate": (0, 1e4), "ge": (0, 5e-3),
    "gi": (-5e-3, 0),
}  # fmt: skip
SIZES = 1, 63, 64, 65, 130
SILENT = [name for name in NEURONS if name != "poisson"]


def interval(name):
    if name in RANGES:
        return RANGES[name]
    return (0, 2e-8) if "g" in name.lower() else (-3e-10, 5e-10)


def all_cells(rng):
    """A circuit with a population of every cell, onto each of whose receptors one spike comes."""
    populations = [Population("in", SpikeList(np.array([0.0]), np.array([0])), 1)]
    projections = []
    for k, name in enumerate(SILENT):
        cell, size = NEURONS[name], SIZES[k % len(SIZES)]
        model = cell.model(1e-4)
        values = {x: rng.uniform(*interval(x), size) for x in (*model.states, *model.parameters)}
        populations.append(Population(name, cell, size, values))
        for receptor, variable in cell.receptors.items():
            low, high = interval(variable)
            weight = Uniform(0.01 * (high - low), 0.1 * (high - low))
            projections.append(Projection("in", name, receptor, AllToAll(), weight=weight))
    return Circuit(tuple(populations), tuple(projections), name="all")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-4)])
def test_the_compiled_update_is_the_program(dtype, tolerance, threads):
    rng = np.random.default_rng(5)
    simulation = PointGroup(all_cells(rng), dtype=dtype, threads=threads, seed=3)
    simulation.run(1e-4)
    before, arrived = {}, {}
    for i, neurons in simulation.neurons_of.items():
        population = neurons.population
        # Some have just fired, some rest, some do not.
        since = rng.choice([0.0, 1.0, 7.0, 60.0, LONG_AGO], population.size)
        neurons.write(SINCE, since)
        model = neurons.model
        before[i] = {
            name: simulation.state(population.name, name)
            for name in (*model.states, *model.parameters, SINCE)
        }
    for i, projection in enumerate(simulation.circuit.projections):
        weights = simulation.connections(i).weights
        arrived[projection.target, projection.receptor] = weights
    simulation.run(1e-4)
    fired = set(zip(simulation.spikes.steps.tolist(), simulation.spikes.neurons.tolist()))  # noqa: B905
    changed = 0
    for i, neurons in simulation.neurons_of.items():
        population, model = neurons.population, neurons.model
        at = before[i] | {quantum_of(r): np.ones(population.size) for r in model.receptors}
        at |= {arrived_at(r): arrived[population.name, r] for r in model.receptors}
        step = scalar_function(model.program)
        wanted = np.array(
            [step(*(at[name][k] for name in model.program.inputs)) for k in range(population.size)]
        )
        first = simulation.populations[population.name].start
        for name, expected in zip(model.program.outputs, wanted.T, strict=True):
            found = simulation.state(population.name, name)
            scale = np.abs(expected).max()
            np.testing.assert_allclose(
                found, expected, rtol=tolerance, atol=tolerance * scale,
                err_msg=f"{population.name} {name}",
            )  # fmt: skip
            changed += int((found != before[i][name]).sum())
            if name == SINCE:
                assert [(1, first + k) in fired for k in range(population.size)] == (
                    expected == 0
                ).tolist()
    assert changed > 1000
    assert len({neuron for step, neuron in fired if step == 1}) > 20


@pytest.mark.parametrize("size", [1, 64, 100])
def test_no_neuron_beyond_the_last_is_heard(size):
    # The places behind a population's last neuron are stepped too; they fire, but are none.
    cell = Neuron("v : 1", threshold="v >= 0", receptors={"in": "v"}, name="eager")
    circuit = Circuit(
        (Population("a", cell, size), Population("b", cell, size, {"v": -1.0})), (), name="eager"
    )
    simulation = PointGroup(circuit, threads=2)
    simulation.run(3e-4)
    assert simulation.spikes.neurons.tolist() == list(range(size)) * 3


# -- counting ------------------------------------------------------------------------------------


class Truth:
    """True or false; what is done with it is counted."""

    def __init__(self, tally, value):
        self.tally, self.value = tally, value

    def __and__(self, other):
        self.tally["compare"] += 1
        return Truth(self.tally, self.value and other.value)

    def __or__(self, other):
        self.tally["compare"] += 1
        return Truth(self.tally, self.value or other.value)

    def __bool__(self):
        self.tally["select"] += 1
        return self.value


class Number:
    """A number that counts what is done with it."""

    def __init__(self, tally, value):
        self.tally, self.value = tally, float(value)

    def made(self, kind, value):
        self.tally[kind] += 1
        return Number(self.tally, value)

    def compared(self, value):
        self.tally["compare"] += 1
        return Truth(self.tally, value)

    def __add__(self, other):
        return self.made("add", self.value + other.value)

    def __sub__(self, other):
        return self.made("add", self.value - other.value)

    def __mul__(self, other):
        return self.made("multiply", self.value * other.value)

    def __truediv__(self, other):
        return self.made("divide", self.value / other.value)

    def __pow__(self, other):
        return self.made("power", self.value**other.value)

    def __neg__(self):
        return self.made("add", -self.value)

    def __abs__(self):
        return self.made("compare", abs(self.value))

    def __lt__(self, other):
        return self.compared(self.value < other.value)

    def __le__(self, other):
        return self.compared(self.value <= other.value)

    def __gt__(self, other):
        return self.compared(self.value > other.value)

    def __ge__(self, other):
        return self.compared(self.value >= other.value)


KINDS = {
    "exp": "exp", "expm1": "exp", "log": "log", "sqrt": "root", "sin": "trigonometric",
    "cos": "trigonometric", "tanh": "trigonometric",
}  # fmt: skip


def tallied(model, at):
    """What a step of a model does, counted while it is done."""
    tally = Counter()

    def one_of(choose):
        return lambda a, b: a.made("compare", choose(a.value, b.value))

    functions = {
        **{
            name: lambda x, name=name: x.made(KINDS[name], getattr(math, name)(x.value))
            for name in KINDS
        },
        "min": one_of(min),
        "max": one_of(max),
        "uniform": lambda: Number(tally, 0).made("random", 0.5),
        "normal": lambda: Number(tally, 0).made("random", 0.5),
    }
    step = scalar_function(model.program, functions, lambda value: Number(tally, value))
    step(*(Number(tally, at[name]) for name in model.program.inputs))
    return tally


def plain(operations):
    """Fused operations as the product and the sum that they are."""
    out = Counter(operations)
    fused = out.pop("fused", 0)
    return +(out + Counter(add=fused, multiply=fused))


NOISY = Neuron(
    "dv/dt = (I - v)/(10*ms) + randn()/(20*ms) : 1\ndx/dt = -x/(3*ms) : 1\nI : 1",
    threshold="v > 1 + rand()",
    reset="v = clip(v - 1, 0, sqrt(abs(x)) + tanh(x)**2); x += v**0.3 + log(2 + cos(v) + sin(x))",
    refractory="1 ms",
    receptors={"in": "v", "other": "x"},
    method="euler",
    name="noisy",
)


@pytest.mark.parametrize(
    ("name", "drives"),
    [*((name, 0) for name in NEURONS), ("noisy", 0), ("noisy", 2), ("cuba", 1)],
)
def test_the_operations_of_an_update_are_those_that_are_done(name, drives):
    cell = NEURONS.get(name, NOISY)
    model = cell.model(1e-4)
    at = {x: 0.3 * sum(interval(x)) for x in (*model.states, *model.parameters)}
    at |= {SINCE: 5.0}
    at |= {f"{sign}{receptor}": 1.0 for sign in "+*" for receptor in model.receptors}
    driven = tuple(PoissonDrive(name, r, 10.0, 1.0) for r in [*model.receptors][:1] * drives)
    circuit = Circuit((Population(name, cell, 1),), (), driven, name="one")
    (neurons,) = PointGroup(circuit, threads=1).neurons_of.values()
    expected = tallied(model, at) + Counter(random=len(driven))
    assert plain(neurons.update.operations) == expected
    assert sum(expected.values()) > 3
