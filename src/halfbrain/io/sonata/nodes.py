"""SONATA's nodes: populations of neurons, and of nodes that only play out spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import h5py
import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError
from halfbrain.io.sonata.config import Config
from halfbrain.io.sonata.tables import (
    Floats,
    Table,
    dataset,
    opened,
    populations,
    read_table,
    read_types,
)

POINT = ("point_neuron", "point_process", "point_soma")  # one thing, under its names of the years
_TYPES = ("biophysical", "point_neuron", "virtual")


@dataclass(frozen=True, eq=False)
class Nodes:
    """A population of nodes in the order of their ids; virtual ones only play out spikes.

    Those that the simulation leaves out are not ``simulated``.
    """

    name: str
    table: Table
    virtual: bool
    simulated: bool = True

    @property
    def point(self) -> NDArray[np.bool_]:
        """Which of them are point neurons."""
        return np.isin(self.table.texts("model_type").astype(str), POINT)

    @property
    def positions(self) -> Floats | None:
        """Where they are in um, shape (n, 3), if that is given for all."""
        if not all(axis in self.table for axis in "xyz"):
            return None
        found = np.column_stack([self.table.numbers(axis) for axis in "xyz"])
        return found if np.isfinite(found).all() else None


def read_nodes(config: Config) -> dict[str, Nodes]:
    """All populations of nodes of a circuit, by name.

    Raises
    ------
    DataError
        one line with the file and what is wrong in it.
    """
    found: dict[str, Nodes] = {}
    parts = config.part("networks").parts("nodes")
    if not parts:
        raise config.fail("no files of nodes are named", "networks.nodes")
    for part in parts:
        types = read_types(part.path("node_types_file"), "node_type_id")
        file = part.path("nodes_file")
        if file is None:
            raise part.fail("is missing", "nodes_file")
        with opened(file, "nodes") as groups:
            for name, group in populations(groups):
                place = f"{file}: /nodes/{name}"
                if name in found:
                    raise DataError(f"{place}: a population of this name was in a file before")
                found[name] = _population(name, group, types, place)
    return found


def _population(
    name: str, group: h5py.Group, types: Mapping[str, Mapping[int, str]], place: str
) -> Nodes:
    table = _in_order(group, read_table(group, "node", types, place), place)
    kinds = table.texts("model_type")
    for kind in np.unique(kinds.astype(str)):
        if kind not in (*_TYPES, *POINT):
            raise DataError(
                f"{place}: model_type {kind[:40]!r} is not read; {', '.join(_TYPES)} are"
            )
    virtual = kinds == "virtual"
    if virtual.any() and not virtual.all():
        raise DataError(f"{place}: virtual nodes and neurons need populations of their own")
    return Nodes(name, table, bool(virtual.any()))


def _in_order(group: h5py.Group, table: Table, place: str) -> Table:
    """The rows in the order of node_id, which must be 0, 1, ... as SONATA has it."""
    if "node_id" not in group:
        return table
    ids = dataset(group, "node_id", "iu", place).astype(np.int64)
    if not np.array_equal(np.sort(ids), np.arange(table.size)):
        raise DataError(f"{place}/node_id: must be the numbers 0 to {table.size - 1}, each once")
    # Row r is node ids[r]; groups say which rows they are of.
    types = np.empty_like(table.types)
    types[ids] = table.types
    groups = {n: [(ids[rows], values) for rows, values in g] for n, g in table.groups.items()}
    return replace(table, types=types, groups=groups)
