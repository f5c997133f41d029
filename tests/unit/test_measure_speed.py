"""Speed at several sizes: the fit against known times, and what is shown of it."""

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from halfbrain.contenders.counted import as_data
from halfbrain.contenders.measured import Part, Run, differing
from halfbrain.contenders.registry import contenders
from halfbrain.contenders.runs import blue_brain, spiking
from halfbrain.contenders.runs.speed import speed
from halfbrain.contenders.runs.spiking import Sample
from halfbrain.forecast.scenario import load_scenario
from halfbrain.report import page
from halfbrain.report.document import estimate_document
from halfbrain.report.terminal import print_estimate
from test_measure import PEAK, TINY

OTHERS = (
    Sample("microcircuit", 1544, 0.02),
    Sample("cobahh", 300, 0.02),
    Sample("mbody", 400, 0.05),
)
KINDS = ("update", "spike", "event")
seconds = st.lists(st.floats(1e-10, 1e-6), min_size=3, max_size=3)


def run_with(*parts, circuit="a", neurons=10, figures=None):
    wall = sum(part.seconds for part in parts)
    return Run(circuit, neurons, 0, 1.0, 1, 0, 0, 0, 1, 1, figures or {}, wall, parts)


def runs_of(times, noise=(1.0,) * 4):
    """Runs whose work is known, that take their time for each piece of it, more or less."""
    update, spike, event = times
    works = ((1e6, 1e3, 1e5), (4e6, 1e3, 2e6), (2e6, 9e3, 1e6), (3e5, 50.0, 4e4))
    found = []
    for (updates, spikes, events), factor in zip(works, noise, strict=True):
        first = Part(factor * update * updates, {"update": updates})
        second = Part(
            factor * (spike * spikes + event * events), {"spike": spikes, "event": events}
        )
        found.append(run_with(first, second))
    return found


@given(seconds)
def test_without_noise_the_fit_gives_the_times_back(times):
    found = speed(runs_of(times))
    update, spike, event = times
    # A kind that takes next to nothing of every run leaves no trace in double precision.
    assert found.seconds["update"] == pytest.approx(update, rel=1e-6)
    together = 9e3 * spike + 1e6 * event
    fitted = 9e3 * found.seconds["spike"] + 1e6 * found.seconds["event"]
    assert fitted == pytest.approx(together, rel=1e-6)
    if 0.1 < 1e3 * spike / (2e6 * event) < 10:
        assert list(found.seconds.values()) == pytest.approx(times, rel=1e-6)
    assert found.largest < 1e-9
    assert tuple(found.seconds) == KINDS


@given(seconds, st.lists(st.floats(0.8, 1.25), min_size=4, max_size=4))
def test_no_time_is_below_zero_and_residuals_are_of_the_whole_run(times, noise):
    runs = runs_of(times, noise)
    found = speed(runs)
    assert min(found.seconds.values()) >= 0
    for run, residual in zip(runs, found.residuals, strict=True):
        again = sum(found.seconds[k] * n for part in run.parts for k, n in part.work.items())
        assert residual == pytest.approx(again / run.wall_seconds - 1)
    # Noise of every run is between these, and the fit is between the runs.
    assert found.largest <= 1.25 / 0.8 - 1 + 1e-9


def test_a_short_run_weighs_as_much_as_a_long_one():
    """Of two that contradict each other the least squares of shares are worked out by hand."""
    short, long = run_with(Part(1.0, {"x": 1.0})), run_with(Part(200.0, {"x": 100.0}))
    found = speed([short, long])
    # Minimise (c - 1)^2 + (c / 2 - 1)^2.
    assert found.seconds["x"] == pytest.approx(1.2)
    assert found.residuals == pytest.approx((0.2, -0.4))
    assert found.largest == pytest.approx(0.4)


def test_what_costs_nothing_is_zero():
    runs = [run_with(Part(2.0, {"x": 1.0, "y": 0.0})), run_with(Part(1.0, {"x": 1.0, "y": 1.0}))]
    assert speed(runs).seconds["y"] == 0


def test_counts_that_are_others_at_another_size_are_named():
    small = run_with(Part(1.0, {"x": 1.0}), figures={"f": 14.0, "b": 4.0})
    large = run_with(Part(1.0, {"x": 1.0}), neurons=99, figures={"f": 14.0 + 1e-12, "b": 5.0})
    other = run_with(Part(1.0, {"x": 1.0}), circuit="c", figures={"f": 88.0})
    assert differing([small, large, other]) == {("b", "a"): (4.0, 5.0)}


@pytest.fixture(scope="module")
def found():
    return spiking.measure(TINY, OTHERS, peak=PEAK)


def test_circuits_are_run_at_their_sizes_in_order(found):
    sizes = [(run.circuit, run.neurons) for run in found.sizes]
    assert sizes == [
        ("microcircuit", 772), ("microcircuit", 1544), ("cobahh", 100), ("cobahh", 300),
        ("mbody", 250), ("mbody", 400),
    ]  # fmt: skip
    assert len(found.speed.residuals) == 6
    assert {"event", "update in cobahh", "plastic event in mbody"} <= found.speed.seconds.keys()
    for run in found.sizes:
        assert sum(part.seconds for part in run.parts) == pytest.approx(run.wall_seconds)


def test_other_sizes_change_no_count(found):
    """What ships is of the samples alone; a step of a neuron costs the same at each size."""
    alone = spiking.measure(TINY, peak=PEAK)
    assert alone.speed is None
    assert as_data(found) == as_data(alone)
    names = {name for name, _ in differing(found.sizes)}
    assert "spiking.bytes_per_synapse" in names  # places of rows weigh more in a small circuit
    assert ("spiking.flop_per_update", "cobahh") not in differing(found.sizes)
    assert ("spiking.flop_per_event", "microcircuit") not in differing(found.sizes)


def test_the_share_of_the_peak_covers_all_sizes_and_their_residuals(found):
    interval = found.utilisation.interval
    for run, residual in zip(found.sizes, found.speed.residuals, strict=True):
        share = run.flop / run.wall_seconds / 1e15
        assert interval.low <= share <= interval.high
        assert interval.low <= share / (1 + residual) * (1 + 1e-9)
        assert share / (1 + residual) <= interval.high * (1 + 1e-9)
    assert len(found.utilisation.parts) == 12


def test_it_is_shown(found):
    scenario = load_scenario().with_measured(found)
    document = estimate_document(scenario, contenders(), 500, 1)
    (entry,) = (e for e in document["contenders"] if e["name"] == "spiking")
    shown = json.loads(json.dumps(entry["measurements"]["speed"], allow_nan=False))
    assert [run["neurons"] for run in shown["runs"]] == [772, 1544, 100, 300, 250, 400]
    assert shown["largest_residual"] == max(abs(run["residual"]) for run in shown["runs"])
    assert shown["nanoseconds"]["update in mbody"] == pytest.approx(
        1e9 * found.speed.seconds["update in mbody"]
    )
    assert {"name", "circuit", "least", "most"} == shown["differing"][0].keys()
    payload = page.payload(scenario, contenders(), 500, 1)
    assert payload["measurements"][0]["speed"]["nanoseconds"] == shown["nanoseconds"]
    out = io.StringIO()
    print_estimate(Console(file=out, width=80, highlight=False), document)
    text = " ".join(out.getvalue().split())
    assert max(map(len, out.getvalue().splitlines())) <= 80
    assert "plastic event in mbody" in text
    assert "bytes_per_synapse in microcircuit" in text


@pytest.mark.parametrize(("slower", "warned"), [(1.0, False), (3.0, True)])
def test_a_fit_that_fails_is_said_in_a_line(found, slower, warned):
    from dataclasses import replace

    from halfbrain.report.measured import measurements
    from halfbrain.report.measured_tables import print_measurements

    runs = [run_with(Part(1.0, {"x": 1.0})), run_with(Part(slower, {"x": 1.0}), neurons=20)]
    given = replace(
        found, runs=(runs[0],), others=(runs[1],), speed=speed(runs), utilisation=None, inputs={}
    )
    out = io.StringIO()
    document = {
        "name": "spiking", "basis": "measured", "measurements": measurements(given, 1e5),
        "flop_per_neuron_bio_second": {"p50": 1e5},
    }  # fmt: skip
    print_measurements(Console(file=out, width=80, highlight=False), document)
    text = " ".join(out.getvalue().split())
    assert ("do not take these times beyond the measured sizes" in text) is warned
    assert "the same at all sizes" in text


def test_compartments_and_synapses_are_told_apart():
    """What the columns did, as work: in no two runs in the same proportions."""
    cells = blue_brain.installed_cells()
    if not {"sscx-cADpyr_L4UPC", "synplas-cADpyr_L4TPC", "allen-473863510"} <= set(cells):
        pytest.skip("EModelRunner and BMTK, which bring the cells, are not installed")
    small = (
        blue_brain.ColumnSample(False, 10, 5.0, 0.2),
        blue_brain.ColumnSample(True, 10, 5.0, 0.1),
    )
    found = blue_brain.measure(small[:1], small[1:], peak=PEAK)
    rows = [run.parts[1].work for run in found.sizes]
    kinds = ("compartment-step in a column", "synapse-step")
    matrix = np.array([[row[kind] for kind in kinds] for row in rows])
    assert np.linalg.matrix_rank(matrix / matrix.max(axis=0), 1e-3) == 2
    plain, plastic = found.sizes
    compartments = rows[0]["compartment-step in a column"]
    assert compartments == rows[1]["compartment-step in a column"]
    assert rows[0]["synapse-step"] == plain.synapses * plain.steps
    learning = rows[1]["plastic synapse-step"] + rows[1]["synapse-step"]
    assert learning == plastic.synapses * plastic.steps
    assert all(run.parts[0].work[f"event in a {run.circuit}"] == run.events for run in found.sizes)
