"""Circuits of detailed cells: their rules, and that nothing depends on an order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halfbrain.cells.detailed.ball_and_stick import ball_and_stick
from halfbrain.cells.detailed.classic import EXP_SYN
from halfbrain.circuits.circuit import SpikeList
from halfbrain.circuits.detailed.circuit import (
    Clamp,
    DetailedCircuit,
    DetailedPopulation,
    DetailedProjection,
    PoissonInput,
    Receptor,
)
from halfbrain.circuits.detailed.place import At
from halfbrain.circuits.detailed.synapses import drawn_synapses
from halfbrain.circuits.detailed.trains import poisson_spikes
from halfbrain.connectivity.degrees import Ends
from halfbrain.connectivity.draw import Stream
from halfbrain.connectivity.pairs import pairs
from halfbrain.connectivity.rule import (
    AllToAll,
    Bernoulli,
    ByDistance,
    Explicit,
    FixedIn,
    FixedOut,
    FixedTotal,
    OneToOne,
)
from halfbrain.connectivity.value import LogNormal, Mixture, Normal, Uniform
from halfbrain.engine import checkpoint
from halfbrain.engine.cable.group import CableGroup
from halfbrain.errors import CircuitError, RunError
from halfbrain.morphology.places import Place
from halfbrain.nmodl import read_mechanism

CELL = ball_and_stick()
SYN = Receptor("syn", EXP_SYN, {"tau": 2.0})
sizes = st.integers(1, 40)
seeds = st.integers(0, 2**40)


def population(name="P", size=10, positions=None):
    return DetailedPopulation(name, (CELL,), size, positions)


def circuit(*projections, populations=None, inputs=(), clamps=()):
    return DetailedCircuit(
        "test", populations or (population(),), (SYN,), projections, inputs, clamps
    )


def projection(rule, receptor="syn", **others):
    how = {"weight": 0.01, "delay": 1.0, **others}
    return DetailedProjection("P", "P", receptor, rule, **how)


def joined(rule, n, m=None, same=True, seed=1, at=None):
    m = n if m is None else m
    at = at or (np.zeros((n, 3)), np.zeros((m, 3)))
    return pairs(rule, Ends(n, m, same, at), Stream(seed, "test"))


@settings(deadline=None)
@given(n=sizes, m=sizes, k=st.integers(0, 12), seed=seeds)
def test_fixed_numbers_are_what_they_say(n, m, k, seed):
    source, target = joined(FixedIn(k), n, m, False, seed)
    assert (np.bincount(target, minlength=m) == k).all()
    source, target = joined(FixedOut(k), n, m, False, seed)
    assert (np.bincount(source, minlength=n) == k).all()
    source, target = joined(FixedTotal(k), n, m, False, seed)
    assert len(source) == len(target) == k
    for s, t in (joined(rule, n, m, False, seed) for rule in (FixedIn(k), FixedOut(k))):
        assert (s < n).all()
        assert (t < m).all()
        assert np.array_equal(np.lexsort((s, t)), np.arange(len(s)))


@settings(deadline=None)
@given(n=st.integers(2, 40), seed=seeds)
def test_no_neuron_reaches_itself_unless_it_may(n, seed):
    for rule in (
        AllToAll(),
        Bernoulli(0.5),
        FixedIn(5, autapses=False),
        FixedOut(5, autapses=False),
        ByDistance(0.5, 100.0),
    ):
        source, target = joined(rule, n, seed=seed)
        assert (source != target).all()
    source, target = joined(AllToAll(autapses=True), n, seed=seed)
    assert len(source) == n * n


@settings(deadline=None)
@given(n=st.integers(2, 30), p=st.floats(0, 1), seed=seeds)
def test_a_pair_does_not_know_how_many_others_there_are(n, p, seed):
    """Keyed by source and target, a pair is the same in a larger population."""
    small = set(zip(*joined(Bernoulli(p), n, seed=seed), strict=True))
    large = set(zip(*joined(Bernoulli(p), n + 7, seed=seed), strict=True))
    assert small == {(s, t) for s, t in large if s < n and t < n}


def test_pairs_are_joined_with_the_probability_asked_for():
    n = 300
    source, _ = joined(Bernoulli(0.1), n)
    assert len(source) == pytest.approx(0.1 * n * (n - 1), abs=4 * np.sqrt(0.09 * n * n))
    at = np.random.default_rng(1).uniform(-200, 200, (n, 3))
    source, target = joined(ByDistance(0.4, 80.0), n, at=(at, at))
    apart = ((at[:, None] - at[None])[..., :2] ** 2).sum(axis=2)
    likely = 0.4 * np.exp(-apart / (2 * 80.0**2))
    np.fill_diagonal(likely, 0)
    assert len(source) == pytest.approx(likely.sum(), abs=4 * np.sqrt(likely.sum()))
    near = apart[source, target] < 50**2
    expected = likely[apart < 50**2].sum()
    assert near.sum() == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_a_list_keeps_its_order_and_is_checked():
    source, target = joined(Explicit([3, 1, 3], [0, 2, 2]), 5)
    assert source.tolist() == [3, 1, 3]
    assert target.tolist() == [0, 2, 2]
    for wrong in (Explicit([9], [0]), Explicit([0.5], [0]), Explicit([0, 1], [0])):
        with pytest.raises(CircuitError, match="test"):
            joined(wrong, 5)
    with pytest.raises(CircuitError, match="one-to-one"):
        joined(OneToOne(), 3, 4)


@pytest.mark.parametrize(
    ("value", "mean", "std"),
    [
        (Normal(3.0, 0.5), 3.0, 0.5),
        (Uniform(1.0, 3.0), 2.0, 2 / 12**0.5),
        (LogNormal(2.0, 0.25), 2 * np.exp(0.25**2 / 2), None),
        (Mixture(0.25, 8.0, Uniform(0.0, 2.0)), 0.25 * 8 + 0.75, None),
        (Normal(0.0, 1.0, low=0.0), np.sqrt(2 / np.pi), np.sqrt(1 - 2 / np.pi)),
    ],
)
def test_numbers_are_of_their_distribution(value, mean, std):
    found = Stream(1, "x").numbers("y", value, np.arange(40_000))
    assert found.mean() == pytest.approx(mean, rel=0.02)
    if std:
        assert found.std() == pytest.approx(std, rel=0.03)


@settings(max_examples=30, deadline=None)
@given(seed=seeds, n=st.integers(2, 12), contacts=st.integers(1, 9))
def test_contacts_share_their_connection(seed, n, contacts):
    made = circuit(
        projection(
            FixedIn(3), contacts=contacts, weight=Normal(0.01, 0.002), delay=Uniform(1.0, 2.0)
        ),
        populations=(population(size=n),),
    )
    (some,) = drawn_synapses(made, seed)
    assert len(some) == 3 * n * contacts
    for values in (some.weight, some.delay, some.target):
        each = values.reshape(3 * n, contacts)
        assert (each == each[:, :1]).all()
    assert len(np.unique(some.weight)) == 3 * n
    again = drawn_synapses(made, seed)[0]
    assert np.array_equal(some.compartment, again.compartment)
    assert np.array_equal(some.weight, again.weight)
    other = drawn_synapses(made, seed + 1)[0]
    assert not np.array_equal(some.weight, other.weight)


def test_places_are_by_length_in_their_regions():
    rule = FixedTotal(4000)
    (some,) = drawn_synapses(circuit(projection(rule, place=Place(nearest="100 um"))), 1)
    assert (CELL.distance[some.compartment] >= 100).all()
    (some,) = drawn_synapses(circuit(projection(rule)), 1)
    basal = np.flatnonzero((CELL.section == 1) & (CELL.area > 0))
    counts = np.bincount(some.compartment, minlength=len(CELL.parent))[basal]
    assert counts.sum() == 4000
    assert abs(counts - 4000 / len(basal)).max() < 5 * np.sqrt(4000 / len(basal))
    (some,) = drawn_synapses(circuit(projection(rule, place=Place(("apical",)))), 1)
    assert (some.compartment == 0).all()
    at = At([1, 0, 1], [0.0, 0.5, 1.0])
    (some,) = drawn_synapses(circuit(projection(Explicit([0, 1, 2], [3, 4, 5]), place=at)), 1)
    assert some.compartment.tolist() == [basal[0], 0, basal[-1]]
    with pytest.raises(CircuitError, match="no section 7"):
        drawn_synapses(circuit(projection(Explicit([0], [1]), place=At([7], [0.5]))), 1)


def test_a_delay_grows_with_the_distance():
    at = np.array([[0.0, 0, 0], [300.0, 0, 0], [0, 400, 0]])
    made = circuit(
        projection(AllToAll(), delay=0.5, velocity=300.0), populations=(population("P", 3, at),)
    )
    (some,) = drawn_synapses(made, 1)
    found = dict(zip(zip(some.source, some.target, strict=True), some.delay, strict=True))
    assert found[0, 1] == found[1, 0] == pytest.approx(1.5)
    assert found[1, 2] == pytest.approx(0.5 + 500 / 300)


def test_spikes_from_outside_are_poisson_and_the_same_in_any_order():
    made = circuit(inputs=(PoissonInput("X", "P", "syn", 20.0, 30.0, 0.01, contacts=2),))
    (some,) = drawn_synapses(made, 3)
    assert len(some.source) == 200
    assert len(some) == 400
    second, first = poisson_spikes(some, 3, 1), poisson_spikes(some, 3, 0)
    for number, (times, who) in enumerate((first, second)):
        assert ((times >= 1000 * number) & (times < 1000 * (number + 1))).all()
        counts = np.bincount(who, minlength=200)
        assert counts.mean() == pytest.approx(30, abs=4 * np.sqrt(30 / 200))
        assert counts.var() == pytest.approx(30, rel=0.4)
        assert np.histogram(times % 1000, 10)[0].std() < 5 * np.sqrt(600)
    again = poisson_spikes(some, 3, 0)
    assert np.array_equal(first[0], again[0])
    half = circuit(inputs=(PoissonInput("X", "P", "syn", 0.5, 1.0, 0.01),),
                   populations=(population(size=1000),))  # fmt: skip
    assert len(drawn_synapses(half, 1)[0].source) == pytest.approx(500, abs=80)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: circuit(projection(AllToAll(), receptor="no")), "no receptor"),
        (lambda: circuit(clamps=(Clamp("Q", 0.1),)), "no population 'Q'"),
        (lambda: circuit(projection(AllToAll(), values={"no": 1.0})), "no parameter of ExpSyn"),
        (lambda: circuit(projection(AllToAll(), velocity=0.0)), "velocity"),
        (lambda: circuit(projection(AllToAll()), projection(AllToAll())), "given twice"),
        (lambda: circuit(populations=(population(size=0),)), "no neuron|0 neurons"),
        (lambda: circuit(populations=(population(positions=np.zeros((2, 3))),)), "positions"),
        (
            lambda: circuit(
                projection(AllToAll()),
                populations=(DetailedPopulation("P", SpikeList(np.zeros(0), np.zeros(0, int)), 2),),
            ),
            "no neuron",
        ),
        (lambda: drawn_synapses(circuit(projection(Bernoulli(2.0))), 1), "probability"),
        (lambda: drawn_synapses(circuit(projection(FixedIn(-1))), 1), "number of synapses"),
        (lambda: drawn_synapses(circuit(projection(AllToAll(), weight=[1.0])), 1), "1 numbers"),
        (lambda: drawn_synapses(circuit(projection(AllToAll(), contacts=1e6)), 1), "contacts"),
    ],
)
def test_a_mistake_is_one_line(made, says):
    with pytest.raises(CircuitError, match=says) as found:
        made()
    assert "\n" not in str(found.value)


def test_a_circuit_goes_on_from_its_checkpoint(tmp_path):
    inputs = (PoissonInput("X", "P", "syn", 20.0, 30.0, 0.002),)
    made = circuit(projection(FixedIn(3)), inputs=inputs)
    whole = CableGroup(made, seed=4, threads=1, record={"P": [2]})
    whole.run(1.1)  # over the end of a window of spikes from outside
    path = tmp_path / "checkpoint"
    first = CableGroup(made, seed=4, threads=2, record={"P": [2]})
    first.run(0.7)
    checkpoint.save(path, first)
    second = CableGroup(made, seed=4, threads=1, record={"P": [2]})
    checkpoint.load(path).restore(second)
    second.run(0.4)
    assert len(whole.spikes.steps) > 20
    assert np.array_equal(whole.spikes.steps, second.spikes.steps)
    assert np.array_equal(whole.spikes.neurons, second.spikes.neurons)
    assert np.array_equal(whole.voltages()[0].data, second.voltages()[0].data)
    with pytest.raises(RunError, match=r"is of another run: .*seed"):
        checkpoint.load(path).restore(CableGroup(made, seed=5))


def test_receptors_of_one_name_are_what_each_says():
    text = (
        "NEURON { POINT_PROCESS NAME RANGE e NONSPECIFIC_CURRENT i }\nPARAMETER { e = 0 }\n"
        "ASSIGNED { v i } STATE { g } INITIAL { g = 0 }\n"
        "BREAKPOINT { SOLVE d METHOD cnexp i = g*(v - e) }\nDERIVATIVE d { g' = -g/TAU }\n"
        "NET_RECEIVE (w) { g = g + w }"
    )

    def ends(*names):
        receptors, projections = [], []
        for number, (name, tau) in enumerate(zip(names, ("2", "9"), strict=True)):
            mechanism = read_mechanism(text.replace("NAME", name).replace("TAU", tau))
            receptors.append(Receptor(f"r{number}", mechanism))
            how = Explicit([0], [0]), 0.01, 1.0
            projections.append(DetailedProjection("S", "P", f"r{number}", *how))
        given = DetailedPopulation("S", SpikeList([0.001], [0]), 1)
        built = CableGroup(
            DetailedCircuit("c", (population(size=1), given), (*receptors,), (*projections,)),
            record={"P": [0]},
        )
        built.run(0.01)
        return built.voltages(2.5e-5)[0].data[-1, 0]

    assert ends("Same", "Same") == ends("One", "Other")
