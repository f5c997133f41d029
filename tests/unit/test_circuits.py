"""Named circuits against their papers, circuits from TOML, and what is wrong in them."""

import os
import re
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import halfbrain
from halfbrain.cells.catalogue import NEURONS, RULES
from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.check import check
from halfbrain.circuits.circuit import Circuit, Population, Projection
from halfbrain.circuits.from_toml import circuit_from_toml
from halfbrain.circuits.named import microcircuit as pd14
from halfbrain.circuits.named.catalogue import CIRCUITS, named_circuit
from halfbrain.circuits.named.mbody import mbody, odours
from halfbrain.circuits.named.microcircuit import microcircuit
from halfbrain.codegen.kernel import scalar_function
from halfbrain.connectivity.rule import AllToAll, Bernoulli, Explicit, FixedIn, OneToOne
from halfbrain.connectivity.value import Mixture, drawn
from halfbrain.equations.dimensions import unit
from halfbrain.errors import CircuitError, HalfbrainError
from halfbrain.program.point import LONG_AGO, SINCE, point_model

FUZZ = int(os.environ.get("HALFBRAIN_FUZZ", "300"))
DOCUMENT = (Path(halfbrain.__file__).parents[2] / "docs" / "circuits.md").read_text("utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)[1]
AMP, VOLT, SIEMENS = (unit(name)[1] for name in ("amp", "volt", "siemens"))


def projections(circuit):
    return {(p.source, p.target): p for p in circuit.projections}


def potential_after_one(cell, weight, dt=1e-5, seconds=0.01):
    """The course of a membrane at rest after one spike, in volt above rest."""
    model = cell.model(dt)
    step = scalar_function(model.program)
    state = dict.fromkeys(model.program.inputs, 0.0) | {SINCE: LONG_AGO}
    rest = float(cell.constants["E_L"].split()[0]) * 1e-3
    state |= {"v": rest, "+syn": 1.0, "*syn": weight}
    course = []
    for _ in range(round(seconds / dt)):
        outputs = step(*(state[name] for name in model.program.inputs))
        state.update(zip(model.program.outputs, outputs, strict=True))
        state["+syn"] = 0.0
        course.append(state["v"] - rest)
    return np.array(course)


# -- named circuits ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CIRCUITS)
def test_every_named_circuit_can_be_read_at_its_size_and_smaller(name):
    for circuit in (named_circuit(name), named_circuit(name, scale=0.1)):
        check(circuit)
        assert circuit.name == name
        assert circuit.source


@pytest.mark.parametrize(
    ("name", "neurons"),
    [
        ("cuba", 4000),
        ("cobahh", 4000),
        ("mbody", 2600),
        ("brunel", 12_500),
        ("hpc-benchmark", 11_250),
        ("microcircuit", 77_169),
    ],
)
def test_sizes_are_as_published_and_by_either_measure(name, neurons):
    assert named_circuit(name).neurons == neurons
    assert named_circuit(name, neurons=neurons).neurons == neurons
    assert named_circuit(name, scale=1.0).neurons == neurons


def test_no_random_synapse_is_drawn_before_the_engine_does_it():
    for name in CIRCUITS:
        for projection in named_circuit(name).projections:
            assert not isinstance(projection.rule, Explicit)
            assert not isinstance(projection.weight, np.ndarray)


def test_cuba_and_cobahh_are_brettes():
    cuba, cobahh = named_circuit("cuba"), named_circuit("cobahh", neurons=8000)
    assert [p.size for p in cuba.populations] == [3200, 800]
    assert {p.rule for p in cuba.projections} == {Bernoulli(0.02, autapses=True)}
    weights = {p.source: drawn(p.weight, VOLT, "").a for p in cuba.projections}
    assert weights == pytest.approx({"E": 60 * 0.27e-3 / 10, "I": -20 * 4.5e-3 / 10})
    assert {p.rule.p for p in cobahh.projections} == {0.125}
    assert {p.rule.p for p in named_circuit("cobahh", neurons=200).projections} == {1.0}


@pytest.mark.parametrize(
    ("neurons", "joined", "k"),
    [(2600, None, 1.0), (5100, None, 0.5), (20_100, 0.5, 0.25)],
)
def test_mbody_scales_as_the_benchmark(neurons, joined, k):
    synapses = projections(mbody(neurons, seconds=0.2))
    learnt = synapses["iKC", "eKC"]
    assert learnt.rule == (AllToAll() if joined is None else Bernoulli(joined))
    assert isinstance(learnt.weight, Mixture)
    assert learnt.weight.share == 0.2
    active, silent = (
        drawn(part, SIEMENS, "") for part in (learnt.weight.first, learnt.weight.second)
    )
    assert (active.a, active.b) == pytest.approx((2.5e-9 * k, 0.5e-9 * k))
    assert (silent.a, silent.b) == pytest.approx((0, 3.75e-10 * k * k))
    w_max, step = (
        drawn(learnt.plasticity.constants[name], SIEMENS, "").a for name in ("w_max", "step")
    )
    assert (w_max, step) == pytest.approx((3.75e-9 * k, 0.1e-9 * k))
    assert synapses["PN", "iKC"].rule == Bernoulli(0.15)
    assert drawn(synapses["PN", "iKC"].weight, SIEMENS, "").a == pytest.approx(6.75e-9)
    assert drawn(synapses["eKC", "eKC"].weight, SIEMENS, "").a == pytest.approx(50.625e-9)
    assert projections(mbody(neurons, plasticity=False))["iKC", "eKC"].plasticity is None


def test_odours_come_every_50_ms_and_are_variants_of_ten():
    spikes = odours(20.0, seed=5)
    shown = (spikes.times // 0.05).astype(int)
    assert set(shown) == set(range(400))
    into = spikes.times - shown * 0.05
    assert into.min() > 0.001
    assert into.max() < 0.003
    assert (np.diff(spikes.times) >= 0).all()
    sets = [set(spikes.neurons[shown == k].tolist()) for k in range(400)]
    assert all(np.ptp(spikes.times[shown == k]) == 0 for k in range(400))
    # 20 neurons, of which a tenth is exchanged for any of all 100, some of them there already.
    assert 19.0 < np.mean([len(one) for one in sets]) < 19.8
    # Variants of one pattern share most neurons, those of two about 20 times 20 / 100.
    shared = np.array([[len(a & b) for a in sets[:60]] for b in sets[:60]])
    alike = shared > 10
    assert alike.sum(axis=1).max() < 30
    assert 13 < shared[alike & ~np.eye(60, dtype=bool)].mean() < 18
    assert 2 < shared[~alike].mean() < 6


def test_odours_are_those_of_the_seed_and_no_longer_than_asked():
    one, same, other = odours(1.0, 1), odours(1.0, 1), odours(1.0, 2)
    assert (one.times == same.times).all()
    assert (one.neurons == same.neurons).all()
    assert one.times.shape != other.times.shape or (one.times != other.times).any()
    assert odours(0.0515, 1).times.max() < 0.0515


def test_brunels_input_from_outside_alone_rests_at_its_multiple_of_the_threshold():
    circuit = named_circuit("brunel")
    constants = circuit.populations[0].model.constants
    assert (constants["V_th"], constants["tau_m"]) == ("20 mV", "20 ms")
    for drive in circuit.drives:
        assert drive.rate * drive.weight * 20e-3 == pytest.approx(2 * 20e-3)
    assert {p.rule for p in circuit.projections} == {FixedIn(1000), FixedIn(250)}
    assert {p.weight for p in circuit.projections} == {1e-4, -5e-4}


def test_a_plastic_brunel_is_the_hpc_benchmark():
    plastic = named_circuit("brunel", plasticity=True, scale=2.0)
    assert plastic.name == "hpc-benchmark"
    assert plastic.neurons == 22_500
    learns = {key: p.plasticity is not None for key, p in projections(plastic).items()}
    assert learns == {("E", "E"): True, ("E", "I"): False, ("I", "E"): False, ("I", "I"): False}
    held = named_circuit("hpc_benchmark", plasticity=False)
    assert all(p.plasticity is None for p in held.projections)
    assert {p.rule.k for p in held.projections} == {9000, 2250}


def test_a_weight_of_the_hpc_benchmark_brings_its_published_potential():
    """0.14 mV, after 1.700759 ms."""
    circuit = named_circuit("hpc_benchmark")
    weight = projections(circuit)["E", "E"].weight
    course = potential_after_one(circuit.populations[0].model, weight)
    assert weight == pytest.approx(45.61e-12, rel=1e-3)
    assert course.max() == pytest.approx(0.14e-3, rel=1e-4)
    assert (course.argmax() + 1) * 1e-5 == pytest.approx(1.700759e-3, abs=1e-5)
    # The rate at which such spikes alone hold v at 1.685 thresholds: by charge, not by formula.
    charge = course.sum() * 1e-5 / 10e-3 + course[-1]
    assert circuit.drives[0].rate * charge * 10e-3 == pytest.approx(1.685 * 20e-3, rel=1e-3)


def test_the_microcircuits_synapses_join_pairs_with_the_published_probability():
    circuit = microcircuit()
    assert [p.size for p in circuit.populations] == pd14.NEURONS.tolist()
    sizes = dict(zip(pd14.POPULATIONS, pd14.NEURONS, strict=True))
    probability = {
        (source, target): pd14.PROBABILITIES[i, j]
        for i, target in enumerate(pd14.POPULATIONS)
        for j, source in enumerate(pd14.POPULATIONS)
    }
    found = projections(circuit)
    assert found.keys() == {key for key, p in probability.items() if p}
    for (source, target), projection in found.items():
        pairs = float(sizes[source]) * float(sizes[target])
        # At least one of n synapses, each to a pair drawn with replacement.
        joined = -np.expm1(projection.rule.n * np.log1p(-1 / pairs))
        assert joined == pytest.approx(probability[source, target], rel=1e-4)
    assert sum(p.rule.n for p in circuit.projections) == pytest.approx(298_880_000, rel=1e-4)


def test_the_microcircuits_weights_bring_their_published_potentials():
    """0.15 mV, or 87.8 pA; inhibition four times that, and layer 4 to 2/3 twice."""
    circuit = microcircuit()
    cell = circuit.populations[0].model
    one = projections(circuit)["L4E", "L4E"].weight.mean
    assert one == pytest.approx(87.81e-12, rel=1e-4)
    assert potential_after_one(cell, one).max() == pytest.approx(0.15e-3, rel=1e-3)
    for (source, target), projection in projections(circuit).items():
        factor = 2 if (source, target) == ("L4E", "L23E") else 1 if source[-1] == "E" else -4
        assert projection.weight.mean == pytest.approx(factor * one)
        assert projection.weight.std == pytest.approx(abs(factor) * one / 10)
        assert (projection.weight.low == 0.0) == (factor > 0)
        assert projection.delay.mean == {"E": 1.5e-3, "I": 0.75e-3}[source[-1]]


def moments(circuit):
    """Mean current into a neuron of each population at the published rates, and its variance."""
    rates = dict(zip(pd14.POPULATIONS, pd14.RATES, strict=True))
    sizes = {p.name: p.size for p in circuit.populations}
    mean = {p.name: p.values["I_e"] for p in circuit.populations}
    variance = dict.fromkeys(mean, 0.0)
    arrivals = [
        (p.target, p.rule.n / sizes[p.target] * rates[p.source], p.weight.mean)
        for p in circuit.projections
    ] + [(d.target, d.rate, d.weight) for d in circuit.drives]
    for target, rate, weight in arrivals:
        mean[target] += rate * weight * 0.5e-3
        variance[target] += rate * weight**2 * 0.5e-3 / 2
    return np.array([mean[name] for name in rates]), np.array([variance[name] for name in rates])


@pytest.mark.parametrize(("scale", "synapses"), [(0.1, None), (0.1, 1.0), (1.0, 0.2), (0.5, 0.5)])
def test_a_smaller_microcircuit_takes_in_the_same_mean_and_variance(scale, synapses):
    full, small = microcircuit(), microcircuit(scale, synapses=synapses)
    assert small.neurons == pytest.approx(77_169 * scale, abs=4)
    for whole, part in zip(moments(full), moments(small), strict=True):
        # Numbers of neurons and sources are rounded: 106.5 neurons in layer 5, say.
        assert part == pytest.approx(whole, rel=1.5e-2 if scale < 0.5 else 3e-3)


def test_a_constant_drive_brings_the_mean_of_the_poisson_one():
    poisson, constant = microcircuit(), microcircuit(drive="dc")
    assert not constant.drives
    assert moments(constant)[0] == pytest.approx(moments(poisson)[0], rel=1e-12)
    assert (moments(constant)[1] < moments(poisson)[1]).all()


def test_diehl_and_cooks_inhibition_reaches_all_but_its_own_source():
    circuit = named_circuit("diehl_cook", neurons=100)
    assert [p.size for p in circuit.populations] == [784, 100, 100]
    to_all, back = (p for p in circuit.projections if p.source == "I")
    assert isinstance(to_all.rule, AllToAll)
    assert isinstance(back.rule, OneToOne)
    ones = [drawn(p.weight, VOLT, "").a for p in (to_all, back)]
    assert ones[0] == -ones[1] < 0
    # What is left of a spike after a step of 1 ms, as in BindsNET.
    assert ones[1] * np.exp(-0.01) == pytest.approx(17.5e-3)
    assert projections(circuit)["X", "E"].plasticity.constants["nu_post"] == "1e-2"
    assert projections(named_circuit("diehl_cook", plasticity=False))["X", "E"].plasticity is None


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"name": "brian"}, "no circuit 'brian'; known are cuba, cobahh, mbody, brunel, "),
        ({"name": "cuba", "neurons": 79}, "79 neurons; it must be a whole number from 80"),
        ({"name": "cuba", "neurons": 2**31}, "it must be a whole number from 80 to 2,147,483,647"),
        ({"name": "cuba", "neurons": 1e2 + 0.5}, "100.5 neurons; it must be a whole number"),
        ({"name": "cuba", "scale": 0}, "a scale of 0; it must be above 0, at most 536871"),
        ({"name": "cuba", "scale": float("nan")}, "a scale of nan"),
        ({"name": "cuba", "scale": float("inf")}, "a scale of inf"),
        ({"name": "cuba", "neurons": 100, "scale": 1}, "give its neurons or its scale, not both"),
        ({"name": "cuba", "plasticity": True}, "has no plasticity; mbody, hpc-benchmark, "),
        ({"name": "brunel", "neurons": 1001}, "1001 neurons; it must be a multiple of 50"),
        ({"name": "mbody", "neurons": 100}, "100 neurons; it must be a whole number from 101"),
        ({"name": "mbody", "seconds": -1}, "a length in seconds of -1"),
        ({"name": "mbody", "seed": -1}, "a seed of -1"),
        ({"name": "microcircuit", "scale": 1.5}, "a scale of 1.5; it must be above 0, at most 1"),
        ({"name": "microcircuit", "neurons": 5}, "0 neurons in the smallest population"),
        ({"name": "hpc_benchmark", "scale": 1e-4}, "0 excitatory neurons"),
        ({"name": "diehl_cook", "neurons": 1}, "1 excitatory neurons"),
    ],
)
def test_a_circuit_that_cannot_be_is_one_line(wish, message):
    with pytest.raises(CircuitError) as caught:
        named_circuit(**wish)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_drive_is_one_line():
    with pytest.raises(CircuitError, match="no drive 'ac'; there are poisson and dc"):
        microcircuit(drive="ac")


# -- TOML --------------------------------------------------------------------------------------


def loaded(text, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    return circuit_from_toml(path)


def test_the_example_of_the_documentation_is_read_as_it_says(tmp_path):
    circuit = loaded(EXAMPLE, tmp_path)
    assert circuit.name == "two layers"
    assert {p.name: p.size for p in circuit.populations} == {
        "input": 3, "noise": 50, "E": 400, "I": 100,
    }  # fmt: skip
    assert circuit.population("input").model.neurons.tolist() == [0, 2, 1]
    excitatory = circuit.population("E").model
    assert excitatory.constants["tau_m"] == "15 ms"
    assert excitatory.refractory == "1 ms"
    assert circuit.population("I").model.method == "exact"
    made = projections(circuit)
    assert made["E", "E"].rule == Bernoulli(0.1)
    assert made["E", "E"].plasticity.pre == {"pre": "17 ms"}
    assert made["E", "E"].plasticity.constants["w_max"] == "200 pA"
    assert made["E", "E"].delay.low == "0.1 ms"
    assert made["noise", "E"].plasticity == RULES["tsodyks_markram"]
    assert made["I", "E"].plasticity.post == {"y": "20 ms"}
    assert made["input", "E"].weight.tolist() == [1e-10, 2e-10, 1e-10]
    assert circuit.drives[0].rate == "1000 Hz"


def test_the_documentation_lists_the_library_and_the_named_circuits():
    listed = DOCUMENT.split("<!-- library: cells -->")[1].split("<!-- end of library -->")[0]
    cells, rules = (re.findall(r"`(\w+)`", part) for part in listed.split("Plasticity:"))
    assert cells == list(NEURONS)
    assert rules == list(RULES)
    assert re.findall(r"^\| `([\w-]+)`", DOCUMENT, re.MULTILINE) == list(CIRCUITS)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "two layers"', 'nome = "x"', "top: 'nome' is not known here; known are name, dt"),
        ('dt = "0.1 ms"', 'dt = "0.1 mV"', "dt: '0.1 mV' is in volt, but must be in second"),
        ('dt = "0.1 ms"', "dt = true", "top: 'dt' must be a number, or a text such as"),
        ("size = 400", "size = 4.5", "[populations.E]: 'size' must be a whole number"),
        ("size = 400", "size = 0", "population 'E': 0 neurons; there must be 1 to"),
        ("size = 400\n", "", "[populations.E]: 'size' is missing"),
        ('"lif_current_exp"', '"lif"', "[populations.E]: no cell 'lif'; known are lif_delta"),
        ('"lif_current_exp"', "3", "[populations.E]: 'cell' must be a text in quotes"),
        ('tau_m = "15 ms"', 'tau = "15 ms"', "'lif_current_exp': 'tau'; known are E_L, V_th"),
        ('tau_m = "15 ms"', 'tau_m = "15 mV"', "population 'E': equation for 'v'"),
        ("[populations.I]", '[populations.I]\ncell = "cuba"', "give one of cell, equations and"),
        ("dv/dt = (E_L - v + u)/tau", "dv/dt = (E_L - v + w)/tau", "population 'I': equation for"),
        ('threshold = "v > V_th"', 'threshold = "v"', "'I': threshold: 'v' is a number, not true"),
        ('method = "exact"', 'method = "magic"', "population 'I': no integrator 'magic'"),
        ('receptors = { ex = "u"', 'receptors = { ex = "g"', "receptor 'ex': 'g' is no variable"),
        ('values = { v = "-65 mV" }', "values = { x = 1 }", "population 'I': 'x' is no state"),
        ('values = { v = "-65 mV" }', 'values = { v = "1 pA" }', "'I': v: '1 pA' is in amp, but"),
        ('values = { v = "-65 mV" }', "values = { v = [1.0] }", "I': v: 1 values for 100 neurons"),
        ('uniform = ["-65 mV", "-50 mV"]', 'uniform = ["1 mV"]', "'uniform' must be its two ends"),
        ('std = "20 pA" }', 'spread = "20 pA" }', "I_e: 'spread' is not known here; known are"),
        ("times = [0.001,", 'times = ["a",', "spikes: 'times' must be a list of numbers"),
        ("neurons = [0, 2, 1]", "neurons = [0, 3, 1]", "'neurons' must be from 0 to 2"),
        ("neurons = [0, 2, 1]", "neurons = [0, 2]", "'times' are 3, but there are 2 neurons"),
        ('source = "noise"', 'source = "nose"', "no population 'nose'; there are input, noise"),
        ('receptor = "in"', 'receptor = "inh"', "no receptor 'inh'; it has ex, in"),
        ('name = "bernoulli", p = 0.1', 'name = "coin", p = 0.1', "'coin' is no rule; there are"),
        ("p = 0.1", "p = 1.1", "projection E to E (ex): a probability is 0 to 1, not 1.1"),
        ("p = 0.1", 'p = "0.1"', "[[projections]] number 3: rule 'bernoulli': 'p' must be a num"),
        ("n = 4000", "n = -1", "projection E to I (ex): a number of synapses is 0 to 2^48, not -1"),
        ("n = 4000", "k = 4000", "rule 'fixed_total': 'k' is not known here; known are name, n"),
        ('"all_to_all"', '"one_to_one"\ndelay = "-1 ms"', "(in): delay: a delay is not below zero"),
        ("targets = [10, 20, 30]", "targets = [10, 20, 400]", "whole numbers from 0 to 399"),
        ("targets = [10, 20, 30]", "targets = [10, 20]", "as many sources as targets are needed"),
        ("weight = [1e-10, 2e-10, 1e-10]", "weight = [1e-10]", "an array of 1; 3 are needed"),
        ('weight = "1.5 mV"', 'weight = "1.5 pA"', "E to I (ex): weight: '1.5 pA' is in amp, but"),
        ('"tsodyks_markram"', '"tsodyks"', "number 2: no plasticity rule 'tsodyks'; known are"),
        ('w_max = "200 pA"', 'w_max = "200 mV"', "E to E (ex): plasticity 'pair_stdp': on_pre"),
        ('w_max = "200 pA"', 'wmax = "200 pA"', "'wmax'; known are A_plus, A_minus, w_max, pre"),
        ('on_pre = "w = clip', 'on_spike = "w = clip', "plasticity: 'on_spike' is not known"),
        ('rate = "1000 Hz"', 'rate = "-1 Hz"', "drive of I: a rate is 0 to 1e9 Hz"),
        ('rate = "1000 Hz"', 'rate = "1 ms"', "drive of I: rate: '1 ms' is in second, but must"),
        ('weight = "1 mV"', "", "[[drives]] number 1: 'weight' is missing"),
        ("[populations.input]", "[populations.'in put']", "a name is a letter, then at most 39"),
        ("mixture = 0.2", "mixture = 2", "the share of a mixture is 0 to 1, not 2"),
        ("[[drives]]", "[[drives]", "is not TOML: "),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_one_line_that_names_it(old, new, message, tmp_path):
    assert old in EXAMPLE
    with pytest.raises(HalfbrainError) as caught:
        loaded(EXAMPLE.replace(old, new, 1), tmp_path)
    text = str(caught.value)
    assert text.startswith(f"{tmp_path / 'mine.toml'}: ")
    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize("text", ["", "populations = 3", "populations = {}", "x = [" * 2000])
def test_a_file_without_a_population_is_one_line(text, tmp_path):
    with pytest.raises(CircuitError) as caught:
        loaded(text, tmp_path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_not_text_is_one_line(tmp_path):
    with pytest.raises(CircuitError, match=r"none\.toml: cannot be read"):
        circuit_from_toml(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CircuitError, match=r"binary\.toml: cannot be read"):
        circuit_from_toml(tmp_path / "binary.toml")


def test_check_complains_of_what_python_code_gives_it_too():
    cell = NEURONS["cuba"]
    nothing = Neuron("x : 1", name="nothing")
    for population, projection, message in [
        (Population("E", cell, 3, {"v": np.zeros(2)}), None, "2 values for 3 neurons"),
        (Population("E", nothing, 3, {"y": 1.0}), None, "'y' is no state or parameter"),
        (
            Population("E", cell, 3),
            Projection("E", "E", "ex", Explicit([0], [9]), weight=0.0),
            "targets: must be whole numbers from 0 to 2",
        ),
        (
            Population("E", cell, 3),
            Projection("E", "E", "ex", AllToAll(), weight=np.zeros(8)),
            "an array of 8; 9 are needed",
        ),
    ]:
        circuit = Circuit((population,), (projection,) if projection else (), name="c")
        with pytest.raises(CircuitError, match=message):
            check(circuit)


# -- fuzz --------------------------------------------------------------------------------------

SMALL = """name = "s"
dt = "0.1 ms"
[populations.A]
size = 4
equations = '''
dv/dt = (E_L - v + u)/tau : volt (unless refractory)
du/dt = -u/(5*ms) + a*v/second : volt
a : 1
'''
constants = { E_L = "-65 mV", tau = "10 ms" }
threshold = "v > -50*mV and a < 1"
reset = "v = E_L; u += 1*mV"
refractory = "2 ms"
receptors = { ex = "u", in = "v" }
values = { v = { normal = "-60 mV", std = "1 mV", low = "-70 mV" }, a = 0.5 }
[populations.B]
size = 3
cell = "lif_delta"
[[projections]]
source = "A"
target = "B"
receptor = "syn"
rule = { name = "bernoulli", p = 0.1 }
weight = { mixture = 0.2, first = "1 mV", second = { uniform = ["0 mV", "2 mV"] } }
delay = "1 ms"
plasticity = { name = "pair_stdp", w_max = "3 mV" }
[[projections]]
source = "B"
target = "A"
receptor = "ex"
rule = { name = "explicit", sources = [0, 1], targets = [2, 3] }
weight = [1e-3, 2e-3]
[projections.plasticity]
pre = { x = "20 ms" }
post = { y = "20 ms" }
on_pre = "w = clip(w - 1*uV*y, 0, 1*mV)"
on_post = "w += 1*uV*x"
[[drives]]
target = "A"
receptor = "in"
rate = "100 Hz"
weight = "1 mV"
"""
NASTY = [
    "0", "-1", "1e999", "nan", "inf", "-0.0", "99999999999999999999", "true", "1979-05-27", "''",
    "[]", "{}", "'mV'", "'2 mV'", "'1 / 0'", "'0 ms'", "'v'", "[[]]", "[1, 'a']", "{ a = 1 }",
    '"\\n"', "'é'", "**", "(", ")", "/ 0", "exp(v)", "9**9**9", "v", "u", "w", "mV", "ms", "volt",
    "rand()", "and", "<", "=", ":", ",", "dv/dt", "__import__('os')", "lambda: 0", "name", "size",
    "rule", "\n", "'''", "#",
]  # fmt: skip
TOKENS = re.compile(r"\w+|\s+|[^\w\s]")


@st.composite
def mutated(draw, text):
    """A text with a few of its words left out, doubled, exchanged or replaced by something odd."""
    words = TOKENS.findall(text)
    for _ in range(draw(st.integers(1, 4))):
        if not words:
            break
        at = draw(st.integers(0, len(words) - 1))
        kind = draw(st.sampled_from(["drop", "double", "swap", "odd", "any", "cut"]))
        if kind == "drop":
            del words[at]
        elif kind == "double":
            words.insert(at, words[at])
        elif kind == "swap":
            other = draw(st.integers(0, len(words) - 1))
            words[at], words[other] = words[other], words[at]
        elif kind == "odd":
            words[at] = draw(st.sampled_from(NASTY))
        elif kind == "any":
            words[at] = draw(st.text(max_size=6))
        else:
            del words[at : at + draw(st.integers(1, 12))]
    return "".join(words)


def within_two_seconds(read):
    begun = time.process_time()
    try:
        read()
    except HalfbrainError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 2000
    assert time.process_time() - begun < 2


def test_the_small_circuit_is_whole(tmp_path):
    assert loaded(SMALL, tmp_path).neurons == 7


DOUBLING = "\n".join(f"s{k + 1} = sin(s{k}) + cos(s{k}) : 1" for k in range(60))
MANY = " : 1\n".join("uwxyz") + " : 1"


@pytest.mark.parametrize(
    "text",
    [
        f"s0 = u : 1\n{DOUBLING}\ndv/dt = s60/ms : 1\nu : 1",
        f"dv/dt = -v*(1 + u)**60*(1 + w)**60/ms : 1\n{MANY}",
        f"dv/dt = (1 + u)**64*(1 + w)**64*(1 + x)**64*(1 + v)/ms : 1\n{MANY}",
        f"dv/dt = -v*exp((1 + u)*(1 + w)*(1 + x)*(1 + y)*(1 + z))**9/ms : 1\n{MANY}",
        "dv/dt = (1 + v)**64*(2 + v)**64*(3 + v)**64/ms : 1",
        "dv/dt = -(((9**64)**64)**64)**2*v/ms : 1",
    ],
)
def test_a_model_that_would_grow_without_end_does_not(text):
    within_two_seconds(lambda: point_model(text, 1e-4))


def test_python_does_not_warn_of_a_users_text():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(HalfbrainError):
            point_model("dv/dt = 1or v/ms : 1", 1e-4)
    assert not caught


@settings(max_examples=FUZZ, deadline=None)
@given(text=mutated(SMALL))
def test_a_mutated_file_is_a_circuit_or_one_line(text, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_text(text, "utf-8", errors="replace")
    within_two_seconds(lambda: circuit_from_toml(path))


@settings(max_examples=FUZZ, deadline=None)
@given(data=st.data())
def test_mutated_equations_are_a_model_or_one_line(data):
    cell = NEURONS[
        data.draw(st.sampled_from(["lif_current_exp", "adex", "izhikevich", "mbody_ekc"]))
    ]
    parts = [cell.equations, cell.threshold, cell.reset or "v = 0", cell.refractory]
    which = data.draw(st.sampled_from([0, 0, 0, 1, 2, 3]))
    parts[which] = data.draw(mutated(parts[which]))
    within_two_seconds(
        lambda: point_model(
            parts[0], 1e-4, constants=cell.constants, threshold=parts[1], reset=parts[2],
            refractory=parts[3], receptors=cell.receptors, method=cell.method,
        )
    )  # fmt: skip
