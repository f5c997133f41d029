"""SONATA's inputs: spike trains that are given, and currents."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from halfbrain.circuits.circuit import SpikeList
from halfbrain.circuits.detailed.circuit import Clamp
from halfbrain.circuits.sonata.config import Config
from halfbrain.circuits.sonata.node_sets import NodeSets
from halfbrain.circuits.sonata.tables import Floats, Ints, dataset, opened, populations
from halfbrain.errors import DataError, warn

_MS = {"ms": 1e-3, "milliseconds": 1e-3, "s": 1.0, "sec": 1.0, "seconds": 1.0}
Trains = dict[str, tuple[Floats, Ints]]  # s and nodes, by population


def read_inputs(config: Config, sets: NodeSets) -> tuple[dict[str, SpikeList], list[Clamp]]:
    """Spikes of virtual populations, and currents into somata.

    Raises
    ------
    DataError
        one line with the file, the input, and what is wrong with it.
    """
    trains: Trains = {}
    clamps: list[Clamp] = []
    for name, part in config.part("inputs").named():
        kind = part.text("input_type")
        if kind == "spikes":
            for population, (times, nodes) in _spikes(part, sets).items():
                old = trains.get(population, (np.empty(0), np.empty(0, np.int64)))
                joined = np.concatenate((old[0], times)), np.concatenate((old[1], nodes))
                trains[population] = joined
        elif kind in ("current_clamp", "csv", "file"):
            module = part.document.get("module", "IClamp")
            if module not in ("IClamp", "linear"):
                raise part.fail(f"{module!r:.40} is not read; IClamp and linear are", "module")
            clamps += _clamps(name, part, sets, kind)
        else:
            raise part.fail(
                f"{kind[:40]!r} is not read; spikes, current_clamp and csv are", "input_type"
            )
    lists = {}
    for population, (times, nodes) in trains.items():
        order = np.lexsort((nodes, times))
        lists[population] = SpikeList(times[order], nodes[order])
    return lists, clamps


def _spikes(part: Config, sets: NodeSets) -> Trains:
    module = part.document.get("module", "sonata")
    if module not in ("sonata", "h5", "csv"):
        raise part.fail(f"{module!r:.40} is not read; sonata, h5 and csv are", "module")
    file = part.path("input_file")
    if file is None:
        raise part.fail("is missing", "input_file")
    chosen = sets.chosen(part.document.get("node_set"))
    chosen = {name: own for name, own in chosen.items() if sets.nodes[name].virtual}
    if not chosen:
        warn(str(part.fail("has no virtual nodes, which alone play out spikes", "node_set")))
        return {}
    found = _csv_spikes(file, list(chosen)) if file.suffix == ".csv" else _h5_spikes(file)
    if "" in found:  # an older file, which names no population
        found = dict.fromkeys(chosen, found[""])
    out: Trains = {}
    for name, own in chosen.items():
        if name not in found:
            continue
        times, nodes = found[name]
        size = sets.nodes[name].table.size
        if outside := int(((nodes < 0) | (nodes >= size)).sum()):
            warn(f"{file}: {outside} spikes are of none of the {size} nodes of {name}; left out")
        if not (np.isfinite(times).all() and (times >= 0).all()):
            raise DataError(f"{file}: a time is below 0 or not finite")
        wanted = np.isin(nodes, own)
        out[name] = times[wanted], nodes[wanted]
    if not out:
        raise DataError(f"{file}: has spikes of none of {', '.join(chosen)}")
    return out


def _h5_spikes(file: Path) -> Trains:
    with opened(file, "spikes") as spikes:
        if "timestamps" in spikes:
            return {"": _train(spikes, f"{file}: /spikes")}
        return {name: _train(own, f"{file}: /spikes/{name}") for name, own in populations(spikes)}


def _train(group: h5py.Group, place: str) -> tuple[Floats, Ints]:
    times = dataset(group, "timestamps", "fiu", place).astype(np.float64)
    ids = "node_ids" if "node_ids" in group else "gids"
    nodes = dataset(group, ids, "iu", place).astype(np.int64)
    unit = group["timestamps"].attrs.get("units", "ms")
    unit = unit.decode("utf-8", "replace") if isinstance(unit, bytes) else str(unit)
    if unit not in _MS:
        raise DataError(f"{place}/timestamps: is in {unit[:20]!r}, not in ms or s")
    if len(times) != len(nodes):
        raise DataError(f"{place}: has {len(times)} times and {len(nodes)} nodes")
    return times * _MS[unit], nodes


def _rows(file: Path, separator: str = " ") -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The first row of a table, and the others with their lines."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            stripped = (line.rstrip() for line in lines)
            reader = csv.reader(stripped, delimiter=separator, skipinitialspace=True)
            rows = [(reader.line_num, row) for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file}: cannot be read as a table: {error}"[:200]) from error
    return (rows[0][1], rows[1:]) if rows else ([], [])


def _csv_spikes(file: Path, populations: list[str]) -> Trains:
    header, rows = _rows(file)
    if header[:2] == ["gid", "spike-times"]:
        return _lists_of_times(file, populations, rows)
    if "timestamps" not in header or "node_ids" not in header:
        raise DataError(f"{file}:1: has no columns 'timestamps' and 'node_ids', parted by spaces")
    out: dict[str, tuple[list[float], list[int]]] = {}
    for line, row in rows:
        try:
            words = dict(zip(header, row, strict=True))
            name = words.get("population", populations[0])
            times, nodes = out.setdefault(name, ([], []))
            times.append(float(words["timestamps"]) * 1e-3)
            nodes.append(int(words["node_ids"]))
        except ValueError as error:
            raise DataError(f"{file}:{line}: is no spike: {error}"[:200]) from None
    return {n: (np.array(t), np.array(i, np.int64)) for n, (t, i) in out.items()}


def _lists_of_times(
    file: Path, populations: list[str], rows: list[tuple[int, list[str]]]
) -> Trains:
    """The older form: a node, and its times in ms with commas between them, in each line."""
    times: list[float] = []
    nodes: list[int] = []
    for line, row in rows:
        try:
            found = [float(word) for word in ",".join(row[1:]).split(",") if word]
            times += found
            nodes += [int(row[0])] * len(found)
        except ValueError as error:
            raise DataError(f"{file}:{line}: is no list of spikes: {error}"[:200]) from None
    return {populations[0]: (np.array(times) * 1e-3, np.array(nodes, np.int64))}


def _clamps(name: str, part: Config, sets: NodeSets, kind: str) -> list[Clamp]:
    where = part.document.get("section_name", "soma")
    if where not in ("soma", "somatic") or part.document.get("section_index", 0) != 0:
        raise part.fail(f"currents go into the soma only, not {where!r:.40}", "section_name")
    columns = _table_of_steps(part) if kind != "current_clamp" else _steps(part)
    chosen = sets.chosen(part.document.get("node_set"))
    out = []
    for population, ids in chosen.items():
        nodes = sets.nodes[population]
        ids = ids[~nodes.point[ids]] if not nodes.point.all() else ids
        if nodes.virtual or not len(ids):
            continue
        for k, (amplitude, delay, duration) in enumerate(zip(*columns, strict=True)):
            currents = np.zeros(nodes.table.size)
            currents[ids] = amplitude
            out.append(Clamp(population, currents, delay, duration, f"{name}[{k}]"))
    if not out:
        warn(str(part.fail("no neuron of this set takes its current", "node_set")))
    return out


def _steps(part: Config) -> list[list[float]]:
    """Amplitudes (nA), delays and durations (ms)."""
    if part.document.get("module") == "linear":
        first = part.number("amp_start")
        if part.number("amp_end", first) != first:
            raise part.fail("a current that changes steadily is not read", "amp_end")
        return [[first], [part.number("delay")], [part.number("duration")]]
    columns = [_series(part, key) for key in ("amp", "delay", "duration")]
    if len({len(column) for column in columns}) != 1:
        raise part.fail("amp, delay and duration are lists of one length")
    return columns


def _table_of_steps(part: Config) -> list[list[float]]:
    """The same from a table of times (ms) and amplitudes (nA), each of which holds to the next."""
    file = part.path("file")
    if file is None:
        raise part.fail("is missing", "file")
    separator = part.text("separator", " ")
    if len(separator) != 1:
        raise part.fail("is one character", "separator")
    header, rows = _rows(file, separator)
    names = [
        part.text("timestamps_column", "timestamps"),
        part.text("amplitudes_column", "amps"),
    ]
    if missing := [name for name in names if name not in header]:
        raise DataError(f"{file}:1: has no column {missing[0][:40]!r}")
    found: list[list[float]] = []
    for line, row in rows:
        try:
            words = dict(zip(header, row, strict=True))
            found.append([float(words[name]) for name in names])
        except ValueError as error:
            raise DataError(f"{file}:{line}: is no time and current: {error}"[:200]) from None
    if not found or not np.isfinite(found).all():
        raise DataError(f"{file}: has no times and currents, or some that are not finite")
    times, amplitudes = np.array(found).T
    if (np.diff(times) <= 0).any():
        raise DataError(f"{file}: its times do not rise")
    return [amplitudes.tolist(), times.tolist(), [*np.diff(times).tolist(), 1e9]]


def _series(part: Config, key: str) -> list[float]:
    value: Any = part.document.get(key)
    if isinstance(value, list):
        return [Config(part.file, {key: one}, part.where).number(key) for one in value]
    return [part.number(key)]
