"""How every contender is measured: the machine's ceilings, its runs one by one, its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

from halfbrain.contenders.measured import Measured, Progress, Run, with_figures
from halfbrain.contenders.model import Contender
from halfbrain.errors import RunError
from halfbrain.metering import ceilings as machine
from halfbrain.metering.ceilings import Ceilings
from halfbrain.version import VERSION

Told = Callable[[float], object]
"""Told what share of a run is done."""

_SECONDS = 0.2  # for each ceiling
_CEILINGS = 10  # that are measured
_FIRST = 0.2  # share of the progress that they take


class Named(Protocol):
    """What is to be run, with a name to show."""

    @property
    def name(self) -> str:
        """As it is shown while it runs."""


S = TypeVar("S", bound=Named)


def measured(
    contender: Contender,
    samples: Sequence[S],
    run: Callable[[S, Ceilings, Told], Run],
    notes: Mapping[str, str],
    also: Mapping[str, Mapping[str, float]] | None = None,
    *,
    seed: int,
    threads: int | None,
    precision: str,
    ceilings: Ceilings | None,
    progress: Progress,
) -> Measured:
    """Run the samples and take the contender's figures from them.

    Parameters
    ----------
    contender
        whose figures they are.
    samples
        what to run.
    run
        runs one.
    notes, also
        as of :func:`~halfbrain.contenders.measured.with_figures`.
    seed, precision
        that the figures are labelled with.
    threads
        that the ceilings are of; None: as many as the machine has.
    ceilings
        of this machine; None measures them now, since a share is of what the machine can do as
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
    if ceilings is None:
        ceilings, first = _ceilings(threads, progress), _FIRST
    runs, each = [], (1 - first) / len(samples)
    for index, sample in enumerate(samples):
        tell = partial(_tell, progress, sample.name, first + each * index, each)
        tell(0.0)
        runs.append(run(sample, ceilings, tell))
    progress("done", 1.0)
    peak = ceilings.flop_per_second[precision]
    found = Measured(
        contender.name, ceilings.processor, ceilings.threads, precision, seed, VERSION,
        peak, tuple(runs), {}, None,
    )  # fmt: skip
    return with_figures(found, notes, contender.units, contender.shares, also)


def _tell(progress: Progress, what: str, begin: float, each: float, share: float) -> None:
    progress(what, begin + each * share)


def _ceilings(threads: int | None, progress: Progress) -> Ceilings:
    told = 0

    def tell(name: str) -> None:
        nonlocal told
        progress(name, _FIRST * min(told / _CEILINGS, 1.0))
        told += 1

    return machine.measure(threads, _SECONDS, tell)
