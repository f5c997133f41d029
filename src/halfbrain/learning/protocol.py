"""How a job is run: learn some, test, learn more; the same for every learner."""

from __future__ import annotations

import math
import time
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError
from halfbrain.learning.job import Job, Point, Run
from halfbrain.learning.learners.catalogue import kind
from halfbrain.learning.learners.learner import Learner, Meter
from halfbrain.learning.learners.sizes import Make
from halfbrain.learning.order import order
from halfbrain.learning.tasks.catalogue import load_task
from halfbrain.learning.tasks.task import Examples, Ints, Task

CHUNK = 4  # batches between which one may test or stop
POINTS_PER_DECADE = 8


def run(job: Job, meter: Meter) -> Run:
    """Run a job.

    Parameters
    ----------
    job
        what to run.
    meter
        counts a simulation's operations, for learners that are one.

    Returns
    -------
    run
        whole, also where the learner diverged: its curve then ends there.
    """
    began = time.perf_counter()
    task = _task(job.task, job.tuning)
    learner = kind(job.learner).make(
        Make(task, job.parameters, job.units, job.knob, job.batch, job.seed, meter)
    )
    points: list[Point] = []
    ends: list[tuple[float, ...]] = []
    seen, diverged = 0, None
    for k, part in enumerate(task.parts):
        if diverged is not None:
            break
        train = some(part.train, job.distinct, job.seed, k)
        each = samples_of_part(job, len(task.parts))
        learner.begin(k, train)
        test_at = tested_after(each, job.batch)
        shown = 0
        while shown < each:
            size = min(CHUNK * job.batch, each - shown)
            loss = learner.train(train, which(len(train), job.seed, k, shown, size))
            shown += size
            if not math.isfinite(loss):
                diverged = seen + shown
                break
            flop = learner.flop() if shown in test_at or job.flop is not None else None
            spent = bool(flop and job.flop and flop >= job.flop * (k + 1) / len(task.parts))
            if shown in test_at or spent:
                points.append(_point(learner, task, k, seen + shown, job.tests))
            if spent:
                break
        seen += shown
        if diverged is None:
            ends.append(points[-1].accuracies)
    share = 1.0 if diverged is not None else learner.effective_share()
    wall = time.perf_counter() - began
    return Run(job, tuple(points), tuple(ends), learner.parameters, share, diverged, wall)


def samples_of_part(job: Job, parts: int) -> int:
    """Examples shown in each part: an even share of the budget, in whole batches.

    Raises
    ------
    RunError
        one line, if that is less than one batch.
    """
    batches = job.samples // (parts * job.batch)
    if batches < 1:
        raise RunError(
            f"{job.task}: {job.samples:,} samples are less than one batch of {job.batch} "
            f"for each of {parts} parts"
        )
    return batches * job.batch


def tested_after(samples: int, batch: int) -> frozenset[int]:
    """After how many examples of a part it is tested: evenly on a logarithmic scale, and last.

    Each is a whole number of chunks, but the last.
    """
    chunk = CHUNK * batch
    n = max(2, round(POINTS_PER_DECADE * math.log10(max(samples / chunk, 1.0))) + 1)
    at = {max(1, round(x / chunk)) * chunk for x in np.geomspace(min(chunk, samples), samples, n)}
    return frozenset({x for x in at if x < samples} | {samples})


def some(examples: Examples, distinct: int | None, seed: int, part: int) -> Examples:
    """A choice of the examples, in equal numbers for each class as far as they go.

    Raises
    ------
    RunError
        one line, if there are not as many.
    """
    if distinct is None:
        return examples
    if not 1 <= distinct <= len(examples):
        raise RunError(f"{distinct:,} examples to learn from: there are 1 to {len(examples):,}")
    shuffled = order(len(examples), seed, 10**9 + part)
    rank = np.empty(len(examples), np.int64)  # of each among those of its class
    for label in np.unique(examples.y):
        own = shuffled[examples.y[shuffled] == label]
        rank[own] = np.arange(len(own))
    turn = np.argsort(rank[shuffled], kind="stable")
    return examples.take(shuffled[turn[:distinct]])


def which(n: int, seed: int, part: int, first: int, size: int) -> Ints:
    """Which of ``n`` examples are shown from the ``first`` on: all, then all in another order."""
    epochs = range(first // n, (first + size - 1) // n + 1)
    shown = np.concatenate([_order(n, seed, 10**6 * part + epoch) for epoch in epochs])
    start = first - epochs[0] * n
    return shown[start : start + size]


@lru_cache(maxsize=4)
def _order(n: int, seed: int, epoch: int) -> NDArray[np.int64]:
    return order(n, seed, epoch)


@lru_cache(maxsize=2)
def _task(name: str, tuning: bool) -> Task:
    task = load_task(name)
    return task.held_out() if tuning else task


def _point(learner: Learner, task: Task, part: int, samples: int, tests: int | None) -> Point:
    accuracies = []
    for k in range(part + 1):
        test = task.parts[k].test
        answers = learner.predict(test.x[:tests])
        accuracies.append(float((answers == test.y[:tests]).mean()))
    bio = None if learner.bio_seconds is None else samples * learner.bio_seconds
    return Point(samples, learner.flop(), bio, tuple(accuracies))
