"""SONATA HDF5 files read back; whatever is missing or damaged is one clear line."""

from __future__ import annotations

import math
import os
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from halfbrain.equations.steps import nearest_step
from halfbrain.errors import RunError
from halfbrain.recording.recorded import Recorded, Report
from halfbrain.recording.spike_log import Chunk
from halfbrain.recording.spikes import Spikes

OWN = ("magic", "version", "dt", "seconds")  # attributes of the root with a meaning of their own


def read(path: Path) -> Recorded:
    """All that ``write`` wrote, in memory.

    Raises
    ------
    RunError
        if the file is missing, damaged, or no such file.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise RunError(f"{path}: is no plain file")
        with h5py.File(path, "r") as file:
            return _Reader(path, file).recorded()
    except FileNotFoundError:
        raise RunError(f"{path}: there is no such file") from None
    except (IsADirectoryError, PermissionError) as error:
        raise RunError(f"cannot read {path}: {os.strerror(error.errno or 0)}") from None
    except (OSError, RuntimeError) as error:
        raise RunError(f"{path}: is no HDF5 file, or a damaged one ({error})") from None


class _Reader:
    """Reads an open file; whatever is not as it should be is one line with its place."""

    def __init__(self, path: Path, file: h5py.File) -> None:
        self.path, self.file = path, file

    def fail(self, place: str, what: str) -> RunError:
        return RunError(f"{self.path}: {place} {what}; is it a file that halfbrain wrote?")

    def group(self, place: str) -> h5py.Group:
        found = self.file.get(place)
        if not isinstance(found, h5py.Group):
            raise self.fail(place, "is missing")
        return found

    def array(self, place: str, dimensions: int, kinds: str) -> NDArray[np.generic]:
        found = self.file.get(place)
        if not isinstance(found, h5py.Dataset):
            raise self.fail(place, "is missing")
        if found.ndim != dimensions or found.dtype.kind not in kinds:
            raise self.fail(place, f"is of shape {found.shape} and type {found.dtype}")
        return np.asarray(found[()])

    def number(self, place: str, name: str, low: float, high: float) -> float:
        value = self.file[place].attrs.get(name)
        if value is None:
            raise self.fail(f"attribute {name!r} of {place}", "is missing")
        if not isinstance(value, np.integer | np.floating) or not low <= value < high:
            raise self.fail(f"attribute {name!r} of {place}", f"is {str(value)[:40]!r}")
        return float(value)

    def text(self, place: str, name: str, default: str | None = None) -> str:
        value = self.file[place].attrs.get(name, default)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if not isinstance(value, str):
            raise self.fail(f"attribute {name!r} of {place}", "is missing, or no text")
        return value

    def recorded(self) -> Recorded:
        dt = self.number("/", "dt", np.finfo(float).tiny, math.inf)
        seconds = self.number("/", "seconds", 0, math.inf)
        steps, neurons, populations = [], [], {}
        for name in self.group("/spikes"):
            place = f"/spikes/{name}"
            self.group(place)
            first = int(self.number(place, "first_neuron", 0, 2**32))
            populations[name] = range(first, first + int(self.number(place, "size", 0, 2**31)))
            step, neuron = self.spikes_of(place, len(populations[name]), dt, seconds)
            steps.append(step)
            neurons.append(neuron + first)
        populations = dict(sorted(populations.items(), key=lambda item: item[1].start))
        step = np.concatenate(steps) if steps else np.empty(0, np.int64)
        neuron = np.concatenate(neurons) if neurons else np.empty(0, np.int64)
        order = np.lexsort((neuron, step))
        spikes = Spikes(step[order], neuron[order], populations, dt, seconds)
        reports = tuple(map(self.report, self.group("/report"))) if "report" in self.file else ()
        return Recorded(spikes, reports, self.attributes())

    def spikes_of(self, place: str, size: int, dt: float, seconds: float) -> Chunk:
        times = self.array(f"{place}/timestamps", 1, "f").astype(np.float64)
        ids = self.array(f"{place}/node_ids", 1, "iu").astype(np.int64)
        if (unit := self.text(f"{place}/timestamps", "units")) != "ms":
            raise self.fail(f"{place}/timestamps", f"is in {unit[:20]!r}, not in 'ms'")
        if len(times) != len(ids):
            raise self.fail(place, f"has {len(times):,} times and {len(ids):,} neurons")
        if len(times) and not (times.min() >= 0 and times.max() <= (seconds + dt) * 1e3):
            raise self.fail(f"{place}/timestamps", f"leaves the recording of {seconds:g} s")
        if len(ids) and not (ids.min() >= 0 and ids.max() < size):
            raise self.fail(f"{place}/node_ids", f"leaves the population of {size:,} neurons")
        return nearest_step(times, dt * 1e3).astype(np.int64), ids

    def report(self, name: str) -> Report:
        place = f"/report/{name}"
        self.group(place)
        data = self.array(f"{place}/data", 2, "f").astype(np.float32, copy=False)
        neurons = self.array(f"{place}/mapping/node_ids", 1, "iu").astype(np.int64)
        times = self.array(f"{place}/mapping/time", 1, "f").astype(np.float64)
        pointers = f"{place}/mapping/index_pointers"
        if data.shape[1] != len(neurons) and pointers in self.file:
            ends = self.array(pointers, 1, "iu").astype(np.int64)
            counts = ends[1:] - ends[:-1]
            if len(counts) == len(neurons) and (counts >= 0).all():
                neurons = np.repeat(neurons, counts)
        if data.shape[1] != len(neurons):
            raise self.fail(f"{place}/data", f"has {data.shape[1]} columns, not {len(neurons)}")
        if times.shape != (3,) or not np.all(np.isfinite(times)) or times[2] <= 0:
            raise self.fail(f"{place}/mapping/time", f"is {times[:3]}, not start, stop and step")
        return Report(
            self.text(place, "population", name),
            self.text(place, "variable", ""),
            self.text(f"{place}/data", "units"),
            neurons,
            float(times[0]) / 1e3,
            float(times[2]) / 1e3,
            data,
        )

    def attributes(self) -> dict[str, str | int | float]:
        found = {}
        for name, value in self.file.attrs.items():
            plain = value.item() if isinstance(value, np.generic) else value
            if name not in OWN and isinstance(plain, str | int | float):
                found[name] = plain
        return found
