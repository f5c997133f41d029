"""Connection rules against their distributions, and tables against what was drawn.

Seeds are fixed, so a test passes or fails for good; ``LEVEL`` is the chance that a right
implementation would have failed it with another seed.
"""

from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import halfbrain
from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Population, Projection
from halfbrain.codegen.kernel import BLOCK
from halfbrain.connectivity.degrees import Ends, Keys, rows_of
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
from halfbrain.connectivity.value import drawn as read
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.packing import COUNT, PACKED, WIDE
from halfbrain.equations.dimensions import NONE
from halfbrain.errors import CircuitError
from halfbrain.random.philox import key_of

LEVEL = 1e-3
CELL = Neuron("n : 1", receptors={"in": "n"}, name="cell")


def built(*projections, sizes=(300, 200), positions=(None, None), seed=1, **how):
    ends = zip("ab", sizes, positions, strict=True)
    populations = [
        Population(name, CELL, n, positions=None if at is None else at * 1e-6)
        for name, n, at in ends
    ]
    return PointGroup(Circuit(populations, projections, name="rules"), seed=seed, **how)


def drawn(rule, weight=1.0, delay=0.0, source="a", target="b", dtype="float64", **how):
    projection = Projection(source, target, "in", rule, weight=weight, delay=delay)
    return built(projection, dtype=dtype, **how).connections(0)


def degrees(c, sizes):
    return np.bincount(c.sources, minlength=sizes[0]), np.bincount(c.targets, minlength=sizes[1])


def fits(observed, expected):
    """Whether counts are those expected, by chi-square; rare kinds are pooled."""
    observed, expected = np.asarray(observed, float), np.asarray(expected, float)
    pooled, at = [], 0
    for k in range(1, len(expected) + 1):
        if expected[at:k].sum() >= 8 and (expected[k:].sum() >= 8 or k == len(expected)):
            pooled.append((observed[at:k].sum(), expected[at:k].sum()))
            at = k
    seen, wanted = np.array(pooled).T
    assert seen.sum() == observed.sum()
    assert len(seen) > 2
    return stats.chisquare(seen, wanted * seen.sum() / wanted.sum()).pvalue > LEVEL


def binomial(counts, n, p):
    """Whether counts are binomial."""
    kinds = np.arange(n + 1)
    return fits(np.bincount(counts, minlength=n + 1), len(counts) * stats.binom.pmf(kinds, n, p))


# -- which pairs ---------------------------------------------------------------------------------


def test_one_to_one():
    c = drawn(OneToOne(), sizes=(130, 130))
    np.testing.assert_array_equal(c.sources, np.arange(130))
    np.testing.assert_array_equal(c.targets, np.arange(130))


@pytest.mark.parametrize("autapses", [False, True])
def test_all_to_all(autapses):
    pairs = np.array([(i, j) for i in range(70) for j in range(70) if autapses or i != j])
    c = drawn(AllToAll(autapses), source="a", target="a", sizes=(70, 5))
    np.testing.assert_array_equal(np.stack([c.sources, c.targets], axis=1), pairs)
    other = drawn(AllToAll(autapses), sizes=(20, 30))
    assert len(other.sources) == 600


@pytest.mark.parametrize("p", [0.03, 0.5, 0.97])
def test_bernoulli_pairs_are_drawn_each_on_its_own(p):
    sizes = 300, 200
    c = drawn(Bernoulli(p))
    rows, columns = degrees(c, sizes)
    assert binomial(rows, 200, p)
    assert binomial(columns, 300, p)
    assert stats.binomtest(len(c.sources), 300 * 200, p).pvalue > LEVEL
    # A pair never twice, and what one pair does says nothing about the next, nor the row below.
    matrix = np.zeros(sizes, int)
    np.add.at(matrix, (c.sources, c.targets), 1)
    assert matrix.max() == 1
    for one, other in ((matrix[:, 1:], matrix[:, :-1]), (matrix[1:], matrix[:-1])):
        assert stats.chi2_contingency(np.histogram2d(one.flat, other.flat, 2)[0]).pvalue > LEVEL


def test_bernoulli_at_its_ends():
    assert len(drawn(Bernoulli(0.0)).sources) == 0
    assert len(drawn(Bernoulli(1.0)).sources) == 300 * 200
    alone = drawn(Bernoulli(1.0), source="a", target="a")
    assert len(alone.sources) == 300 * 299
    assert (alone.sources != alone.targets).all()
    rare = [len(drawn(Bernoulli(1e-5), seed=seed).sources) for seed in range(200)]
    assert fits(np.bincount(rare, minlength=9), 200 * stats.poisson.pmf(range(9), 0.6))


def test_fixed_total():
    n = 40_000
    c = drawn(FixedTotal(n))
    rows, columns = degrees(c, (300, 200))
    assert len(c.sources) == n
    assert stats.chisquare(rows).pvalue > LEVEL
    assert stats.chisquare(columns).pvalue > LEVEL
    table = np.histogram2d(c.sources, c.targets, 20)[0]
    assert stats.chi2_contingency(table).pvalue > LEVEL
    pairs = np.bincount(c.sources * 200 + c.targets, minlength=300 * 200)
    assert binomial(pairs, 40, n / 40 / (300 * 200))


@pytest.mark.parametrize(("rule", "fixed"), [(FixedIn, 1), (FixedOut, 0)])
def test_fixed_degree(rule, fixed):
    sizes, k = (300, 200), 120
    c = drawn(rule(k))
    counts = degrees(c, sizes)
    assert (counts[fixed] == k).all()
    assert stats.chisquare(counts[1 - fixed]).pvalue > LEVEL
    assert binomial(counts[1 - fixed], sizes[fixed] * k, 1 / sizes[1 - fixed])
    assert stats.chi2_contingency(np.histogram2d(c.sources, c.targets, 20)[0]).pvalue > LEVEL
    pairs = np.bincount(c.sources * 200 + c.targets, minlength=300 * 200)
    assert binomial(pairs, k, 1 / sizes[1 - fixed])


@pytest.mark.parametrize("rule", [FixedIn, FixedOut])
def test_autapses_come_as_often_as_any_pair_or_not_at_all(rule):
    n, k = 200, 100
    among = {"source": "a", "target": "a", "sizes": (n, 1)}
    c = drawn(rule(k), **among)
    own = int((c.sources == c.targets).sum())
    assert stats.binomtest(own, n * k, 1 / n).pvalue > LEVEL
    without = drawn(rule(k, autapses=False), **among)
    assert len(without.sources) == n * k
    assert (without.sources != without.targets).all()
    # The others share what autapses would have got.
    gaps = (without.targets - without.sources) % n
    assert stats.chisquare(np.bincount(gaps, minlength=n)[1:]).pvalue > LEVEL
    # Between two populations nothing is an autapse.
    other = drawn(rule(k, autapses=False), sizes=(n, n))
    assert stats.binomtest(int((other.sources == other.targets).sum()), n * k, 1 / n).pvalue > LEVEL


def test_explicit_pairs_keep_their_weights_and_delays():
    rng = np.random.default_rng(2)
    i, j = rng.integers(0, 300, 5000), rng.integers(0, 200, 5000)
    weight, delay = rng.normal(0, 1, 5000), rng.integers(0, 30, 5000) * 1e-4
    c = drawn(Explicit(i, j), weight, delay)
    order = np.argsort(i, kind="stable")
    np.testing.assert_array_equal(c.sources, i[order])
    np.testing.assert_array_equal(c.targets, j[order])
    np.testing.assert_allclose(c.weights, weight[order], atol=1e-8)
    np.testing.assert_allclose(c.delays, delay[order], atol=1e-12)


def test_by_distance_each_pair_has_its_own_probability():
    rng = np.random.default_rng(5)
    at, to = rng.uniform(-200, 200, (300, 3)), rng.uniform(-200, 200, (200, 3))
    likely = 0.6 * np.exp(-((at[:, None] - to[None])[..., :2] ** 2).sum(axis=2) / (2 * 90.0**2))
    rule, seen = ByDistance(0.6, 90.0), np.zeros((300, 200))
    for seed in range(20):
        c = drawn(rule, positions=(at, to), seed=seed)
        np.add.at(seen, (c.sources, c.targets), 1)
    assert seen.max() <= 20
    # Of pairs about as likely, as many are joined as should be.
    edges = np.quantile(likely, np.linspace(0, 1, 41))[1:-1]
    group = np.searchsorted(edges, likely.ravel())
    mean = np.bincount(group, 20 * likely.ravel())
    spread = np.sqrt(np.bincount(group, 20 * (likely * (1 - likely)).ravel()))
    z = (np.bincount(group, seen.ravel()) - mean) / spread
    assert stats.kstest(z, "norm").pvalue > LEVEL
    # The third coordinate is the depth, which does not count.
    deep = at + np.array([0, 0, 1e4])
    assert np.array_equal(c.targets, drawn(rule, positions=(deep, to), seed=19).targets)


def test_weights_by_distance_say_nothing_of_which_pairs_there_are():
    at = np.zeros((300, 3)), np.zeros((200, 3))
    c = drawn(ByDistance(0.5, 10.0), Normal(0.0, 1.0), positions=at)
    assert binomial(np.bincount(c.sources, minlength=300), 200, 0.5)
    assert stats.kstest(c.weights, "norm").pvalue > LEVEL
    assert stats.spearmanr(c.weights, c.targets).pvalue > LEVEL
    assert stats.spearmanr(c.weights, c.sources).pvalue > LEVEL


def test_by_distance_needs_positions():
    with pytest.raises(CircuitError, match="by distance, but its targets have no positions"):
        drawn(ByDistance(0.5, 10.0), positions=(np.zeros((300, 3)), None))
    with pytest.raises(CircuitError, match=r"must be of shape \(300, 3\)"):
        drawn(ByDistance(0.5, 10.0), positions=(np.zeros((30, 3)), None))


# -- the same rule, as rows and as pairs ----------------------------------------------------------


def rules(most):
    """Rules, with what is at their ends."""
    k, autapses = st.integers(0, 12), st.booleans()
    p = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))
    return st.one_of(
        st.builds(AllToAll, autapses),
        st.builds(Bernoulli, p, autapses),
        st.builds(ByDistance, p, st.floats(1e-3, 1e3), autapses),
        st.builds(FixedTotal, st.integers(0, most)),
        st.builds(FixedIn, k, autapses),
        st.builds(FixedOut, k, autapses),
    )


@settings(max_examples=150, deadline=None)
@given(rules(500), st.integers(1, 40), st.integers(1, 40), st.booleans(), st.integers(0, 2**63))
def test_pairs_are_those_of_the_rows_and_keep_their_rule(rule, n, m, same, seed):
    m = n if same else m
    rng = np.random.default_rng(seed)
    at = rng.uniform(-50, 50, (n, 3))
    ends = Ends(n, m, same, (at, at if same else rng.uniform(-50, 50, (m, 3))))
    stream, key = Stream(seed, "x"), np.uint64(key_of(seed, "x/pair", "little"))
    apart = same and not getattr(rule, "autapses", True)
    if n == 1 and apart and isinstance(rule, FixedIn | FixedOut) and rule.k:
        with pytest.raises(CircuitError, match="x: a population of one without autapses"):
            pairs(rule, ends, stream)
        return
    source, target = pairs(rule, ends, stream)
    one = read(1.0, NONE, "one")
    rows = rows_of(rule, ends, one, one, Keys(key, key), "x")
    of_rows = rows.all()[:2]
    order = np.lexsort(of_rows)
    assert np.array_equal([source, target], [side[order] for side in of_rows])
    assert (rows.all()[2] == 1).all()
    assert ((source >= 0) & (source < n) & (target >= 0) & (target < m)).all()
    assert not (apart and (source == target).any())
    assert rows.highest_in_degree() >= np.bincount(target, minlength=m).max()
    possible = n * m - n * apart
    match rule:
        case AllToAll():
            assert len(source) == possible
        case Bernoulli(p) | ByDistance(p):
            assert len(set(zip(source, target, strict=True))) == len(source) <= possible
            assert p > 0 or len(source) == 0
            if p == 1 and isinstance(rule, Bernoulli):
                assert len(source) == possible
        case FixedTotal(k):
            assert len(source) == k
        case FixedIn(k):
            assert (np.bincount(target, minlength=m) == k).all()
        case FixedOut(k):
            assert (np.bincount(source, minlength=n) == k).all()


KNOWN = {
    "AllToAll": "3e4817cfe17d",
    "Bernoulli": "e156f2e71eac",
    "ByDistance": "903c65c819e3",
    "FixedTotal": "c61a131cf8e6",
    "FixedIn": "17f0a8790b22",
    "FixedOut": "ffb1d60676e7",
}


@pytest.mark.parametrize(
    "rule",
    [
        AllToAll(),
        Bernoulli(0.2),
        ByDistance(0.5, 40.0),
        FixedTotal(700),
        FixedIn(9, autapses=False),
        FixedOut(9, autapses=False),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_a_seed_draws_what_it_always_drew(rule):
    """These are what shipped counts rest on; a change of them is to be made once, and noted."""
    at = np.stack([np.arange(70.0), np.arange(70.0) ** 2 % 61, np.zeros(70)], axis=1)
    c = drawn(rule, Normal(1.0, 0.5, low=0.5), source="a", target="a", sizes=(70, 5),
              positions=(at, None), seed=12)  # fmt: skip
    made = np.stack([c.sources, c.targets, np.rint(c.weights * 1e6).astype(int)])
    found = blake2b(made.astype("<i8").tobytes(), digest_size=6).hexdigest()
    assert found == KNOWN[type(rule).__name__]


def test_each_rule_and_the_generator_are_written_once():
    package = Path(halfbrain.__file__).parent
    texts = {path: path.read_text("utf-8") for path in package.rglob("*.py")}

    def files(*words):
        return {
            path.relative_to(package).as_posix()
            for path, text in texts.items()
            if any(word in text.lower() for word in words)
        }

    assert files("0xd2511f53") == {"random/philox.py"}
    assert files("def key_of(seed") == {"random/philox.py"}
    # What turns a rule into pairs; NEST makes its own of the rules that it is told.
    assert files("case bernoulli(", "case fixedin(", "case fixedout(") == {
        "connectivity/rule.py", "connectivity/degrees.py", "compare/nest_rules.py"
    }  # fmt: skip
    assert files("ndtri") == {"connectivity/distribution.py", "random/arrays.py"}


# -- weights and delays --------------------------------------------------------------------------

DISTRIBUTIONS = {
    "normal": (Normal(2.0, 0.5), stats.norm(2, 0.5).cdf),
    "truncated": (
        Normal(1.0, 1.0, low=0.5, high=4.0),
        stats.truncnorm(-0.5, 3, loc=1, scale=1).cdf,
    ),
    "log-normal": (LogNormal(2.0, 0.4), stats.lognorm(0.4, scale=2).cdf),
    "uniform": (Uniform(1.0, 4.0), stats.uniform(1, 3).cdf),
    "mixture": (
        Mixture(0.3, Normal(1.0, 0.1), LogNormal(3.0, 0.2)),
        lambda x: 0.3 * stats.norm(1, 0.1).cdf(x) + 0.7 * stats.lognorm(0.2, scale=3).cdf(x),
    ),
    "mixture of a number": (
        Mixture(0.6, Uniform(1.0, 2.0), 3.0),
        lambda x: 0.6 * stats.uniform(1, 1).cdf(x) + 0.4 * (x >= 3),
    ),
}


def in_milliseconds(value):
    return {
        Normal: lambda v: Normal(*(None if x is None else x * 1e-3 for x in vars(v).values())),
        LogNormal: lambda v: LogNormal(v.median * 1e-3, v.sigma),
        Uniform: lambda v: Uniform(v.low * 1e-3, v.high * 1e-3),
        Mixture: lambda v: Mixture(v.share, in_milliseconds(v.first), in_milliseconds(v.second)),
        float: lambda v: v * 1e-3,
    }[type(value)](value)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_weights_have_their_distribution(name):
    value, cdf = DISTRIBUTIONS[name]
    c = drawn(FixedOut(100), value)
    chosen = c.weights[c.weights != 3.0] if "number" in name else c.weights
    scaled = (lambda x: cdf(x) / 0.6) if "number" in name else cdf
    assert len(chosen) > 10_000
    assert stats.kstest(chosen, scaled).pvalue > LEVEL
    if "number" in name:
        assert stats.binomtest(len(chosen), len(c.weights), 0.6).pvalue > LEVEL


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_delays_have_their_distribution_in_steps(name):
    value, cdf = DISTRIBUTIONS[name]
    c = drawn(Bernoulli(0.5), 1.0, in_milliseconds(value))
    steps = np.rint(c.delays / 1e-4).astype(int)
    np.testing.assert_allclose(c.delays, steps * 1e-4)
    edges = (np.arange(200) - 0.5) / 10
    assert fits(np.bincount(steps, minlength=199), len(steps) * np.diff(cdf(edges)))


VALUES = [Normal(5.0, 1.0), LogNormal(4.0, 0.3), Uniform(2.0, 8.0), Normal(3.0, 3.0, low=2.0)]
VALUES += [Mixture(0.5, Normal(3.0, 0.5), Uniform(5.0, 8.0))]


@pytest.mark.parametrize("weight", VALUES, ids=lambda v: type(v).__name__)
@pytest.mark.parametrize("delay", VALUES, ids=lambda v: type(v).__name__)
def test_nothing_about_a_synapse_says_anything_about_another_thing(weight, delay):
    same = Projection("a", "b", "in", FixedOut(50), weight=weight, delay=in_milliseconds(delay))
    simulation = built(same, same, dtype="float64", seed=7)
    c, other = (simulation.connections(i) for i in range(2))
    w = c.weights.reshape(300, 50)
    pairs = {
        "weight and delay": (c.weights, c.delays),
        "weight and target": (c.weights, c.targets),
        "delay and target": (c.delays, c.targets),
        "weights of neighbours in a row": (w[:, 1:].ravel(), w[:, :-1].ravel()),
        "weights of two rows": (w[1:].ravel(), w[:-1].ravel()),
        "weights of two projections": (c.weights, other.weights),
        "targets of two projections": (c.targets, other.targets),
        "delays of two projections": (c.delays, other.delays),
    }
    # Of 25 cases with 8 pairs each, one in 5 would fail at LEVEL by chance.
    bad = [name for name, pair in pairs.items() if stats.spearmanr(*pair).pvalue < LEVEL / 200]
    assert not bad


def test_another_seed_draws_another_circuit():
    one, other = (drawn(FixedOut(50), Normal(1.0, 0.1), seed=seed) for seed in (1, 2))
    assert stats.spearmanr(one.targets, other.targets).pvalue > LEVEL
    assert stats.spearmanr(one.weights, other.weights).pvalue > LEVEL
    assert (one.targets != other.targets).mean() > 0.98


# -- as they lie in memory -----------------------------------------------------------------------


def unpacked(simulation, index, projections):
    """The synapses of a table onto a population, sorted: source, target, steps, units."""
    (table,) = (t for t in simulation.tables if {d.projection for d in t.drawings} == projections)
    layout, found = simulation.layout, []
    for (_, first), nxt in pairwise([*table.sources, (0, len(table.offsets))]):
        for row in range(first, nxt[1]):
            for segment in range(layout.parts * table.delays):
                part, delay = divmod(segment, table.delays)
                low, high = table.offsets[row, segment : segment + 2]
                held = table.targets[low:high].astype(np.int64)
                weight = {
                    COUNT: lambda: np.full(len(held), table.weight),  # noqa: B023
                    WIDE: lambda: table.weights[low:high].astype(np.int64),  # noqa: B023
                    PACKED: lambda: held.astype(np.uint32).view(np.int32).astype(np.int64) >> 16,  # noqa: B023
                }[table.kind]()
                place = (held & 0xFFFF) - layout.local[index, part]
                target = place + layout.slices[index, part, 0] * BLOCK
                found += zip(
                    [row - first] * len(held), target, [delay + table.shortest] * len(held), weight,
                    strict=True,
                )  # fmt: skip
    return sorted(map(tuple, np.array(found, np.int64).tolist()))


RULES = [OneToOne(), AllToAll(), Bernoulli(0.1), FixedTotal(1500), FixedIn(9), FixedOut(9)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("weight", [1.5, Normal(0.0, 1.0)])
def test_tables_hold_what_was_drawn_for_any_threads_and_parts(rule, dtype, weight):
    projection = Projection("a", "a", "in", rule, weight=weight, delay=Uniform("0.2 ms", "2 ms"))
    tables = []
    for how in ({"threads": 1}, {"threads": 2}, {"threads": 3}, {"threads": 1, "parts": 5}):
        simulation = built(projection, sizes=(150, 7), dtype=dtype, **how)
        c, unit = simulation.connections(0), simulation.units[0]["in"]
        drawn_now = np.stack(
            [c.sources, c.targets, np.rint(c.delays / 1e-4), np.rint(c.weights / unit)], axis=1
        )
        tables.append(unpacked(simulation, 0, {projection}))
        assert tables[-1] == sorted(map(tuple, drawn_now.astype(np.int64).tolist()))
    assert all(table == tables[0] for table in tables)
