"""The whole audit, and the totals that the text's own chain gives once it is mended."""

from __future__ import annotations

from dataclasses import dataclass

from halfbrain.forecast.audit import blue_brain, numenta, shared, spiking
from halfbrain.forecast.audit.step import Finding, Step, judge, mended

STEPS: dict[str, Step] = {
    step.id: step for step in (*shared.STEPS, *numenta.STEPS, *spiking.STEPS, *blue_brain.STEPS)
}


@dataclass(frozen=True)
class Audit:
    """Every step, judged, and the mended total of each row that has one, in FLOP."""

    findings: tuple[Finding, ...]
    corrected: dict[str, float]


def audit() -> Audit:
    """Recompute the text."""
    findings = tuple(judge(step, STEPS) for step in STEPS.values())
    corrected = {
        row: mended(STEPS[f"{row}-total"], STEPS).magnitude("FLOP")
        for row in ("spiking", "blue-brain")
    }
    return Audit(findings, corrected)
