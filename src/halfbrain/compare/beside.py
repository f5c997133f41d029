"""A circuit on this engine and beside it on others: ``halfbrain compare`` in Python."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from halfbrain.circuits.circuit import Circuit
from halfbrain.circuits.detailed.circuit import DetailedCircuit
from halfbrain.circuits.resolved import resolve
from halfbrain.compare import detailed
from halfbrain.compare.catalogue import PEERS, peer
from halfbrain.compare.compare import compare, run_all
from halfbrain.compare.installed import missing
from halfbrain.compare.job import Job, PeerResult, Precision
from halfbrain.compare.on_halfbrain import handed_on
from halfbrain.equations.si import Number
from halfbrain.equations.si import seconds as seconds_of
from halfbrain.errors import RunError

POINTS = ("brian2", "nest", "nengo", "bindsnet")  # what point neurons are compared with
_MOST_SECONDS = 10_000_000.0  # four months


def compare_with(
    circuit: Circuit | DetailedCircuit,
    *peers: str,
    seconds: Number = 1.0,
    threads: int | None = None,
    dtype: Precision = "float64",
    seed: int = 1,
    python: str = sys.executable,
    begun: Callable[[str], object] | None = None,
) -> dict[str, Any]:
    """Run a circuit here and on other simulators: how long each took, and whether they agree.

    Parameters
    ----------
    circuit
        of point neurons, or of detailed cells.
    peers
        of point neurons ``"brian2"``, ``"nest"``, ``"nengo"``, ``"bindsnet"``; of detailed cells
        ``"neuron"``, ``"coreneuron"``, and ``"arbor"`` and ``"jaxley"`` for their shapes. Without
        any, all.
    seconds
        biological time.
    threads
        of each simulator; default: all cores.
    dtype
        ``"float64"`` or ``"float32"``.
    seed
        of connections, states and drives.
    python
        the interpreter that has the peers; default: this one.
    begun
        is told what is run.

    Returns
    -------
    dict
        what ``halfbrain compare --json`` prints (docs/json.md): ``runs`` has this engine first,
        then each peer, with what kept it from running as ``failed``.

    Raises
    ------
    HalfbrainError
        one line: no such peer, or none that can run here, or a circuit that cannot be built.

    Examples
    --------
    >>> import halfbrain as hb
    >>> cuba = hb.circuit("cuba", neurons=200)
    >>> found = hb.compare_with(cuba, "brian2", seconds="50 ms")  # doctest: +SKIP
    >>> [run["simulator"] for run in found["runs"]]  # doctest: +SKIP
    ['halfbrain', 'brian2']
    """
    until = checked_seconds(seconds_of(seconds, "compare: seconds"))
    if dtype not in ("float32", "float64"):
        raise RunError(f"compare: dtype {str(dtype)[:20]!r}: there are float32 and float64")
    cores, tell = threads or os.cpu_count() or 1, begun or (lambda what: None)
    parts = resolve(circuit)
    if parts.cables is not None:
        if parts.points is not None:
            raise RunError("compare: circuits of both kinds of neurons run here alone")
        names = detailed_peers(peers)
        return detailed.compare_detailed(
            parts.cables, names, seconds=until, threads=cores, dtype=dtype, seed=seed, begun=tell
        )
    assert parts.points is not None
    names = point_peers(peers, python)
    return _compared(parts.points, names, python, until, cores, dtype, seed, tell)


def checked_seconds(until: float) -> float:
    """A biological time that can be run.

    Raises
    ------
    RunError
        one line, if it is none.
    """
    if not until > 0:
        raise RunError(f"seconds {until:g}: must be above 0")
    if until > _MOST_SECONDS:
        raise RunError(f"seconds {until:g}: must be at most {_MOST_SECONDS:,.0f}")
    return until


def point_peers(given: Sequence[str], python: str = sys.executable) -> list[str]:
    """The peers of point neurons that are asked for; at once a line if none of them can run here.

    Raises
    ------
    RunError
        one line.
    """
    others = PEERS[1:]
    names = list(dict.fromkeys(given or POINTS))
    for name in names:
        if name not in others:
            raise RunError(f"{name[:40]}: no such peer; there are {', '.join(others)}")
    if python == sys.executable:
        reasons = {name: peer(name).available() for name in names}
        if all(reasons.values()):
            raise RunError("compare: " + "; ".join(f"{n}: {why}" for n, why in reasons.items()))
    return names


def detailed_peers(given: Sequence[str]) -> list[str]:
    """The peers of detailed cells that are asked for; at once a line if none is installed.

    Raises
    ------
    RunError
        one line.
    """
    names = list(dict.fromkeys(given or detailed.PEERS))
    for one in names:
        if one not in detailed.PEERS:
            raise RunError(
                f"{one[:40]}: does not run detailed cells; there are {', '.join(detailed.PEERS)}"
            )
    reasons = [why for one in names if (why := missing(one))]
    if len(reasons) == len(names):
        raise RunError("compare: " + "; ".join(reasons))
    return names


def _compared(
    circuit: Circuit,
    names: list[str],
    python: str,
    seconds: float,
    threads: int,
    dtype: Precision,
    seed: int,
    begun: Callable[[str], object],
) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="halfbrain-compare-"))
    found: dict[str, PeerResult | str] = {}
    try:
        job: Job = handed_on(Job(circuit, seconds, folder, None, {}, threads, dtype, seed))
        if job.steps < 1:
            raise RunError(f"seconds {seconds:g}: below half a time step of {job.dt:g} s")
        found = run_all(job, names, python=python, begun=begun)
    finally:
        _clear(folder, found)
    ours = found.pop("halfbrain")
    if isinstance(ours, str):
        raise RunError(ours)
    return compare(circuit, ours, found)


def _clear(folder: Path, found: dict[str, PeerResult | str]) -> None:
    """Remove what the peers left, but for the output that a line of one that failed points to."""
    told = [line for line in found.values() if isinstance(line, str)]
    for own in folder.iterdir():
        if any(str(own) in line for line in told):
            (own / "job.npz").unlink(missing_ok=True)  # the connections may be gigabytes
        else:
            shutil.rmtree(own, ignore_errors=True)
    if not any(folder.iterdir()):
        folder.rmdir()
