"""Run a peer in a process of its own, so that its threads, memory and crashes are its own."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from halfbrain.compare.catalogue import peer
from halfbrain.compare.job import Job, PeerResult
from halfbrain.errors import RunError
from halfbrain.processes.apart import Work, run_apart


class Threaded(Protocol):
    """Any job says on how many threads it runs."""

    @property
    def threads(self) -> int:
        """How many."""


Asked = TypeVar("Asked", bound=Threaded)
Result = TypeVar("Result")


def run_on(
    on: Work[Asked, Result],
    job: Asked,
    *,
    folder: Path | None = None,
    timeout: float | None = None,
    python: str = sys.executable,
) -> Result:
    """Run a job on a peer and wait for it.

    Parameters
    ----------
    on
        the peer's module, such as :mod:`halfbrain.compare.on_neuron`.
    folder
        where the job, its result and what the peer says stay; nothing stays, if not given.
    timeout
        seconds after which it is stopped.
    python
        the interpreter that has the peer installed (and what halfbrain itself needs), where it is
        another than this one.

    Raises
    ------
    RunError
        one line: the peer is missing, refuses the job, crashed, or took too long.
    """
    threads = {"OMP_NUM_THREADS": str(job.threads)}
    try:
        return run_apart(
            on, job, folder=folder, environment=threads, python=python, timeout=timeout
        )
    except RunError as error:
        name = on.__name__.rpartition(".")[2].removeprefix("on_")
        raise RunError(f"{name}: {error}") from None


def run_peer(
    name: str, job: Job, *, timeout: float = 3600.0, python: str = sys.executable
) -> PeerResult:
    """Run a circuit on a peer, by one of the names of :mod:`halfbrain.compare.catalogue`.

    What :func:`run_on` does; files stay in the job's folder, in one of the peer's name.

    Raises
    ------
    RunError
        one line: there is no such peer, or it is missing, refuses the circuit, crashed, or took too
        long.
    """
    folder = job.folder.resolve() / name
    own = replace(job, folder=folder)
    return run_on(peer(name), own, folder=folder, timeout=timeout, python=python)
