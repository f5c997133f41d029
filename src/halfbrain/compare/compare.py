"""halfbrain beside its peers: how long each took, and whether they tell the same story."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from halfbrain.compare.job import Job, PeerResult
from halfbrain.compare.runner import run_peer
from halfbrain.errors import RunError

CRITERION = (
    "the mean rate of every population within 5 % of halfbrain's, or within 3 standard errors of "
    "the difference (each the largest of: over neurons, over ten parts of the run, one spike)"
)
_SHARE, _ERRORS, _PARTS = 0.05, 3.0, 10


def run_all(
    job: Job,
    names: Iterable[str],
    *,
    python: str = sys.executable,
    timeout: float = 3600.0,
    begun: Callable[[str], object] | None = None,
) -> dict[str, PeerResult | str]:
    """Run a job on halfbrain and then on each peer, one after the other.

    Parameters
    ----------
    python
        the interpreter that has the peers installed.
    timeout
        seconds for each.
    begun
        is told the name of each as it starts.

    Returns
    -------
    dict
        ``halfbrain`` and each name, with its result, or the line that says why there is none.
    """
    out: dict[str, PeerResult | str] = {}
    for name in dict.fromkeys(("halfbrain", *names)):
        if begun:
            begun(name)
        own = sys.executable if name == "halfbrain" else python
        try:
            out[name] = run_peer(name, job, timeout=timeout, python=own)
        except RunError as error:
            out[name] = str(error)
    return out


class Compared(Protocol):
    """What of a circuit the document says."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def neurons(self) -> int:
        """How many it has."""


def compare(
    circuit: Compared, ours: PeerResult, others: Mapping[str, PeerResult | str]
) -> dict[str, Any]:
    """The comparison as a document for JSON.

    ``others`` gives each peer's result, or the line that says why it has none. Times are in
    seconds, ``rtf`` is wall time over biological time, ``times_ours`` the wall time over
    halfbrain's, rates are in hertz.
    """
    return {
        "circuit": circuit.name,
        "neurons": circuit.neurons,
        "seconds": ours.seconds,
        "criterion": CRITERION,
        "runs": [
            _run(ours, ours),
            *(
                {"name": name, "failed": other} if isinstance(other, str) else _run(ours, other)
                for name, other in others.items()
            ),
        ],
    }


def _run(ours: PeerResult, other: PeerResult) -> dict[str, Any]:
    populations = _populations(ours, other)
    return {
        "name": other.name,
        "failed": None,
        "version": other.version,
        "compiled": other.compiled,
        "precision": other.precision,
        "build_seconds": other.build_seconds,
        "compile_seconds": other.compile_seconds,
        "wall_seconds": other.wall_seconds,
        "rtf": other.wall_seconds / other.seconds,
        "times_ours": other.wall_seconds / ours.wall_seconds if ours.wall_seconds else None,
        "peak_bytes": other.peak_bytes,
        "populations": populations,
        "agrees": all(population["agrees"] for population in populations),
        "same_spikes": all(_same(ours, other, name) for name in ours.sizes),
        "notes": list(other.notes),
    }


def _populations(ours: PeerResult, other: PeerResult) -> list[dict[str, Any]]:
    mine, theirs = ours.rates(), other.rates()
    out = []
    for name in ours.sizes:
        error = float(np.hypot(standard_error(ours, name), standard_error(other, name)))
        allowed = max(_SHARE * mine[name], _ERRORS * error)
        difference = theirs[name] - mine[name]
        out.append(
            {
                "name": name,
                "rate": theirs[name],
                "difference": difference,
                "allowed": allowed,
                "agrees": abs(difference) <= allowed,
            }
        )
    return out


def standard_error(result: PeerResult, population: str) -> float:
    """Of the mean rate of a population, hertz: the largest of three estimates.

    Over neurons it misses what they do together, over parts of the run what they do alike
    throughout; one spike more or less is the least.
    """
    times, neurons = result.spikes[population]
    size, seconds = result.sizes[population], result.seconds
    errors = [1 / size / seconds]
    if size > 1:
        counts = np.bincount(neurons, minlength=size) / seconds
        errors.append(float(counts.std(ddof=1)) / size**0.5)
    parts = np.histogram(times, _PARTS, (0, seconds))[0] / size / (seconds / _PARTS)
    errors.append(float(parts.std(ddof=1)) / _PARTS**0.5)
    return max(errors)


def _same(ours: PeerResult, other: PeerResult, population: str) -> bool:
    """Whether the spikes are the same, one by one; times to a nanosecond."""
    (times, neurons), (their_times, their_neurons) = (
        result.spikes[population] for result in (ours, other)
    )
    return (
        len(times) == len(their_times)
        and bool(np.array_equal(neurons, their_neurons))
        and bool(np.allclose(times, their_times, rtol=0, atol=1e-9))
    )
