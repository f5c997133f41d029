"""Streams of random numbers that belong to places, in compiled loops."""

import numpy as np
import pytest
from scipy import stats

from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import ModelError, RunError
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from halfbrain.random.compiled import philox4x32
from halfbrain.random.streams import DRAWN, binomial, nth, polar
from hand_mechanisms import cylinder

# Draws a number in every step where v is above a bound, and three in every event.
DRAWING = """
NEURON { POINT_PROCESS Drawing RANGE e, x, y, bound NONSPECIFIC_CURRENT i }
PARAMETER { e = -65 bound = 0 }
ASSIGNED { rng v i }
STATE { x y }
INITIAL { x = 0 y = 0 }
BREAKPOINT { SOLVE pick i = 1e-12*(v - e) }
PROCEDURE pick() { if (v > bound) { x = urand() } else { x = -1 } }
NET_RECEIVE (w) { y = urand() + 10*urand() + 100*urand() }
FUNCTION urand() {
VERBATIM
    _lurand = nrnran123_dblpick((nrnran123_State*)_p_rng);
ENDVERBATIM
}
"""
LOOPING = """
NEURON { POINT_PROCESS Looping RANGE n, x NONSPECIFIC_CURRENT i }
PARAMETER { n = 3 }
ASSIGNED { v i more }
STATE { x }
INITIAL { x = 0 more = n }
BREAKPOINT { i = 0*v }
NET_RECEIVE (w) { FROM k = 0 TO more - 1 { x = x + 1 } more = more + w }
"""


def uniforms(seed, ids, first, many):
    return np.array([nth(seed, *ids, n) for n in range(first, first + many)])


def test_a_stream_is_the_words_of_philox_blocks_one_after_the_other():
    words = [philox4x32(*map(np.uint64, (seq, 6, 4, 5)), np.uint64(9)) for seq in range(3)]
    expected = (np.array(words, float).ravel() + 1) / (2.0**32 + 1)
    assert np.array_equal(uniforms(9, (4, 5, 6), 0, 12), expected)


def cell(streams=None, places=3, bound=-100.0, text=DRAWING, **parameters):
    where = np.arange(places) % 5
    values = {"bound": bound, **parameters} if text is DRAWING else parameters
    return cylinder(5, 100.0, 2.0, 100.0, [Placed(read_mechanism(text), where, values, streams)])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_each_place_draws_its_own_stream_in_order(dtype):
    streams = np.array([[4, 5, 6], [2**32 - 1, 0, 7], [1, 1, 1]])
    simulation = CableSimulation([cell(streams)], dtype=dtype, seed=9)
    records = [simulation.record(0, k, "x", 0) for k in range(3)]
    simulation.event(0.5, 0, 0, 1, 1.0)
    y = simulation.record(0, 1, "y", 0)
    simulation.run(1.0)
    for k, record in enumerate(records):
        all_ = uniforms(9, streams[k], 0, 43)
        if k == 1:  # the event came before step 20, and took three
            three = all_[20:23] @ (1, 10, 100)
            assert simulation.recorded(y)[-1] == pytest.approx(three, rel=1e-6)
            all_ = np.delete(all_, [20, 21, 22])
        assert np.array_equal(simulation.recorded(record)[1:], all_[:40].astype(dtype))


def test_a_draw_that_is_not_taken_leaves_the_stream_as_it_is():
    bound = np.array([-100.0, 0.0, -100.0])
    simulation = CableSimulation([cell(bound=bound)], seed=1)
    table = simulation.units[0].tables[0]
    simulation.run(1.0)
    assert table.whole(DRAWN).flat[:3].tolist() == [40, 0, 40]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_stream_goes_on_past_what_a_number_of_its_precision_counts(dtype):
    simulation = CableSimulation([cell()], dtype=dtype)
    table = simulation.units[0].tables[0]
    table.whole(DRAWN)[:] = 2**24 + 1
    record = simulation.record(0, 0, "x", 0)
    simulation.run(1.0)
    expected = uniforms(0, (0, 0, 0), 2**24 + 1, 40).astype(dtype)
    assert np.array_equal(simulation.recorded(record)[1:], expected)


def test_streams_are_by_cell_mechanism_and_place_unless_they_are_given():
    simulation = CableSimulation([cell(), cell(places=40)])
    simulation.run(0.1)
    found = [t.row("x").ravel()[: t.count] for u in simulation.units for t in u.tables]
    assert len(set(np.concatenate(found))) == 43
    with pytest.raises(ModelError, match=r"three whole numbers below 2\^32 for each of its 3"):
        CableSimulation([cell(np.zeros((2, 3), int))])
    with pytest.raises(RunError, match="a seed is from 0"):
        CableSimulation([cell()], seed=-1)


def test_loops_over_sites_go_as_far_as_a_place_needs_or_say_so():
    n = np.array([3.0, 2.0, 20.0])
    simulation = CableSimulation([cell(text=LOOPING, n=n)])
    records = [simulation.record(0, k, "x", 0) for k in range(3)]
    for place in range(3):
        simulation.event(0.1, 0, 0, place, 0.0)
    simulation.run(1.0)
    assert [simulation.recorded(record)[-1] for record in records] == [3, 2, 20]
    simulation.event(1.1, 0, 0, 0, 50.0)
    simulation.run(1.0)
    simulation.event(2.1, 0, 0, 0, 0.0)
    with pytest.raises(RunError, match="Looping: a loop had to go 53 rounds and is unrolled to 20"):
        simulation.run(1.0)
    with pytest.raises(ModelError, match="has to go 5000 rounds at some place"):
        CableSimulation([cell(text=LOOPING, n=5000.0)])


@pytest.mark.parametrize(
    ("chance", "trials"), [(0.3, 12), (0.9, 20), (0.002, 300), (0.3, 400), (0.8, 1000), (0.5, 90)]
)
def test_binomial_deviates_are_binomial(chance, trials):
    at, found = 0, []
    for _ in range(20_000):
        successes, drawn = binomial(chance, float(trials), 1, 2, 3, 4, at)
        at += int(drawn)
        found.append(successes)
    spread = np.sqrt(trials * chance * (1 - chance))
    assert abs(np.mean(found) - trials * chance) < 5 * spread / np.sqrt(len(found))
    assert np.std(found) == pytest.approx(spread, rel=0.03)
    law = stats.binom(trials, chance)
    for quantile in (0.1, 0.5, 0.9):
        k = law.ppf(quantile)
        assert np.mean(np.array(found) <= k) == pytest.approx(law.cdf(k), abs=0.02)


def test_normal_deviates_are_normal():
    at, found = 0, []
    for _ in range(20_000):
        number, drawn = polar(1, 2, 3, 4, at)
        at += int(drawn)
        found.append(number)
    assert stats.kstest(found, "norm").pvalue > 1e-3
    assert at / len(found) == pytest.approx(2 / (np.pi / 4), rel=0.02)


def test_a_branch_that_no_place_takes_is_left_out():
    kept = simulation_operations(cell(bound=-100.0))
    assert kept["random"] == 3
    folded = read_mechanism(DRAWING.replace("if (v > bound)", "if (bound > 0)"))
    gone = cylinder(5, 100.0, 2.0, 100.0, [Placed(folded, np.arange(3), {"bound": -1.0})])
    assert simulation_operations(gone)["random"] == 0


def simulation_operations(one):
    (unit,) = CableSimulation([one]).units
    (table,) = unit.tables
    return table.calls["step"].operations
