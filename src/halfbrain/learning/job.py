"""One run: a learner, a task, a seed, a budget; done, kept and read again."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from halfbrain.errors import RunError
from halfbrain.written import write_text

FORM = 2  # of what is kept; another form, or a learner that learns otherwise, is another name


@dataclass(frozen=True)
class Job:
    """What is to be run.

    Attributes
    ----------
    task, learner
        by name.
    parameters
        at most, where ``units`` is None; else ``units`` in each hidden layer, whatever they take.
    samples
        examples learnt from in all, repeats counted; shared evenly by the parts of a task.
    distinct
        different examples of each part among them; None: all that there are.
    flop
        dense FLOP after which it ends, if that is sooner; None: no such bound.
    knob
        setting of what is tuned.
    batch
        examples to a step.
    seed
        of weights, order and choice.
    tuning
        whether it is tested on what was held out, to choose the knob, or on the tests.
    tests
        of each part at most; None: all.
    """

    task: str
    learner: str
    parameters: int
    units: int | None
    samples: int
    distinct: int | None
    flop: float | None
    knob: float
    batch: int
    seed: int
    tuning: bool
    tests: int | None

    @property
    def key(self) -> str:
        """A name for the results folder: readable, and of this job alone."""
        text = json.dumps([FORM, asdict(self)], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        task = self.task.replace(":", "-")
        return f"{task}-{self.learner}-{'tuning' if self.tuning else f'seed{self.seed}'}-{digest}"


@dataclass(frozen=True)
class Point:
    """A point of a learning curve.

    ``accuracies`` are those on each part begun so far; ``flop`` counts learning alone.
    """

    samples: int
    flop: float
    bio_seconds: float | None
    accuracies: tuple[float, ...]

    @property
    def accuracy(self) -> float:
        """The mean over the parts begun so far."""
        return sum(self.accuracies) / len(self.accuracies)


@dataclass(frozen=True)
class Run:
    """What came of a job.

    Attributes
    ----------
    points
        of the curve, by samples.
    ends
        accuracy on each part at the end of each part (parts, as many as begun by then).
    parameters
        that the learner has.
    effective_share
        of FLOP, without products with a zero, at the end.
    diverged
        samples after which the loss was no number any more; None: it stayed one.
    wall_seconds
        learning and testing.
    """

    job: Job
    points: tuple[Point, ...]
    ends: tuple[tuple[float, ...], ...]
    parameters: int
    effective_share: float
    diverged: int | None
    wall_seconds: float

    @property
    def accuracy(self) -> float:
        """At the end, the mean over all parts."""
        return sum(self.ends[-1]) / len(self.ends[-1]) if self.ends else 0.0

    @property
    def forgotten(self) -> float:
        """Mean loss of accuracy on a part since its own end, over all parts but the last."""
        if len(self.ends) < 2:
            return 0.0
        lost = [self.ends[k][k] - self.ends[-1][k] for k in range(len(self.ends) - 1)]
        return sum(lost) / len(lost)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {"form": FORM, **asdict(self)}


def of_document(document: dict[str, Any]) -> Run:
    """The run of a :meth:`Run.document`."""
    points = tuple(Point(**{**p, "accuracies": tuple(p["accuracies"])}) for p in document["points"])
    ends = tuple(tuple(end) for end in document["ends"])
    rest = {
        key: document[key] for key in ("parameters", "effective_share", "diverged", "wall_seconds")
    }
    return Run(Job(**document["job"]), points, ends, **rest)


def place(folder: Path, job: Job) -> Path:
    """Where a job's run is kept."""
    return folder / f"{job.key}.json"


def keep(folder: Path, run: Run) -> None:
    """Write a run: a file that is there is whole.

    Raises
    ------
    RunError
        one line, if it cannot be written.
    """
    text = json.dumps(run.document(), indent=1, allow_nan=False)
    write_text(place(folder, run.job), text)


def kept(folder: Path, job: Job) -> Run | None:
    """The run of a job, if it is kept.

    Raises
    ------
    RunError
        one line, if a file of that name is not one.
    """
    path = place(folder, job)
    try:
        run = of_document(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise RunError(f"{path}: is damaged; remove it, and it is run again") from None
    if run.job != job or not all(math.isfinite(p.flop) for p in run.points):
        raise RunError(f"{path}: is of another run; remove it, and it is run again")
    return run
