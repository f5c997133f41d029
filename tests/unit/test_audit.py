"""The audit: every published figure recomputed, every slip named."""

import pytest

from halfbrain.facts.table import facts
from halfbrain.forecast.audit.audit import STEPS, audit

FINDINGS = {finding.step.id: finding for finding in audit().findings}


@pytest.mark.parametrize(
    ("step", "recomputed"),
    [  # worked out by hand
        ("training-seconds", 3.154e7 * 15),
        ("numenta-quarter", 33.3 / 4),
        ("spiking-real-time", 1e4 / 10),
        ("spiking-run", 3840 * 1.6e9 * 2 * 1e3),
        ("spiking-per-neuron", 1.229e16 / 2.05e7),
        ("spiking-total", 6.14e6 * 4.78e8 * 1.3e9),
        ("blue-brain-run", 2048 * 16 * 1.6e9 * 8 * 2e3),
        ("blue-brain-per-neuron", 8.39e17 / 2.19e5),
        ("blue-brain-per-second", 3.82e12 / 0.001),
        ("blue-brain-total", 3.82e15 * 4.78e8 * 1.3e9),
        ("blue-brain-peta", 2.37e33 / 1e15),
        ("blue-brain-comment", 3.82e12 * 4.78e8 * 1.3e9),
        ("blue-brain-twelve", 2.5e24 * 1e12 / 2.37e33),
        ("palm-ratio", 2.5e24 / 3.1e23),
    ],
)
def test_steps_are_recomputed_from_the_texts_own_inputs(step, recomputed):
    assert FINDINGS[step].recomputed == pytest.approx(recomputed, rel=1e-9)


@pytest.mark.parametrize(
    ("step", "ratio"),
    [  # the slips, by what factor
        ("spiking-per-neuron", 6.14e6 / (1.229e16 / 2.05e7)),
        ("numenta-tera", 1e-3),
        ("numenta-neurons", 0.1),
        ("spiking-neurons", 0.1),
        ("blue-brain-neurons", 0.1),
        ("spiking-seconds", 4.78 / 4.731),
        ("blue-brain-seconds", 4.78 / 4.731),
        ("numenta-seconds", 4.78 / 4.731),
        ("blue-brain-step", 1000),
        ("rat-synapses", 1012e-12),
        ("blue-brain-per-second", 3.83 / 3.82),
        ("blue-brain-copied", 3.82 / 3.83),
        ("blue-brain-copied-back", 3.82 / 3.83),
        ("palm-ratio", 10 / (25 / 3.1)),
        ("spiking-wall", 1e4 / 873.9),
    ],
)
def test_slips_are_found_with_their_factor(step, ratio):
    assert FINDINGS[step].verdict == "differs"
    assert FINDINGS[step].ratio == pytest.approx(ratio, rel=1e-6)
    assert FINDINGS[step].why


@pytest.mark.parametrize(
    "step",
    [
        "half-neocortex",
        "training-seconds",
        "gopher-ratio",
        "chinchilla-ratio",
        "numenta-quarter",
        "spiking-run",
        "spiking-total",
        "spiking-over-gpt3",
        "spiking-over-palm",
        "blue-brain-run",
        "blue-brain-per-neuron",
        "blue-brain-total",
        "blue-brain-peta",
        "blue-brain-over-gpt3",
        "blue-brain-over-palm",
        "blue-brain-equations",
        "blue-brain-bb4",
    ],
)
def test_what_holds_agrees(step):
    assert FINDINGS[step].verdict == "agrees"


@pytest.mark.parametrize("step", ["spiking-units", "blue-brain-units"])
def test_a_rate_that_is_called_an_amount_is_a_slip_of_units(step):
    assert FINDINGS[step].verdict == "differs"
    assert FINDINGS[step].ratio is None
    assert "second" in FINDINGS[step].why


def test_what_cannot_be_checked_says_why():
    unchecked = [finding for finding in FINDINGS.values() if finding.verdict == "cannot be checked"]
    assert len(unchecked) >= 8
    assert all(finding.why for finding in unchecked)


def test_the_mended_totals():
    corrected = audit().corrected
    assert corrected["spiking"] == pytest.approx(
        3840 * 1.6e9 * 2 * 1e3 / 2.05e7 * 3.154e7 * 15 * 13e9
    )
    assert corrected["blue-brain"] == pytest.approx(
        2048 * 16 * 1.6e9 * 8 * 2e3 / 2.19e5 / 0.001 * 3.154e7 * 15 * 13e9
    )


def test_every_name_in_a_step_is_a_fact_or_a_step():
    for step in STEPS.values():
        names = {symbol.name for symbol in step.formula.free_symbols} if step.formula else set()
        assert set(step.meant) <= names, step.id
        for name in names | ({step.published} if step.published else set()):
            assert facts().get(name)
        for name in step.meant.values():
            assert name in STEPS or facts().get(name)
