"""SONATA's files of spikes that are given."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from halfbrain.circuits.circuit import SpikeList
from halfbrain.errors import DataError, warn
from halfbrain.io.sonata.config import Config
from halfbrain.io.sonata.node_sets import NodeSets
from halfbrain.io.sonata.tables import Floats, Ints, dataset, opened, populations

_MS = {"ms": 1e-3, "milliseconds": 1e-3, "s": 1.0, "sec": 1.0, "seconds": 1.0}
Trains = dict[str, tuple[Floats, Ints]]  # s and nodes, by population


def given_spikes(part: Config, sets: NodeSets) -> Trains:
    """The spikes of virtual nodes that an input gives.

    Raises
    ------
    DataError
        one line with the file, the place, and what is wrong there.
    """
    module = part.document.get("module", "sonata")
    if module == "synapse_replay":
        return _replayed(part, sets)
    if module not in ("sonata", "h5", "csv"):
        known = "sonata, h5, csv and synapse_replay are"
        raise part.fail(f"{module!r:.40} is not read; {known}", "module")
    chosen = _virtual(part, sets, "node_set")
    return spikes_of(needed(part, "input_file"), sets, chosen) if chosen else {}


def _replayed(part: Config, sets: NodeSets) -> Trains:
    """Blue Brain's: spikes of all virtual nodes (or of ``source``) within ``duration``."""
    if part.number("delay", 0.0) != 0:
        raise part.fail("a replay that begins later is not read", "delay")
    onto = sets.chosen(part.document.get("node_set"))
    for name, own in sets.nodes.items():
        if not own.virtual and len(onto.get(name, ())) < own.table.size:
            raise part.fail(f"a replay onto a part of {name} is not read", "node_set")
    chosen = _virtual(part, sets, "source")
    found = spikes_of(needed(part, "spike_file"), sets, chosen) if chosen else {}
    end = part.number("duration", 1e12) * 1e-3
    return {name: (t[t < end], nodes[t < end]) for name, (t, nodes) in found.items()}


def needed(part: Config, key: str) -> Path:
    """A path that must be there."""
    file = part.path(key)
    if file is None:
        raise part.fail("is missing", key)
    return file


def _virtual(part: Config, sets: NodeSets, key: str) -> dict[str, Ints]:
    chosen = sets.chosen(part.document.get(key))
    chosen = {name: own for name, own in chosen.items() if sets.nodes[name].virtual}
    if not chosen:
        warn(str(part.fail("has no virtual nodes, which alone play out spikes", key)))
    return chosen


def spikes_of(file: Path, sets: NodeSets, chosen: Mapping[str, Ints]) -> Trains:
    """The spikes of some nodes by population.

    Raises
    ------
    DataError
        one line, if the file cannot be read or has no population of them.
    """
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


def lists_of(trains: Trains) -> dict[str, SpikeList]:
    """Trains in order of time."""
    lists = {}
    for population, (times, nodes) in trains.items():
        order = np.lexsort((nodes, times))
        lists[population] = SpikeList(times[order], nodes[order])
    return lists


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


def rows_of(file: Path, separator: str = " ") -> tuple[list[str], list[tuple[int, list[str]]]]:
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
    header, rows = rows_of(file)
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
