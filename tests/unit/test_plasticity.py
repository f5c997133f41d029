"""Rules of the library against an explicit sum, published curves and closed forms."""

import math

import numpy as np
import pytest

from halfbrain.cells.catalogue import named_rule
from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.circuits.toml_parts import plasticity_of
from halfbrain.circuits.toml_table import Table
from halfbrain.connectivity.rule import AllToAll, OneToOne
from halfbrain.engine.point.group import PointGroup

# Fires one step after a spike of 10 arrives, and takes the plastic synapse's weight elsewhere.
FIRES = Neuron(
    "v : 1\ng : 1",
    threshold="v > 5",
    reset="v = 0",
    receptors={"force": "v", "in": "g"},
    name="fires",
)
DT = 1e-4


def paired(rule, before, after, weight, delay=3e-3, dtype="float64", seconds=None):
    """One synapse; ``before`` and ``after`` are the steps in which its two sides fire."""
    circuit = Circuit(
        (
            Population("pre", SpikeList(np.array(before) * DT, np.zeros(len(before), int)), 1),
            # A spike of step s - 1 is there in step s.
            Population(
                "force", SpikeList((np.array(after) - 1) * DT, np.zeros(len(after), int)), 1
            ),
            Population("out", FIRES, 1, {"v": np.zeros(1), "g": np.zeros(1)}),
        ),
        (
            Projection("pre", "out", "in", AllToAll(), weight=weight, delay=delay, plasticity=rule),
            Projection("force", "out", "force", OneToOne(), weight=10.0),
        ),
        name="pair",
    )
    simulation = PointGroup(circuit, dtype=dtype, threads=1, record={("out", "g"): [0]})
    simulation.run(seconds or (max([*before, *after]) + 200) * DT)
    own = simulation.spikes.neurons == simulation.populations["out"].start
    assert simulation.spikes.steps[own].tolist() == list(after)
    return simulation


def weight_after(*arguments, **how):
    return paired(*arguments, **how).connections(0).weights[0]


def by_hand(before, after, delay, traces, on_pre, on_post, weight, nearest=False):
    """The weight, its traces summed over all spikes so far at each of them.

    ``traces`` gives each one's side and time constant.
    """
    shift = round(delay / DT)
    # At one step the target's spike is first.
    events = sorted([(s, 0) for s in after] + [(s + shift, 1) for s in before])
    for step, side in events:
        # Each side sees what is older; a source's spike sees a target's of its own step, too.
        seen = {}
        for name, (of, tau) in traces.items():
            until = step + (of < side)
            old = [s for s, kind in events if kind == of and s < until]
            parts = [math.exp(-(step - s) * DT / tau) for s in old]
            seen[name] = (parts[-1] if parts else 0.0) if nearest else sum(parts)
        weight = (on_pre if side else on_post)(weight, seen)
    return weight


def clipped(x, low, high):
    return min(max(x, low), high)


TWO = {"pre": (1, 20e-3), "post": (0, 20e-3)}
SIGMOID = {"pre": (1, 10e-3), "post": (0, 10e-3)}
TRIPLET = {"r1": (1, 16.8e-3), "r2": (1, 101e-3), "o1": (0, 33.7e-3), "o2": (0, 125e-3)}
CASES = {
    "pair_stdp": (
        {"w_max": "2"},
        TWO,
        lambda w, at: clipped(w - 0.00525 * 2 * at["post"], 0, 2),
        lambda w, at: clipped(w + 0.005 * 2 * at["pre"], 0, 2),
    ),
    "pair_stdp_nearest": (
        {"w_max": "2"},
        TWO,
        lambda w, at: clipped(w - 0.00525 * 2 * at["post"], 0, 2),
        lambda w, at: clipped(w + 0.005 * 2 * at["pre"], 0, 2),
    ),
    "power_law_stdp": (
        {"w_unit": "1"},
        {"pre": (1, 15e-3), "post": (0, 30e-3)},
        lambda w, at: clipped(w - 0.1 * 0.0513 * w * at["post"], 0, w),
        lambda w, at: w + 0.1 * w**0.4 * at["pre"],
    ),
    "triplet_stdp": (
        {"w_unit": "1", "w_max": "3"},
        TRIPLET,
        lambda w, at: clipped(w - at["o1"] * (7e-3 + 2.3e-4 * at["r2"]), 0, 3),
        lambda w, at: clipped(w + at["r1"] * (5e-10 + 6.2e-3 * at["o2"]), 0, 3),
    ),
    "triplet_stdp_hippocampus": (
        {"w_unit": "1", "w_max": "3"},
        TRIPLET | {"r2": (1, 946e-3), "o2": (0, 27e-3)},
        lambda w, at: clipped(w - at["o1"] * (1.6e-3 + 1.4e-3 * at["r2"]), 0, 3),
        lambda w, at: clipped(w + at["r1"] * (6.1e-3 + 6.7e-3 * at["o2"]), 0, 3),
    ),
    "mbody_stdp_sigmoid": (
        {"step": "0.02", "w_max": "2"},
        SIGMOID,
        lambda w, at: clipped(w - 0.02 * at["post"], 0, 2),
        lambda w, at: clipped(w + 0.02 * at["pre"], 0, 2),
    ),
    "post_pre": (
        {"w_unit": "1", "w_max": "2"},
        TWO,
        lambda w, at: clipped(w - 1e-4 * at["post"], 0, 2),
        lambda w, at: clipped(w + 1e-2 * at["pre"], 0, 2),
    ),
}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-4)])
@pytest.mark.parametrize("name", CASES)
def test_a_rule_is_the_sum_over_its_spikes(name, dtype, tolerance):
    changes, traces, on_pre, on_post = CASES[name]
    random = np.random.default_rng(6)
    # Some arrive in the very step in which the target fires; some meet none for a long time.
    before = np.unique(random.integers(1, 5000, 60))
    after = np.unique(np.concatenate([random.integers(40, 4900, 90), before[::4] + 30]))
    # The reset of a spike would undo what comes in the step behind it.
    after = after[np.diff(after, prepend=0) > 1]
    nearest = name in ("pair_stdp_nearest", "post_pre")
    # The power law has no bound, so it needs room to grow.
    start = 30.0 if name == "power_law_stdp" else 1.0
    wanted = by_hand(before, after, 3e-3, traces, on_pre, on_post, start, nearest)
    found = weight_after(named_rule(name, **changes), before, after, start, dtype=dtype)
    assert abs(wanted - start) > 100 * tolerance
    assert found - start == pytest.approx(
        wanted - start, rel=10 * tolerance, abs=tolerance * start / 10
    )


def pairing(frequency, lag, name="triplet_stdp"):
    """Change of the weight after 60 pairs, ``lag`` seconds from the source to the target."""
    starts = 500 + np.arange(60) * round(1 / frequency / DT)
    rule = named_rule(name, w_unit="1", w_max="100")
    return weight_after(rule, starts, starts + round(lag / DT), 10.0, delay=0.0) - 10.0


def test_triplets_depend_on_the_frequency_of_pairs_as_published():
    # Pfister and Gerstner 2006, fig. 2 (after Sjoestrom et al. 2001): source first, nothing at
    # 0.1 Hz and potentiation that grows; target first, depression that turns above some 40 Hz.
    first = [pairing(f, 10e-3) for f in (1, 10, 20, 40, 50)]
    second = [pairing(f, -10e-3) for f in (1, 10, 20, 50)]
    assert abs(first[0]) < 0.05
    assert np.all(np.diff(first) > 0)
    assert 0.3 < first[-1] < 1.5
    assert second[0] < -0.2
    assert second[1] < 0
    assert second[-1] > 0.2


def amplitudes(rule, steps, weight=1.0):
    """What each spike brought to a target that only counts."""
    simulation = paired(rule, steps, [], weight, delay=0.0)
    values = simulation.recorded[0].values[:, 0]
    return np.diff(values, prepend=0.0)[np.asarray(steps) + 1]


def test_short_term_synapses_follow_the_recursion_and_come_to_rest():
    U, up, down, gap = 0.04, 1.0, 0.1, 500
    found = amplitudes(named_rule("tsodyks_markram"), np.arange(1, 200) * gap)
    # NEST's form: u and x at a spike, of those at the last one.
    pu, px = math.exp(-gap * DT / up), math.exp(-gap * DT / down)
    u, x, wanted = U, 1.0, []
    for _ in found:
        wanted.append(u * x)
        x = 1 + (x - u * x - 1) * px
        u = U + u * (1 - U) * pu
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    rest_u = U / (1 - (1 - U) * pu)
    rest_x = (1 - px) / (1 - (1 - rest_u) * px)
    assert found[-1] == pytest.approx(rest_u * rest_x, rel=1e-3)
    assert found[1] > 1.2 * found[0]


def test_depressing_synapses_come_to_rest_where_the_closed_form_says():
    U, down, gap = 0.5, 0.8, 400
    found = amplitudes(named_rule("tsodyks_markram_depressing"), np.arange(1, 60) * gap)
    p = math.exp(-gap * DT / down)
    assert found[0] == pytest.approx(U, rel=1e-6)
    assert found[-1] == pytest.approx(U * (1 - p) / (1 - (1 - U) * p), rel=1e-5)
    assert np.all(np.diff(found) < 1e-9)


def test_a_weight_is_read_out_through_a_sigmoid():
    rule = named_rule("mbody_stdp_sigmoid", w_max="2", step="0.1")
    for weight in (0.0, 0.3, 1.0, 2.0):
        (found,) = amplitudes(rule, [10], weight)
        wanted = math.tanh(0.5 * (weight / 2 - 0.5)) + 1
        assert found == pytest.approx(wanted, rel=1e-6)


def test_the_order_of_two_spikes_in_a_step_can_be_asked_for_in_a_file():
    texts = (
        {"name": "pair_stdp", "w_max": 0.2, "source_first": True},
        {"pre": {"x": "20 ms"}, "on_post": "w += x", "source_first": True},
        {"name": "pair_stdp", "w_max": 0.2},
    )
    tables = [Table({"plasticity": text}, "projection", ("plasticity",)) for text in texts]
    assert [plasticity_of(table).source_first for table in tables] == [True, True, False]
