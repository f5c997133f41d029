"""What is recorded in a unit, step by step; in less memory where an error was agreed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.cable.table import Numbers
from halfbrain.errors import RunError
from halfbrain.io.compressed import compress, decompress, zfpy

CHUNK = 4096  # steps that are kept as they are, until they are compressed together


class Records:
    """Columns of numbers that grow by some steps at a time.

    A column with an ``error`` above 0 (in its own unit) is kept as zfp streams of CHUNK steps.
    """

    def __init__(self, dtype: type[np.floating[Any]]) -> None:
        self.dtype = np.dtype(dtype)
        self.errors: list[float] = []
        self.first: list[float] = []  # what there was at the start
        self.steps = 0
        self._kept: list[list[Numbers | bytes]] = []  # of each column, in chunks
        self._latest: list[Numbers] = []  # shape (steps, columns) each, less than a chunk together
        self._room = CHUNK

    def column(self, first: float, error: float) -> int:
        """A new column, with what there is at the start; its number.

        Raises
        ------
        RunError, MissingError
            if there is no such error, or nothing to compress with.
        """
        if not 0 <= error < np.inf:
            raise RunError(f"a record's error is 0 or more, in the variable's unit, not {error}")
        if error > 0:
            zfpy()
        self.first.append(first)
        self.errors.append(error)
        self._kept.append([])
        return len(self.errors) - 1

    def add(self, numbers: Numbers) -> None:
        """Append steps, shape (steps, columns)."""
        if not self.errors:
            return
        self.steps += len(numbers)
        while len(numbers) >= self._room:
            self._latest.append(numbers[: self._room])
            numbers, self._room = numbers[self._room :], CHUNK
            whole = np.concatenate(self._latest)
            self._latest = []
            for kept, error, own in zip(self._kept, self.errors, whole.T, strict=True):
                kept.append(compress(own, error) if error > 0 else own.copy())
        if len(numbers):
            self._latest.append(numbers)
            self._room -= len(numbers)

    def chunks(self, column: int) -> list[Numbers | bytes]:
        """What is kept of a column after the start: zfp streams or numbers, CHUNK steps each.

        The last may be shorter.
        """
        kept, error = list(self._kept[column]), self.errors[column]
        if self._latest:
            last = np.concatenate([some[:, column] for some in self._latest])
            kept.append(compress(last, error) if error > 0 else last)
        return kept

    def values(self, column: int) -> Numbers:
        """All of a column, shape (steps + 1,)."""
        found = np.empty(self.steps + 1, self.dtype)
        found[0], at = self.first[column], 1
        for kept in self._kept[column]:
            found[at : at + CHUNK] = unpacked(kept, CHUNK, self.dtype)
            at += CHUNK
        for some in self._latest:
            found[at : at + len(some)] = some[:, column]
            at += len(some)
        return found

    def parts(self, column: int) -> dict[str, NDArray[Any]]:
        """All of a column as arrays."""
        raw = [x if isinstance(x, bytes) else x.tobytes() for x in self._kept[column]]
        latest = [np.empty(0, self.dtype), *(some[:, column] for some in self._latest)]
        return {
            "first": np.array([self.first[column]]),
            "kept": np.frombuffer(b"".join(raw), np.uint8),
            "sizes": np.array([len(x) for x in raw], np.int64),
            "latest": np.concatenate(latest),
        }

    def put_back(self, column: int, parts: Mapping[str, NDArray[Any]]) -> None:
        """Take such arrays; those of all columns have the same steps."""
        self.first[column] = float(parts["first"][0])
        latest, ends = parts["latest"], np.cumsum(parts["sizes"])
        chunks = [x for x in np.split(parts["kept"], ends) if len(x)]
        raw = self.errors[column] > 0
        self._kept[column] = [x.tobytes() if raw else x.view(self.dtype).copy() for x in chunks]
        shape = len(latest), len(self.errors)
        if len(self._latest) != 1 or self._latest[0].shape != shape:
            self._latest = [np.empty(shape, self.dtype)]
        self._latest[0][:, column] = latest
        self._room = CHUNK - len(latest)
        self.steps = len(chunks) * CHUNK + len(latest)

    @property
    def nbytes(self) -> int:
        """Bytes that are held."""
        kept = sum(
            len(x) if isinstance(x, bytes) else x.nbytes for column in self._kept for x in column
        )
        return kept + sum(some.nbytes for some in self._latest)


def unpacked(chunk: Numbers | bytes, steps: int, dtype: np.dtype[Any]) -> Numbers:
    """The numbers of a chunk."""
    return decompress(chunk, (steps,), dtype) if isinstance(chunk, bytes) else chunk


@dataclass(frozen=True, eq=False)
class Record:
    """What is recorded where: a compartment's variable, or that of a mechanism's place.

    ``mechanism`` is its number among the cell's placed ones, if it is one's; ``column`` is one of
    ``records``.
    """

    cell: int
    place: int
    variable: str
    mechanism: int | None
    records: Records
    column: int

    @property
    def error(self) -> float:
        """How far from what was, in the variable's unit, what comes back may be."""
        return self.records.errors[self.column]

    def values(self) -> Numbers:
        """Shape (steps + 1,): at the start and after each step."""
        return self.records.values(self.column)

    def chunks(self) -> list[Numbers | bytes]:
        """As they are kept: see :meth:`Records.chunks`."""
        return self.records.chunks(self.column)
