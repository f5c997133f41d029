"""What simulators make of their machines: fitted on half of the studies, tested on the others.

A run takes longer than its machine's peaks allow: how many times longer is fitted for each class of
simulator and then foretells the runs of studies that had no part in the fit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, median

from scipy.special import stdtrit

from halfbrain.errors import HalfbrainError
from halfbrain.facts.source import Confidence
from halfbrain.forecast.backcast import (
    SPEED,
    forecast_run,
    machine_bounds,
    published_speed,
    runs,
)
from halfbrain.forecast.estimate import Spread
from halfbrain.forecast.scenario import load_scenario

SIMULATORS = {
    "gpu": "one graphics processor",
    "nodes": "nodes of processors",
    "supercomputer": "supercomputers",
    "procedural": "connections made anew",
    "special": "hardware of its own",
    "detailed": "detailed neurons",
}


@dataclass(frozen=True)
class Run:
    """A run with a published speed on a known machine.

    ``published`` and ``bound`` are wall seconds for a second of life: what it took, and what its
    machine's peaks allow by the medians of the cost model.
    """

    run: str
    title: str
    simulator: str
    confidence: Confidence
    published: float
    bound: float

    @property
    def study(self) -> tuple[int, str]:
        """Year and author or simulator: a run's name begins with them."""
        found = re.match(r"(.+?)-(\d{4})(?:-|$)", self.run)
        return (int(found[2]), found[1]) if found else (0, self.run)


@dataclass(frozen=True)
class Fitted:
    """How many times a class of simulators goes beyond the bound: geometric mean over studies."""

    simulator: str
    title: str
    studies: int
    beyond: float


@dataclass(frozen=True)
class Tested:
    """A run of the other half. ``factor``: how far the prediction's median is off, 1 or more."""

    run: str
    title: str
    simulator: str
    confidence: Confidence
    published: float
    predicted: Spread
    factor: float
    inside: bool


@dataclass(frozen=True)
class Calibration:
    """A fit and its test. ``inside``: the share of tested runs in their 90 % interval."""

    fitted: tuple[Fitted, ...]
    tested: tuple[Tested, ...]
    inside: float
    median_factor: float


def published_runs() -> list[Run]:
    """The runs of the facts whose speed is published and whose machine is known."""
    found = []
    scenario = load_scenario().published()
    for item in runs():
        published = published_speed(item)
        if published is None:
            continue
        limits = machine_bounds(item, forecast_run(item, scenario))
        origin = item.figure("real_time_factor").origin
        if not limits or origin is None:
            continue
        found.append(
            Run(
                run=item.key,
                title=item.title,
                simulator=item.attributes["simulator"],
                confidence=origin.confidence,
                published=published,
                bound=max(limit.at_peak.magnitude(SPEED) for limit in limits),
            )
        )
    return found


def both_ways() -> tuple[Calibration, Calibration]:
    """The published runs fitted on the first half of the studies, and on the second."""
    found = published_runs()
    return calibrate(found, 0), calibrate(found, 1)


def calibrate(found: Iterable[Run], half: int = 0) -> Calibration:
    """Fit on one half of each class's studies, test on the other.

    Studies go into the halves by turns, in the order of their years: all runs of one study are in
    the same half. ``half`` is the one that is fitted, 0 or 1. A study's mean logarithm of published
    time over bound is one datum; classes have a mean each and one deviation together, so the
    prediction is Student's t about the class's mean. A class of one study is left out.
    """
    classes: dict[str, dict[tuple[int, str], list[Run]]] = {}
    for run in found:
        classes.setdefault(run.simulator, {}).setdefault(run.study, []).append(run)
    fits: dict[str, list[float]] = {}
    others: list[Run] = []
    for simulator, studies in classes.items():
        if len(studies) < 2:
            continue
        for place, study in enumerate(sorted(studies)):
            if place % 2 == half:
                fits.setdefault(simulator, []).append(
                    fmean(math.log(run.published / run.bound) for run in studies[study])
                )
            else:
                others += studies[study]
    freedom = sum(len(data) - 1 for data in fits.values())
    if freedom < 1:
        raise HalfbrainError(
            "too few studies of published runs to fit the efficiency of simulators"
        )
    means = {simulator: fmean(data) for simulator, data in fits.items()}
    squares = sum((x - means[name]) ** 2 for name, data in fits.items() for x in data)
    wide = float(stdtrit(freedom, 0.95)) * math.sqrt(squares / freedom)
    tested = tuple(
        _test(run, means[run.simulator], wide * math.sqrt(1 + 1 / len(fits[run.simulator])))
        for run in others
    )
    return Calibration(
        fitted=tuple(
            Fitted(name, SIMULATORS[name], len(fits[name]), math.exp(means[name]))
            for name in SIMULATORS
            if name in fits
        ),
        tested=tuple(sorted(tested, key=lambda test: test.published)),
        inside=fmean(test.inside for test in tested),
        median_factor=median(test.factor for test in tested),
    )


def _test(run: Run, mean: float, half_width: float) -> Tested:
    middle = math.log(run.bound) + mean
    spread = Spread(*(math.exp(middle + side * half_width) for side in (-1, 0, 1)))
    return Tested(
        run=run.run,
        title=run.title,
        simulator=run.simulator,
        confidence=run.confidence,
        published=run.published,
        predicted=spread,
        factor=math.exp(abs(math.log(run.published) - middle)),
        inside=spread.p5 <= run.published <= spread.p95,
    )
