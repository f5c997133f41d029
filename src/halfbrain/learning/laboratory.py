"""Many runs side by side: first those that choose each learner's knob, then those that count.

A run is one process's work on one thread; what is finished is kept in a folder and not run again.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from halfbrain.errors import HalfbrainError, RunError
from halfbrain.learning import job as jobs
from halfbrain.learning.job import Job, Run
from halfbrain.learning.learners.catalogue import kind
from halfbrain.learning.learners.learner import Meter
from halfbrain.learning.statistics import at_cost

TUNING_SEED = 10**6  # of the runs that choose a knob: no seed of those that count
Told = Callable[[str, int, int], object]  # what is done now, runs done, runs in all


@dataclass(frozen=True)
class Plan:
    """What is to be compared.

    Attributes
    ----------
    task
        by name.
    learners
        by name.
    seeds
        of the runs that count: 0, 1, ...
    parameters, samples, distinct, flop, batch, tests, units
        as in :class:`~halfbrain.learning.job.Job`.
    """

    task: str
    learners: tuple[str, ...]
    seeds: int
    parameters: int
    samples: int
    distinct: int | None = None
    flop: float | None = None
    batch: int = 32
    tests: int | None = None
    units: int | None = None

    def job(self, learner: str, knob: float, seed: int, *, tuning: bool = False) -> Job:
        """A job of it."""
        return Job(
            self.task,
            learner,
            self.parameters,
            self.units,
            self.samples,
            self.distinct,
            self.flop,
            knob,
            self.batch,
            seed,
            tuning,
            self.tests,
        )

    def tuning(self) -> list[Job]:
        """One run for each setting of each learner's knob."""
        return [
            self.job(name, knob, TUNING_SEED, tuning=True)
            for name in self.learners
            for knob in kind(name).grid
        ]

    def final(self, chosen: dict[str, float]) -> list[Job]:
        """The runs that count."""
        return [
            self.job(name, chosen[name], seed)
            for seed in range(self.seeds)
            for name in self.learners
        ]


@dataclass(frozen=True)
class Experiment:
    """A plan and all its runs."""

    plan: Plan
    tuning: tuple[Run, ...]
    chosen: dict[str, float]
    final: tuple[Run, ...]

    def runs(self, learner: str) -> list[Run]:
        """The runs that count of a learner, by seed; those that diverged too."""
        found = [run for run in self.final if run.job.learner == learner]
        return sorted(found, key=lambda run: run.job.seed)


def score(run: Run) -> float:
    """How well a setting does: the mean accuracy over the logarithm of samples, and 0 if it failed.

    It favours what learns both soon and well. Of a task of several parts it is the accuracy on all
    of them in the end, which is what one wants of those.
    """
    if run.diverged is not None or not run.points:
        return 0.0
    if len(run.ends) > 1:
        return run.accuracy
    samples = [point.samples for point in run.points]
    right = [point.accuracy for point in run.points]
    evenly = np.geomspace(samples[0], samples[-1], 50)
    return float(np.mean([at_cost(samples, right, x) or 0.0 for x in evenly]))


def choose(runs: Sequence[Run]) -> dict[str, float]:
    """The best setting of each learner's knob; the first in its grid of those that tie."""
    chosen: dict[str, float] = {}
    for name in dict.fromkeys(run.job.learner for run in runs):
        own = [run for run in runs if run.job.learner == name]
        own.sort(key=lambda run: kind(name).grid.index(run.job.knob))
        chosen[name] = max(own, key=score).job.knob
    return chosen


def experiment(
    plans: Sequence[Plan],
    folder: Path,
    meter: Meter,
    *,
    processes: int = 2,
    told: Told = lambda what, done, total: None,
) -> list[Experiment]:
    """Do what is not done yet of some plans.

    Parameters
    ----------
    plans
        which.
    folder
        where finished runs are; it is made if it is not there.
    meter
        a function of a module, as it goes to other processes.
    processes
        side by side.
    told
        of each run that is done.

    Raises
    ------
    HalfbrainError
        one line, if a run cannot be done or kept; what is finished stays.
    KeyboardInterrupt
        on Ctrl-C; what is finished stays.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder}: cannot be made a folder: {error.strerror}") from None
    later = sum(plan.seeds * len(plan.learners) for plan in plans)
    first = [plan.tuning() for plan in plans]
    total = later + sum(map(len, first))
    work = _Work(folder, meter, processes, total, told)
    with work:
        tuned = work.do([job for of in first for job in of])
        choices = [choose([tuned[job] for job in of]) for of in first]
        last = [plan.final(chosen) for plan, chosen in zip(plans, choices, strict=True)]
        done = work.do([job for of in last for job in of])
    return [
        Experiment(
            plan,
            tuple(tuned[job] for job in first[k]),
            choices[k],
            tuple(done[job] for job in last[k]),
        )
        for k, plan in enumerate(plans)
    ]


class _Work:
    """Processes that do jobs; none is started before there is something to do."""

    def __init__(self, folder: Path, meter: Meter, processes: int, total: int, told: Told) -> None:
        self._folder, self._meter, self._processes = folder, meter, processes
        self._total, self._told, self._done = total, told, 0
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> _Work:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is None:
            return
        if error[0] is not None:  # what runs now is not waited for; it is not kept either
            for process in list(self._pool._processes.values()):
                process.terminate()
        self._pool.shutdown(cancel_futures=True)

    def do(self, wanted: Sequence[Job]) -> dict[Job, Run]:
        """The runs of jobs, those that are kept from the folder."""
        found: dict[Job, Run] = {}
        todo = []
        for job in dict.fromkeys(wanted):
            run = jobs.kept(self._folder, job)
            if run is None:
                todo.append(job)
            else:
                found[job] = run
        self._done += len(wanted) - len(todo)
        self._told("", self._done, self._total)
        waiting: dict[Future[Run], Job] = {
            self._started().submit(_do, job, self._folder, self._meter): job for job in todo
        }
        while waiting:
            over, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in over:
                job = waiting.pop(future)
                found[job] = future.result()
                self._done += 1
                self._told(f"{job.task}: {job.learner}", self._done, self._total)
        return found

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes, multiprocessing.get_context("spawn"), _alone
            )
        return self._pool


def _alone() -> None:
    """One thread for this process, and Ctrl-C left to the one that started it, whose end is ours.

    A pool's process waits for work for good where the one that has the work is killed.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["XLA_FLAGS"] = (
        f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false"
        " intra_op_parallelism_threads=1"
    )
    os.environ["JAX_PLATFORMS"] = "cpu"  # the same for all learners
    # Compiling takes longer than many a run; what one process compiled the others read.
    own = Path(os.environ.get("HALFBRAIN_CACHE") or user_cache_path("halfbrain")) / "jax"
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(own))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _do(job: Job, folder: Path, meter: Meter) -> Run:
    from halfbrain.learning import protocol

    try:
        run = protocol.run(job, meter)
    except HalfbrainError as error:
        raise type(error)(f"{job.task}, {job.learner}: {error}") from None
    jobs.keep(folder, run)
    return run
