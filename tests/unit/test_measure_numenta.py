"""Numenta's contender, run: what is counted, and what the estimate makes of it."""

import json
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from halfbrain.cli import app
from halfbrain.contenders.registry import contenders
from halfbrain.contenders.runs.catalogue import measure
from halfbrain.contenders.runs.epochs import Lesson, ratios
from halfbrain.errors import HalfbrainWarning, MissingError, RunError
from halfbrain.facts.explain import explain
from halfbrain.facts.table import facts
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import load_scenario
from halfbrain.report.document import estimate_document
from test_measure import PEAK

RUN = "halfbrain.contenders.runs.numenta"
LESSON = Lesson(parameters=8000, samples=2560, seeds=2)


@pytest.fixture(scope="module")
def numenta():
    pytest.importorskip("jax", reason="JAX is not installed")
    from halfbrain.contenders.runs import numenta

    return numenta


@pytest.fixture(scope="module")
def samples(numenta):
    small = {"sizes": (100, 200, 200, 10), "segments": 4, "batch": 32, "steps": 2}
    return [replace(sample, **small) for sample in numenta.SAMPLES]


@pytest.fixture(scope="module")
def tiny(numenta, samples):
    return numenta.measure(samples, peak=PEAK, lesson=LESSON)


@pytest.fixture(scope="module")
def figures(tiny):
    return [
        {name.partition(".")[2]: value for name, value in run.figures.items()} for run in tiny.runs
    ]


LINEAR = 100 * 200 + 200 * 200 + 200 * 10
SEGMENTS = 2 * 200 * 4 * 100
WEIGHTS = LINEAR // 2 + SEGMENTS


def test_a_forward_pass_is_its_products_and_little_more(figures, tiny):
    """A product and its sum are two; gates, winners and the loss add less than a fifth."""
    own, shared = (f["flop_per_parameter"] * WEIGHTS for f in figures)
    assert {run.synapses for run in tiny.runs} == {WEIGHTS}
    assert 2 * (LINEAR + SEGMENTS) < own < 1.2 * 2 * (LINEAR + SEGMENTS)
    # Once a batch of 32.
    assert 2 * (LINEAR + SEGMENTS / 32) < shared < 1.2 * 2 * (LINEAR + SEGMENTS / 32)


def test_a_backward_pass_costs_what_its_products_do(figures):
    """Two products for one forward, but for what has no gradient: inputs and contexts."""
    backward = 2 * LINEAR - 100 * 200 + SEGMENTS
    ratio = backward / (LINEAR + SEGMENTS)
    assert figures[0]["backward_ratio"] == pytest.approx(ratio, rel=0.2)
    shared = (2 * LINEAR - 100 * 200 + SEGMENTS / 32) / (LINEAR + SEGMENTS / 32)
    assert figures[1]["backward_ratio"] == pytest.approx(shared, rel=0.2)


def test_the_optimiser_and_bytes_are_adam_s(figures):
    everything = LINEAR + SEGMENTS + 410  # masked weights and biases are stepped over too
    for found in figures:
        assert 10 < found["optimiser_flop_per_parameter"] * WEIGHTS / everything < 20
        # Weight, gradient, two moments; a byte of mask for each linear weight.
        assert found["bytes_per_parameter"] * WEIGHTS == pytest.approx(
            16 * everything + LINEAR, abs=8
        )
        assert found["bytes_per_weight"] * WEIGHTS == 4 * everything + LINEAR


def test_the_density_spans_zeros_skipped_and_not(figures, tiny, numenta):
    interval = tiny.inputs["numenta.effective_density"].interval
    assert interval.low == min(f["effective_density"] for f in figures)
    assert interval.high == numenta._ALL
    # Half of the weights are masked, 5 % of the units are on, 19 % of the pixels.
    assert 0.01 < interval.low < 0.2
    assert interval.shape == "fraction"


def test_a_run_says_what_it_was(tiny):
    lives = facts().get("contenders.active-dendrites-neuron.samples_per_second")
    for run in tiny.runs:
        assert (run.neurons, run.steps, run.spikes) == (410, 2, 2 * 32 * 20)
        assert run.plastic_events == 2 * WEIGHTS
        assert run.bio_seconds == pytest.approx(64 / lives.magnitude("sample/bio_second"))
        assert run.wall_seconds > 0
    assert "jaxpr" not in tiny.place
    assert tiny.machine == "a machine"


def test_counts_are_the_same_each_time(tiny, numenta, samples):
    again = numenta.measure(samples, peak=PEAK, lesson=LESSON)
    for one, other in zip(tiny.runs, again.runs, strict=True):
        assert one.figures == other.figures
        assert (one.flop, one.bytes, one.events) == (other.flop, other.bytes, other.events)


def test_the_estimate_rests_on_what_was_measured(tiny, figures):
    scenario = load_scenario().with_measured(tiny)
    found = forecast("numenta", scenario)
    assert found.basis == "measured"
    assert forecast("spiking", scenario).basis == "counted"
    text = explain(found.flop)
    assert "numenta.flop_per_parameter in own contexts" in text
    assert "[measured]" in text
    assert "numenta.samples_per_second" in text
    mine = scenario.with_setting("numenta.flop_per_parameter", 7).inputs()
    assert mine["numenta.flop_per_parameter"].magnitude() == 7
    # The assumptions stay the facts'.
    assert mine["numenta.samples_per_second"].origin.confidence == "judgement"


def test_epochs_are_the_laboratory_s(tiny):
    """Each seed's ratio is a part of the interval, and `explain` goes down to it."""
    scenario = load_scenario().with_measured(tiny)
    epochs = scenario.inputs()["numenta.epochs"]
    assert epochs.origin.confidence == "measured"
    each, level = ratios(LESSON)  # once more: the same runs
    assert [part.magnitude() for part in epochs.parts] == pytest.approx(list(each.values()))
    low, high = sorted(each.values())
    assert (epochs.interval.low, epochs.interval.high) == pytest.approx((low, high))
    assert 0.1 < low < high < 100
    text = explain(forecast("numenta", scenario).flop)
    assert "numenta.epochs in digits, seed 1" in text
    assert f"to {level:.0%} of digits" in " ".join(text.split()).replace("│ ", "")


def test_the_text_has_no_run_of_it_to_compare_with(tiny):
    scenario = load_scenario().with_measured(tiny)
    document = estimate_document(scenario, contenders(), 500, 1, "h100")
    entries = {entry["name"]: entry for entry in document["contenders"]}
    assert all(entry["flop"]["p50"] > 0 for entry in entries.values())
    assert entries["numenta"]["basis"] == "measured"
    found = entries["numenta"]["measurements"]
    assert found["seed_flop_per_neuron_bio_second"] is found["ratio_to_seed"] is None
    assert {run["ratio_to_seed"] for run in found["runs"]} == {None}
    json.dumps(document, allow_nan=False)


def test_the_command_measures_it(monkeypatch, numenta, samples):
    real = numenta.measure

    def small(*, others, progress):
        return real(samples, peak=PEAK, lesson=LESSON, progress=progress)

    monkeypatch.setattr(numenta, "measure", small)
    found = CliRunner().invoke(
        app, ["estimate", "--contender", "numenta", "--measure", "--report", "/dev/null"]
    )
    assert found.exit_code == 0, found.output
    assert "measured here: numenta" in found.stdout
    assert "one context" in " ".join(found.stdout.split())
    assert "the text of 2022" not in found.stdout
    assert max(map(len, found.stdout.splitlines())) <= 80
    assert "…" not in found.stdout


def test_without_jax_a_line_says_so_and_the_row_stays(monkeypatch):
    monkeypatch.delitem(sys.modules, RUN, raising=False)
    import halfbrain.contenders.runs as runs

    monkeypatch.delattr(runs, "numenta", raising=False)
    for name in ("equinox", "jax", "optax"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingError, match=r"pip install 'halfbrain\[networks\]'"):
        measure("numenta", lambda what, done: None)
    words = ["estimate", "--contender", "numenta", "--measure", "--samples", "500", "--json"]
    line = "measure: numenta needs equinox, which is not installed; .* stay those that ship"
    with pytest.warns(HalfbrainWarning, match=line):
        found = CliRunner().invoke(app, words)
    assert found.exit_code == 0
    (entry,) = json.loads(found.stdout)["contenders"]
    assert (entry["basis"], entry["measurements"]) == ("counted", None)


def test_nothing_to_measure_is_one_line(numenta):
    with pytest.raises(RunError, match="nothing to measure"):
        numenta.measure([], peak=PEAK)
