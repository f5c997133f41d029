"""Spikes on disk while a run goes on: appended to, never held in memory, safe against a crash."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.errors import RunError

_MAGIC = b"hbspike1"
# Packed, little-endian: 12 bytes a spike. 2**32 neurons are more than one log can come from.
_RECORD = np.dtype([("step", "<i8"), ("neuron", "<u4")])
CHUNK = 1 << 20  # spikes read or converted at a time

Chunk = tuple[NDArray[np.int64], NDArray[np.int64]]


class SpikeLog:
    """A log of (step, neuron), opened to go on with what is there, or made where there is none.

    After a crash the file may end with spikes that no checkpoint knows of: resume by
    ``truncate(position)`` with the position that the checkpoint holds, or ``truncate(0)`` to begin
    anew.

    Raises
    ------
    RunError
        if the file cannot be opened, or is something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            # Never with a mode that empties what is there.
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            self._file = os.fdopen(handle, "r+b")
            magic = self._file.read(len(_MAGIC))
            if magic != _MAGIC:
                if not _MAGIC.startswith(magic):
                    self._file.close()
                    raise RunError(f"{path}: is no spike log; remove it or name another file")
                # New, or killed before the eight bytes were written.
                self._file.seek(0)
                self._file.write(_MAGIC)
                self._file.flush()
                _sync_folder(path.parent)
            size = self._file.seek(0, os.SEEK_END)
            self._spikes = (size - len(_MAGIC)) // _RECORD.itemsize
            self._file.truncate(self._place(self._spikes))  # half a record tells nothing
            self._file.seek(0, os.SEEK_END)
        except OSError as error:
            raise RunError(f"cannot open the spike log {path}: {error.strerror}") from None

    def __len__(self) -> int:
        return self._spikes

    def __enter__(self) -> SpikeLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def append(self, steps: ArrayLike, neurons: ArrayLike) -> None:
        """Add spikes, as two arrays of the same length; in the order of their steps.

        They are on disk for sure only after ``position`` was asked for.

        Raises
        ------
        RunError
            if the disk is full or gone.
        """
        step, neuron = np.asarray(steps), np.asarray(neurons)
        if step.shape != neuron.shape or step.ndim != 1:
            raise ValueError(f"steps {step.shape} and neurons {neuron.shape} do not pair")
        if not step.size:
            return
        if neuron.min() < 0 or neuron.max() >= 2**32:
            raise ValueError("a neuron's number is outside 0 to 2**32 - 1")
        records = np.empty(step.size, _RECORD)
        records["step"], records["neuron"] = step, neuron
        try:
            self._file.write(records.data)
        except OSError as error:
            raise RunError(f"cannot write the spike log {self.path}: {error.strerror}") from None
        self._spikes += step.size

    @property
    def position(self) -> int:
        """How many spikes the log holds; asking makes sure that they are on disk (fsync).

        Raises
        ------
        RunError
            if the disk is full or gone.
        """
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise RunError(f"cannot write the spike log {self.path}: {error.strerror}") from None
        return self._spikes

    def truncate(self, position: int) -> None:
        """Drop what lies after the first ``position`` spikes.

        Raises
        ------
        RunError
            if the log holds fewer.
        """
        if not 0 <= position <= self._spikes:
            raise RunError(
                f"{self.path}: holds {self._spikes:,} spikes, but the checkpoint counts "
                f"{position:,}; resume from an older checkpoint or begin anew"
            )
        try:
            self._file.truncate(self._place(position))
            self._file.seek(0, os.SEEK_END)
            os.fsync(self._file.fileno())
        except OSError as error:
            raise RunError(f"cannot cut the spike log {self.path}: {error.strerror}") from None
        self._spikes = position

    def chunks(self, spikes: int = CHUNK) -> Iterator[Chunk]:
        """Steps and neurons, at most ``spikes`` at a time, in the order in which they came.

        What is appended meanwhile is left out.
        """
        if not self._file.closed:
            self._file.flush()
        end = self._spikes
        with self.path.open("rb") as file:
            file.seek(len(_MAGIC))
            for start in range(0, end, spikes):
                records = np.fromfile(file, _RECORD, min(spikes, end - start))
                if len(records) < min(spikes, end - start):
                    raise RunError(f"{self.path}: was cut short by something else")
                yield records["step"].astype(np.int64), records["neuron"].astype(np.int64)

    def read(self) -> Chunk:
        """All steps and neurons, in memory."""
        steps = np.empty(self._spikes, np.int64)
        neurons = np.empty(self._spikes, np.int64)
        start = 0
        for step, neuron in self.chunks():
            steps[start : start + step.size] = step
            neurons[start : start + step.size] = neuron
            start += step.size
        return steps, neurons

    def close(self) -> None:
        """Write out what is buffered, and close the file."""
        try:
            self._file.close()
        except OSError as error:
            raise RunError(f"cannot write the spike log {self.path}: {error.strerror}") from None

    @staticmethod
    def _place(position: int) -> int:
        return len(_MAGIC) + position * _RECORD.itemsize


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file outlast a crash, where folders can be synced (not on Windows)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
