"""Spikes and recorded states written as SONATA HDF5 files.

The layout is that of the SONATA developer guide (Allen Institute and Blue Brain Project; Dai et
al. 2020, PLoS Comput Biol 16, e1007696): ``/spikes/POPULATION/{timestamps, node_ids}`` and
``/report/POPULATION/{data, mapping}``. A SONATA report holds one variable of one population; where
more than one is recorded the others are called ``POPULATION.VARIABLE``. Attributes hold what SONATA
has no place for: the step and the length on the root, a population's size and place on its group.
Nothing is compressed: libsonata's wheels cannot read it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import h5py
import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError
from halfbrain.io.sonata_reader import OWN
from halfbrain.io.sonata_reader import read as read
from halfbrain.recording.recorded import Report
from halfbrain.recording.spike_log import CHUNK, Chunk, SpikeLog
from halfbrain.recording.spikes import Spikes
from halfbrain.written import replacing

if TYPE_CHECKING:
    from typing_extensions import Buffer

_SORTING = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="u1")
T = TypeVar("T")
_FRAME_BYTES = 1 << 24  # of a report, written at a time


def write(
    path: Path,
    spikes: Spikes | SpikeLog,
    populations: Mapping[str, range],
    dt: float,
    seconds: float,
    reports: Sequence[Report] = (),
    attributes: Mapping[str, str | int | float] | None = None,
) -> None:
    """Write a SONATA file, under a temporary name that is renamed when all is on disk.

    A log is read piece by piece, so that a run may be longer than memory. Times are in
    milliseconds, as everybody writes them; ``dt`` and ``seconds`` are in seconds. The same content
    gives the same bytes.

    Raises
    ------
    RunError
        if the place cannot be written, or a name cannot stand in a SONATA file.
    """
    try:
        with replacing(path) as temporary, _Calm(temporary, "r+b") as disk:
            with h5py.File(disk, "w") as file:
                file.attrs["magic"] = np.uint32(0x0A7A)
                file.attrs["version"] = np.array([0, 1], np.uint32)
                file.attrs["dt"], file.attrs["seconds"] = dt, seconds
                for name, value in (attributes or {}).items():
                    if name in OWN:
                        raise ValueError(f"the attribute {name!r} is not the caller's")
                    file.attrs[name] = value
                pieces = disk.watched(_pieces(spikes))
                _write_spikes(file.create_group("spikes"), pieces, populations, dt)
                for report, name in zip(reports, _report_names(reports), strict=True):
                    _write_report(file.create_group(f"report/{name}"), report, disk)
            disk.check()
            os.fsync(disk.fileno())
    except (OSError, RuntimeError) as error:  # HDF5 raises either
        why = getattr(error, "strerror", None) or error
        raise RunError(f"cannot write {path}: {why}") from None


class _Calm(io.FileIO):
    """A file that remembers its first error instead of raising it, until ``check``.

    On a full disk HDF5 fails again at each object that it closes, prints a trace for each, and may
    crash the interpreter in the end. Told that all went well, it closes in peace.
    """

    error: OSError | None = None

    def write(self, data: Buffer) -> int:
        rest = memoryview(data).cast("B")
        size = len(rest)
        while len(rest) and self.error is None:
            try:
                rest = rest[super().write(rest) or 0 :]
            except OSError as error:
                self.error = error
        return size

    def truncate(self, size: int | None = None) -> int:
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size or 0

    def check(self) -> None:
        if self.error is not None:
            raise self.error

    def watched(self, things: Iterable[T]) -> Iterator[T]:
        for thing in things:
            self.check()
            yield thing


def _pieces(spikes: Spikes | SpikeLog) -> Iterator[Chunk]:
    if isinstance(spikes, SpikeLog):
        yield from spikes.chunks()
        return
    for start in range(0, len(spikes.steps), CHUNK):
        yield spikes.steps[start : start + CHUNK], spikes.neurons[start : start + CHUNK]


def _name(kind: str, name: str) -> str:
    if not name or name == "." or "/" in name or "\0" in name:
        raise RunError(f"{kind} {name!r}: no SONATA file can hold this name; leave out '/'")
    return name


def _write_spikes(
    parent: h5py.Group, pieces: Iterator[Chunk], populations: Mapping[str, range], dt: float
) -> None:
    # An empty population comes before the one that starts at the same place.
    names = sorted(populations, key=lambda name: (populations[name].start, populations[name].stop))
    starts = np.array([populations[name].start for name in names], np.int64)
    stops = np.array([populations[name].stop for name in names], np.int64)
    groups = []
    for name in names:
        group = parent.create_group(_name("population", name))
        group.attrs["first_neuron"] = populations[name].start
        group.attrs["size"] = len(populations[name])
        for dataset, dtype in (("timestamps", np.float64), ("node_ids", np.uint64)):
            group.create_dataset(dataset, (0,), dtype, maxshape=(None,), chunks=(1 << 15,))
        group["timestamps"].attrs["units"] = "ms"
        groups.append(group)
    sorted_ = np.ones(len(names), bool)
    last = np.full(len(names), np.iinfo(np.int64).min)
    for steps, neurons in pieces:
        own = np.searchsorted(starts, neurons, "right") - 1
        if own.min(initial=0) < 0 or np.any(neurons >= stops[own]):
            raise ValueError("a spike of a neuron that is in no population")
        order = np.argsort(own, kind="stable")
        ends = np.searchsorted(own[order], np.arange(len(names) + 1))
        for index in np.flatnonzero(np.diff(ends)):
            chosen = order[ends[index] : ends[index + 1]]
            step = steps[chosen]
            sorted_[index] &= step[0] >= last[index] and not np.any(np.diff(step) < 0)
            last[index] = step[-1]
            _extend(groups[index]["timestamps"], step * (dt * 1e3))
            _extend(groups[index]["node_ids"], (neurons[chosen] - starts[index]).astype(np.uint64))
    for group, in_order in zip(groups, sorted_, strict=True):
        group.attrs.create("sorting", 2 if in_order else 0, dtype=_SORTING)


def _extend(dataset: h5py.Dataset, values: NDArray[Any]) -> None:
    end = dataset.shape[0]
    dataset.resize(end + len(values), axis=0)
    dataset[end:] = values


def _report_names(reports: Sequence[Report]) -> list[str]:
    names: list[str] = []
    for report in reports:
        name = _name("report of population", report.population)
        if name in names:
            name = _name("report", f"{report.population}.{report.variable}")
        if name in names:
            raise RunError(f"two reports would be called {name!r}; rename a population or variable")
        names.append(name)
    return names


def _write_report(group: h5py.Group, report: Report, disk: _Calm) -> None:
    frames, values = report.data.shape
    if values != len(report.neurons):
        raise ValueError(f"{values} columns for {len(report.neurons)} neurons")
    group.attrs["population"], group.attrs["variable"] = report.population, report.variable
    chunks = (min(frames, 64), min(values, 256)) if report.data.size else None
    data = group.create_dataset("data", (frames, values), np.float32, chunks=chunks)
    data.attrs["units"] = report.unit
    at_once = max(1, _FRAME_BYTES // (4 * max(values, 1)))
    for start in disk.watched(range(0, frames, at_once)):
        data[start : start + at_once] = report.data[start : start + at_once]
    mapping = group.create_group("mapping")
    new = np.append(True, np.diff(report.neurons) != 0)[:values]
    nodes = report.neurons[new]
    mapping["node_ids"] = nodes.astype(np.uint64)
    mapping["node_ids"].attrs["sorted"] = np.uint8(np.all(np.diff(nodes) > 0))
    mapping["index_pointers"] = np.append(np.flatnonzero(new), values).astype(np.uint64)
    # A point neuron is one element: "just arrays of 1s", says the guide.
    sections, positions = report.sections, report.positions
    ones = np.ones(values)
    mapping["element_ids"] = (ones if sections is None else sections).astype(np.uint32)
    mapping["element_pos"] = (ones if positions is None else positions).astype(np.float32)
    times = np.array([report.start, report.start + frames * report.step, report.step])
    mapping["time"] = times * 1e3
    mapping["time"].attrs["units"] = "ms"
