"""How often dendrites must see the examples for each time that an MLP does, by the laboratory.

Both learn the same task at equal parameters, with one seed the same examples in the same order. The
figure is the samples that one needs over the other's, to the highest accuracy that all runs reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from halfbrain.engine.point.group import PointGroup
from halfbrain.errors import RunError
from halfbrain.learning import protocol
from halfbrain.learning.comparison import common_level, reached
from halfbrain.learning.job import Job, Run

# The settings that `halfbrain hypotheses --quick` chose of its five (docs/results).
RATES = {"mlp": 0.01, "dendrites": 0.03}


@dataclass(frozen=True)
class Lesson:
    """What both learn, and how much of it."""

    task: str = "digits"
    parameters: int = 40_000
    samples: int = 40_000
    seeds: int = 4


def ratios(
    lesson: Lesson, told: Callable[[str], object] = lambda learner: None
) -> tuple[dict[int, float], float]:
    """The samples of dendrites over those of an MLP, by seed, and to which accuracy.

    Raises
    ------
    RunError
        if no accuracy was reached by all runs.
    """
    runs: dict[str, list[Run]] = {name: [] for name in RATES}
    for seed in range(lesson.seeds):
        for name, rate in RATES.items():
            told(name)
            job = Job(
                lesson.task, name, lesson.parameters, None, lesson.samples, None, None, rate,
                32, seed, False, None,
            )  # fmt: skip
            runs[name].append(protocol.run(job, _unmetered))
    level = common_level(*runs.values())
    if level is None:
        raise RunError(f"{lesson.samples:,} samples of {lesson.task} are too few to learn anything")
    found = {}
    for seed, (mlp, dendrites) in enumerate(zip(runs["mlp"], runs["dendrites"], strict=True)):
        spent, least = reached(dendrites, "samples", level), reached(mlp, "samples", level)
        assert spent is not None
        assert least is not None
        found[seed] = spent / least
    return found, level


def _unmetered(simulation: PointGroup, trials: int) -> int:
    raise RunError("no simulation is run here")
