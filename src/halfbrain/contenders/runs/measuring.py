"""How every contender is measured: the machine's peak, its runs one by one, its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

from halfbrain.contenders.measured import Measured, Progress, Run, with_figures
from halfbrain.contenders.model import Contender
from halfbrain.contenders.runs.speed import speed
from halfbrain.errors import RunError
from halfbrain.metering import ceilings
from halfbrain.metering.ceilings import Peak
from halfbrain.version import VERSION

Told = Callable[[float], object]
"""Told what share of a run is done."""

_FIRST = 0.1  # share of the progress that the peak takes


class Named(Protocol):
    """What is to be run, with a name to show."""

    @property
    def name(self) -> str:
        """As it is shown while it runs."""


S = TypeVar("S", bound=Named)


def measured(
    contender: Contender,
    samples: Sequence[S],
    others: Sequence[S],
    run: Callable[[S, Told], Run],
    notes: Mapping[str, str],
    also: Mapping[str, Mapping[str, float]] | None = None,
    *,
    seed: int,
    threads: int | None,
    precision: str,
    peak: Peak | None,
    progress: Progress,
) -> Measured:
    """Run the samples and take the contender's figures from them.

    Parameters
    ----------
    contender
        whose figures they are.
    samples
        what to run.
    others
        the same circuits at other sizes, from which no figure is taken but the speed.
    run
        runs one.
    notes, also
        as of :func:`~halfbrain.contenders.measured.with_figures`.
    seed, precision
        that the figures are labelled with.
    threads
        that the peak is of; None: as many as the machine has.
    peak
        of this machine; None measures it now, since a share is of what the machine can do as
        busy as it is.
    progress
        told what comes next.

    Raises
    ------
    RunError
        if there is nothing to run.
    """
    if not samples:
        raise RunError("nothing to measure: name one sample at least")
    first = 0.0
    if peak is None:
        progress("arithmetic", 0.0)
        peak, first = ceilings.peak(precision, threads), _FIRST
    runs, each = [], (1 - first) / (len(samples) + len(others))
    for index, sample in enumerate((*samples, *others)):
        tell = partial(_tell, progress, sample.name, first + each * index, each)
        tell(0.0)
        runs.append(run(sample, tell))
    progress("done", 1.0)
    found = Measured(
        contender.name, peak.processor, peak.threads, precision, seed, VERSION,
        peak.flop_per_second, tuple(runs[: len(samples)]), {}, None, tuple(runs[len(samples) :]),
    )  # fmt: skip
    if others:
        found = replace(found, speed=speed(found.sizes))
    return with_figures(found, notes, contender.units, contender.shares, also)


def _tell(progress: Progress, what: str, begin: float, each: float, share: float) -> None:
    progress(what, begin + each * share)
