"""Random numbers of a run: drives, thresholds and noise against their distributions.

Seeds are fixed; ``LEVEL`` is the chance that a right implementation fails with another one.
"""

import numba
import numpy as np
import pytest
from scipy import stats

from counters import feed, onto_counters
from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.update import poisson_table
from halfbrain.errors import CircuitError, ModelError
from halfbrain.random import compiled

LEVEL = 1e-3
COUNTER = Neuron("n : 1\nm : 1", receptors={"n": "n", "m": "m"}, name="counter")


def fits(observed, expected):
    """Whether counts are those expected, by chi-square; rare kinds are pooled."""
    observed, expected = np.asarray(observed, float), np.asarray(expected, float)
    expected = expected * observed.sum() / expected.sum()
    edges, total = [0], 0.0
    for k, wanted in enumerate(expected):
        total += wanted
        if total >= 8 and expected[k + 1 :].sum() >= 8:
            edges.append(k + 1)
            total = 0.0
    assert len(edges) > 1
    seen, wanted = (np.add.reduceat(x, edges) for x in (observed, expected))
    return stats.chisquare(seen, wanted).pvalue > LEVEL


def independent(one, other, kinds=4):
    """Whether two lists of small counts say nothing of each other, by chi-square."""
    table = np.zeros((kinds, kinds))
    np.add.at(table, (np.minimum(one, kinds - 1), np.minimum(other, kinds - 1)), 1)
    table = table[table.sum(axis=1) > 40][:, table.sum(axis=0) > 40]
    assert min(table.shape) > 1
    return stats.chi2_contingency(table).pvalue > LEVEL


def counts_of(drives, steps, size=200, populations=("p",), **how):
    """What drives of receptors n and m bring to each neuron of the first population each step."""
    cells = tuple(
        Population(name, COUNTER, size, {"n": np.zeros(size), "m": np.zeros(size)})
        for name in populations
    )
    record = {("p", "n"): range(size), ("p", "m"): range(size)}
    simulation = PointGroup(
        Circuit(cells, (), tuple(drives), name="driven"), **{"record": record, "seed": 4, **how}
    )
    simulation.run(steps * 1e-4)
    return [np.rint(np.diff(r.values, axis=0, prepend=0)).astype(int) for r in simulation.recorded]


# -- Poisson drives ------------------------------------------------------------------------------


@pytest.mark.parametrize("mean", [0.003, 0.4, 3.0, 40.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_drive_is_poisson_in_each_step(mean, dtype):
    counts, none = counts_of([PoissonDrive("p", "n", mean / 1e-4, 1.0)], 300, dtype=dtype)
    assert counts.shape == (300, 200)
    assert not none.any()
    kinds = np.arange(max(counts.max(), int(mean)) + 10)
    assert fits(np.bincount(counts.flat, minlength=len(kinds)), stats.poisson.pmf(kinds, mean))
    for axis in (0, 1):
        # Sums over steps, and over neurons, are Poisson as well; so no neuron differs.
        sums = counts.sum(axis=axis)
        total = counts.shape[axis] * mean
        spread = ((sums - total) ** 2 / total).sum()
        assert LEVEL < stats.chi2(len(sums)).cdf(spread) < 1 - LEVEL


def test_neighbours_steps_and_drives_are_independent():
    n, m = counts_of(
        [PoissonDrive("p", "n", 7000, 1.0), PoissonDrive("p", "m", 7000, 1.0)], 300, size=256
    )
    pairs = {
        "steps": (n[1:], n[:-1]),
        "drives": (n, m),
        **{f"neurons {gap} apart": (n[:, gap:], n[:, :-gap]) for gap in (1, 4, 16, 32, 64, 128)},
    }
    dependent = [name for name, (a, b) in pairs.items() if not independent(a.ravel(), b.ravel())]
    assert not dependent


def test_two_drives_of_one_receptor_add_up():
    both, _ = counts_of([PoissonDrive("p", "n", 5000, 1.0), PoissonDrive("p", "n", 5000, 3.0)], 400)
    one = stats.poisson.pmf(np.arange(12), 0.5)
    three = np.zeros(34)
    three[::3] = one
    wanted = np.convolve(one, three)
    assert fits(np.bincount(both.flat, minlength=len(wanted)), wanted)


def test_populations_and_seeds_have_numbers_of_their_own():
    drives = [PoissonDrive("p", "n", 7000, 1.0), PoissonDrive("q", "n", 7000, 1.0)]
    first, _ = counts_of(drives, 200, populations=("p", "q"))
    again, _ = counts_of(drives, 200, populations=("p", "q"), threads=1)
    second, _ = counts_of(drives, 200, populations=("q", "p"))
    seeded, _ = counts_of(drives, 200, populations=("p", "q"), seed=5)
    np.testing.assert_array_equal(first, again)
    assert independent(first.ravel(), second.ravel())
    assert independent(first.ravel(), seeded.ravel())


@pytest.mark.parametrize("mean", [0.0, 1e-9, 1e-3, 1.0, 30.0, 3e4])
def test_a_table_holds_the_distribution(mean):
    table = poisson_table(mean).astype(float)
    # A word is above threshold k with the chance of more than k spikes, to a few words.
    above = (2.0**32 - 1 - table) / 2.0**32
    np.testing.assert_allclose(above, stats.poisson.sf(np.arange(len(table)), mean), atol=3e-10)
    assert above[-1] == 0
    if mean == 0:
        assert not above.any()


def test_a_rate_that_is_no_number_is_one_line():
    with pytest.raises(CircuitError, match="drive of p: rate must be one number"):
        counts_of([PoissonDrive("p", "n", np.array([5.0, 6.0]), 1.0)], 1)
    with pytest.raises(CircuitError, match="drive of p: weight must be one number"):
        counts_of([PoissonDrive("p", "n", 5.0, np.ones(200))], 1)


# -- rand() and randn() --------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("chance", [1e-5, 0.02, 0.5])
def test_rand_in_a_threshold_fires_with_its_chance(chance, dtype):
    cell = Neuron("p : 1", threshold="rand() < p", name="coin")
    size, steps = 640, 4000 if chance < 0.01 else 400
    circuit = Circuit((Population("c", cell, size, {"p": chance}),), (), name="coins")
    simulation = PointGroup(circuit, dtype=dtype, seed=8)
    simulation.run(steps * 1e-4)
    spikes = simulation.spikes
    assert stats.binomtest(len(spikes.steps), size * steps, chance).pvalue > LEVEL
    if chance < 0.01:
        return
    fired = np.zeros((steps, size), int)
    fired[spikes.steps, spikes.neurons] = 1
    for axis in (0, 1):
        n = fired.shape[axis]
        kinds = stats.binom.pmf(np.arange(n + 1), n, chance)
        assert fits(np.bincount(fired.sum(axis=axis), minlength=n + 1), kinds)
    for gap in (1, 16, 64):
        assert independent(fired[:, gap:].ravel(), fired[:, :-gap].ravel())
    assert independent(fired[1:].ravel(), fired[:-1].ravel())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_randn_is_normal_and_white(dtype):
    # x is the last number drawn, since the reset of each step sets it anew.
    cell = Neuron(
        "x : 1\ny : 1", threshold="rand() < 2", reset="x = randn(); y = randn()", name="noise"
    )
    size, steps = 256, 300
    circuit = Circuit(
        (Population("n", cell, size, {"x": np.zeros(size), "y": np.zeros(size)}),), (), name="noise"
    )
    record = {("n", "x"): range(size), ("n", "y"): range(size)}
    simulation = PointGroup(circuit, dtype=dtype, seed=6, record=record)
    simulation.run(steps * 1e-4)
    x, y = (r.values[1:] for r in simulation.recorded)
    for values in (x, y):
        n = values.size
        assert stats.kstest(values.ravel(), "norm").pvalue > LEVEL
        assert abs(values.mean()) < 3.3 / np.sqrt(n)
        assert abs(values.var() - 1) < 3.3 * np.sqrt(2 / n)
    pairs = [(x, y), (x[1:], x[:-1]), (x[1:], y[:-1])]
    pairs += [(x[:, gap:], x[:, :-gap]) for gap in (1, 16, 32, 64)]
    for a, b in pairs:
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 3.9 / np.sqrt(a.size)
        # Box and Muller's pairs share a radius: sizes must not go together either.
        sizes = np.corrcoef(np.abs(a).ravel(), np.abs(b).ravel())[0, 1]
        assert abs(sizes) < 3.9 / np.sqrt(a.size)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_uniform_numbers_stay_within_0_and_1_and_use_every_bit(dtype):
    @numba.njit
    def made(words, out):
        compiled.block_uniforms(words, out, np.uint64(0))

    out = np.zeros(64, dtype)
    words = np.zeros(64, np.uint32)
    # Words count as signed numbers.
    words[:4] = 2**31, 2**31 + 1, 0, 2**31 - 1
    made(words, out)
    assert 0 < out[0] < out[1] < 1e-9
    assert out[2] == pytest.approx(0.5, abs=1e-9)
    assert 1 - 1e-7 < out[3] < 1


def test_a_number_once_drawn_stays_and_each_call_draws_its_own():
    reset = "x = randn(); y = x; z = randn() - randn(); u = randn(); u += randn(); u += randn()"
    cell = Neuron("x : 1\ny : 1\nz : 1\nu : 1", threshold="rand() < 2", reset=reset, name="draws")
    size = 3000
    simulation = PointGroup(Circuit((Population("n", cell, size),), (), name="d"), seed=2)
    simulation.run(3e-4)
    x, y, z, u = (simulation.state("n", name) for name in "xyzu")
    np.testing.assert_array_equal(x, y)
    assert stats.kstest(x, "norm").pvalue > LEVEL
    assert stats.kstest(z / np.sqrt(2), "norm").pvalue > LEVEL
    assert stats.kstest(u / np.sqrt(3), "norm").pvalue > LEVEL
    assert stats.spearmanr(x, z).pvalue > LEVEL


def test_a_random_number_that_equations_share_is_one():
    text = "xi = randn() : 1\nda/dt = xi/ms : 1\ndb/dt = -2*xi/ms : 1\ndc/dt = randn()/ms : 1"
    cell = Neuron(text, method="euler", name="shared")
    simulation = PointGroup(Circuit((Population("n", cell, 3000),), (), name="s"), dtype="float64")
    simulation.run(2e-4)
    a, b, c = (simulation.state("n", name) for name in "abc")
    np.testing.assert_allclose(b, -2 * a, rtol=1e-12)
    assert stats.kstest(c / (0.1 * np.sqrt(2)), "norm").pvalue > LEVEL
    assert stats.spearmanr(a, c).pvalue > LEVEL


@pytest.mark.parametrize("part", ["on_pre", "on_post", "deliver", "on_source"])
def test_a_rule_has_no_random_numbers(part):
    text = {"deliver": "w*rand()", "on_source": "x = rand()"}.get(part, "w *= rand()")
    rule = Plasticity("random", pre={"x": "20 ms"}, **{part: text})
    with pytest.raises(ModelError, match="plasticity 'random': a rule has no random numbers"):
        PointGroup(onto_counters(feed(1.0, 0.0, rule)))
