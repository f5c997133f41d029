"""Tasks by name: ``digits``, ``mnist``, ``permuted-mnist:10``, ``split-fashion-mnist:5``."""

from __future__ import annotations

from collections.abc import Callable

from halfbrain.errors import DataError
from halfbrain.learning.published import Told
from halfbrain.learning.tasks import images, sequences
from halfbrain.learning.tasks.series import mnist_1d
from halfbrain.learning.tasks.task import Task

BASES: dict[str, Callable[[Told], Task]] = {
    "digits": lambda told: images.digits(),
    "mnist": images.mnist,
    "fashion-mnist": images.fashion_mnist,
    "mnist-1d": lambda told: mnist_1d(),
}
_PARTS = {"permuted": 10, "split": 5}
_PERMUTATIONS = 2022  # the seed of the permutations: the same ones for all learners and seeds
_KEYWORDS = ("keywords", "speech-commands", "gsc")


def names() -> str:
    """What there is, in words."""
    return f"{', '.join(BASES)}, and each as permuted-NAME:PARTS or split-NAME:PARTS"


def load_task(name: str, told: Told = lambda name, done, total: None) -> Task:
    """A task by its name.

    Raises
    ------
    DataError
        one line, if there is none of that name, or its data is not to be had or damaged.
    """
    base, way, parts = read_name(name)
    task = BASES[base](told)
    if way == "permuted":
        return sequences.permuted(task, parts, _PERMUTATIONS)
    if way == "split":
        return sequences.split(task, parts)
    return task


def read_name(name: str) -> tuple[str, str, int]:
    """The data set, the way it is cut (or ""), and the number of parts; without any data."""
    plain, colon, number = name.strip().lower().replace("_", "-").partition(":")
    way, dash, base = plain.partition("-")
    if way not in _PARTS or not dash:
        way, base = "", plain
    if base in _KEYWORDS:
        raise DataError(
            f"{name[:40]}: Google Speech Commands is not included: 2.3 GB, and it needs a decoder "
            f"of sound; of Numenta's tasks there is permuted-mnist"
        )
    if base not in BASES:
        raise DataError(f"no task {name[:40]!r}; there are {names()}")
    if colon and not way:
        raise DataError(f"{name[:40]}: only a permuted or split task has a number of parts")
    if colon and not (number.isascii() and number.isdigit() and len(number) < 4):
        raise DataError(f"{name[:40]}: the number of parts is a whole number, as in {plain}:5")
    return base, way, int(number) if colon else _PARTS.get(way, 1)
