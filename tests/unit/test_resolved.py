"""One circuit for both kinds of neurons, and what each engine takes of it."""

import numpy as np
import pint
import pytest

import halfbrain as hb
from halfbrain.cells.detailed.ball_and_stick import ball_and_stick
from halfbrain.cells.detailed.classic import EXP_SYN
from halfbrain.circuits.detailed.circuit import DetailedCircuit, PoissonInput
from halfbrain.circuits.detailed.synapses import drawn_synapses
from halfbrain.circuits.named.ring import ring
from halfbrain.circuits.resolved import converted, placed, resolve
from halfbrain.connectivity.value import LogNormal, Mixture, Normal, Uniform
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.fingerprint import fingerprint
from halfbrain.errors import CircuitError, HalfbrainError, ModelError
from halfbrain.morphology.places import Place

ureg = pint.UnitRegistry()
BALL = ball_and_stick()
SYN = hb.Synapse("ExpSyn", tau="2 ms")
LIF = hb.neuron("lif_current_exp")


def own_ring(n=5, *, place=("basal", 0, 0.5), **how):
    """NEURON's ring through the front door."""
    number = np.arange(n)
    return hb.Circuit(
        [
            hb.Population("cells", BALL, n, receptors={"syn": SYN}, threshold="10 mV"),
            hb.Population("start", hb.SpikeList(["9 ms"], [0]), 1),
        ],
        [
            hb.Projection("cells", "cells", "syn", hb.pairs(number, (number + 1) % n),
                          weight="0.01 uS", delay="5 ms", place=place),
            hb.Projection("start", "cells", "syn", hb.pairs([0], [0]),
                          weight=0.04, delay=1e-3, place=place),
        ],
        **how,
    )  # fmt: skip


def both(**how):
    parts = {"contacts": 2, "place": "basal", "weight": "10 nS", "delay": "1 ms"} | how
    return hb.Circuit(
        [
            hb.Population("given", hb.SpikeList([0.01], [1]), 2),
            hb.Population("points", LIF, 4),
            hb.Population("balls", BALL, 3, receptors={"exc": SYN}),
            hb.Population("silent", LIF, 1),
        ],
        [
            hb.Projection("given", "points", "ex", hb.all_to_all(), weight="1 nA"),
            hb.Projection("points", "balls", "exc", hb.bernoulli(0.5), **parts),
            hb.Projection("balls", "points", "ex", hb.bernoulli(0.5), weight="1 nA"),
        ],
        [
            hb.PoissonDrive("points", "ex", "10 Hz", "1 nA"),
            hb.PoissonDrive("balls", "exc", 5, 0.01),
        ],
    )


def test_the_ring_is_that_of_the_internal_form_bit_for_bit():
    old, new = CableGroup(ring(5), seed=3), CableGroup(resolve(own_ring()).cables, seed=3)
    for built in (old, new):
        built.run(0.05)
    assert len(old.spikes.steps) > 3
    assert np.array_equal(old.spikes.steps, new.spikes.steps)
    assert np.array_equal(old.spikes.neurons, new.spikes.neurons)


def test_the_ring_says_the_same_as_the_internal_form():
    found, wanted = resolve(own_ring()).cables, ring(5)
    assert found.dt == wanted.dt
    for one, other in zip(found.projections, wanted.projections, strict=True):
        assert (one.name, one.weight, one.delay) == (other.name, other.weight, other.delay)
    assert found.receptors[0].values == wanted.receptors[0].values
    assert found.populations[0].threshold == wanted.populations[0].threshold


def test_point_neurons_alone_stay_the_circuit_that_they_were():
    circuit = hb.Circuit([hb.Population("E", "lif_current_exp", 5)])
    found = resolve(circuit)
    assert found.points is circuit
    assert found.cables is None
    assert circuit.populations[0].model is hb.neuron("lif_current_exp") or (
        circuit.populations[0].model == hb.neuron("lif_current_exp")
    )


def test_a_detailed_circuit_stays_as_it_is():
    circuit = ring(5)
    assert resolve(circuit).cables is circuit


def test_both_kinds_come_apart():
    found = resolve(both())
    assert [p.name for p in found.points.populations] == ["given", "points", "balls", "silent"]
    assert [p.name for p in found.cables.populations] == ["points", "balls"]
    assert (found.to_points, found.to_cables) == (("balls",), ("points",))
    assert len(found.points.population("balls").model.times) == 0
    assert len(found.cables.population("points").cells.times) == 0
    assert [p.name for p in found.points.projections] == [
        "given to points (ex)", "balls to points (ex)"
    ]  # fmt: skip
    (own,) = found.cables.projections
    assert (own.name, own.weight, own.delay, own.contacts) == (
        "points to balls (exc)", pytest.approx(0.01), 1.0, 2
    )  # fmt: skip
    assert own.place == "basal"
    assert found.points.dt == "25 us"
    assert found.cables.dt == 0.025
    (drive,) = found.cables.inputs
    assert isinstance(drive, PoissonInput)
    assert (drive.rate, drive.weight, drive.connections) == (5.0, 0.01, 1)
    assert len(found.points.drives) == 1


def test_given_spikes_go_where_they_are_heard():
    given = hb.Population("given", hb.SpikeList([0.01], [1]), 2)
    balls = hb.Population("balls", BALL, 3, receptors={"exc": SYN})
    points = hb.Population("points", LIF, 4)
    onto = [hb.Projection("given", "balls", "exc", hb.all_to_all(), weight=0.1)]
    found = resolve(hb.Circuit([given, balls, points], onto))
    assert [p.name for p in found.points.populations] == ["points"]
    assert found.cables.population("given").cells is given.model
    assert (found.to_points, found.to_cables) == ((), ())
    onto.append(hb.Projection("given", "points", "ex", hb.all_to_all(), weight=0.1))
    found = resolve(hb.Circuit([given, balls, points], onto))
    assert found.points.population("given").model is given.model
    assert len(found.cables.population("given").cells.times) == 0
    assert found.to_cables == ("given",)


def test_receptors_of_one_name_that_differ_are_told_apart():
    slow = hb.Synapse("ExpSyn", tau="20 ms")
    circuit = hb.Circuit(
        [
            hb.Population("a", BALL, 2, receptors={"exc": SYN}),
            hb.Population("b", BALL, 2, receptors={"exc": hb.Synapse("ExpSyn", tau="2 ms")}),
            hb.Population("c", BALL, 2, receptors={"exc": slow}),
        ],
        [hb.Projection("a", x, "exc", hb.all_to_all(), weight=0.01) for x in "abc"],
    )
    found = resolve(circuit).cables
    assert [p.receptor for p in found.projections] == ["exc", "exc", "c.exc"]
    assert [r.values["tau"] for r in found.receptors] == [2.0, 20.0]
    assert all(r.mechanism is EXP_SYN for r in found.receptors)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("5 ms", 5.0),
        (0.005, 5.0),
        (5 * ureg.ms, 5.0),
        (Normal("5 ms", 0.001, low="1 ms"), Normal(5.0, 1.0, 1.0, None)),
        (Uniform(0, "2 ms"), Uniform(0.0, 2.0)),
        (LogNormal("2 ms", 0.5), LogNormal(2.0, 0.5)),
        (Mixture(0.5, "1 ms", Uniform("1 ms", "2 ms")), Mixture(0.5, 1.0, Uniform(1.0, 2.0))),
    ],
)
def test_times_become_milliseconds(given, expected):
    found = converted(given, "ms", "here", 1e3)
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


def test_arrays_become_milliseconds():
    for given in (["5 ms", "7 ms"], np.array([0.005, 0.007]), [5, 7] * ureg.ms, [0.005, "7 ms"]):
        assert converted(given, "ms", "here", 1e3) == pytest.approx([5, 7])


def test_places():
    assert placed(None, "here") == Place()
    for place in ("soma", ("soma", 0.5), ("apical", 3, 0.2), hb.Place("apical", "1 um", "2 um")):
        assert placed(place, "here") is place
    assert placed(["basal", "apical"], "here") == ("basal", "apical")
    with pytest.raises(ModelError, match="here: 7 is no place on a cell; write"):
        placed(7, "here")
    with pytest.raises(ModelError, match="here: nearest is 2 um and farthest 1 um"):
        placed(hb.Place("apical", "2 um", "1 um"), "here")


def test_synapses_are_where_their_place_is():
    for place, regions, low, high in (
        ("basal", {"basal"}, 0, 1e9),
        ("soma", {"soma"}, 0, 1e9),
        (hb.Place("basal", "50 um", "100 um"), {"basal"}, 50, 100),
        (("basal", 0.5), {"basal"}, 80, 120),
    ):
        found, _ = drawn_synapses(resolve(own_ring(place=place)).cables, 1)
        at = found.compartment
        assert {BALL.regions[s] for s in BALL.section[at]} == regions
        assert BALL.distance[at].min() >= low
        assert BALL.distance[at].max() <= high


def test_a_place_that_a_cell_has_not_is_one_line():
    built = resolve(both(place=("apical", 3, 0.2))).cables
    with pytest.raises(ModelError, match="the cell has no 'apical'"):
        CableGroup(built)


def test_the_parts_of_a_circuit_are_lists_or_tuples():
    one = hb.Circuit([hb.Population("E", LIF, 2)], [])
    other = hb.Circuit((hb.Population("E", LIF, 2),), ())
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: hb.Circuit("E"), "circuit 'circuit': its populations are a list"),
        (lambda: hb.Circuit([1]), "circuit 'circuit': '1' is no Population"),
        (lambda: hb.Circuit([]), "circuit 'circuit': has no population"),
        (
            lambda: hb.Population("E", LIF, 2, receptors={"exc": SYN}),
            "population 'E': receptors and kinds are of detailed cells",
        ),
        (
            lambda: hb.Population("E", BALL, 2, {"v": 0}),
            "population 'E': detailed cells have no values; set them in the cell",
        ),
        (lambda: hb.Population("E", LIF, 0), "population 'E': 0 neurons; there must be 1 to"),
        (
            lambda: hb.Circuit(
                [hb.Population("E", LIF, 2)],
                [hb.Projection("E", "E", "ex", hb.all_to_all(), weight=0, place="soma")],
            ),
            "projection E to E (ex): contacts, place, velocity and values are of synapses",
        ),
        (
            lambda: hb.Circuit(
                [hb.Population("b", BALL, 2, receptors={"exc": SYN})],
                [hb.Projection("b", "b", "inh", hb.all_to_all(), weight=0)],
            ),
            "projection b to b (inh): population 'b' has no receptor 'inh'; it has exc",
        ),
        (
            lambda: resolve(hb.Circuit([hb.Population("E", "adx", 2)])),
            "no neuron, cell or file 'adx'",
        ),
        (
            lambda: resolve(hb.Circuit([hb.Population("E", 5, 2)])),
            "its model is no neuron, cell or",
        ),
        (lambda: resolve(3), "this is no Circuit: '3'"),
        (
            lambda: hb.Synapse("Exp3Syn"),
            "no mechanism 'Exp3Syn'; there are pas, hh, ExpSyn, Exp2Syn",
        ),
        (lambda: hb.Synapse("ExpSyn", tau3=1), "synapse ExpSyn: 'tau3' is no parameter; there are"),
        (
            lambda: resolve(both(weight="1 mV")),
            "projection points to balls (exc): weight: '1 mV' is in",
        ),
        (
            lambda: resolve(both(delay="1 mV")),
            "projection points to balls (exc): delay: '1 mV' is in",
        ),
        (lambda: hb.SpikeList([1, 2], ["a", "b"]), "given spikes are a list of seconds and one of"),
        (
            lambda: hb.SpikeList(["1 mV"], [0]),
            "given spikes: '1 mV' is in volt, but must be in second",
        ),
    ],
)
def test_what_cannot_be_is_one_line(make, message):
    with pytest.raises(HalfbrainError) as error:
        make()
    assert isinstance(error.value, CircuitError | ModelError)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_the_time_step_depends_on_the_cells():
    assert hb.Circuit([hb.Population("E", LIF, 2)]).dt == "0.1 ms"
    assert own_ring().dt == "25 us"
    assert resolve(own_ring(dt=50 * ureg.us)).cables.dt == pytest.approx(0.05)
    assert isinstance(resolve(own_ring()).cables, DetailedCircuit)
