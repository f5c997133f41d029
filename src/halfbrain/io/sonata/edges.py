"""SONATA's edges: synapses between populations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import h5py
import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.detailed.artificial import int_fire_1
from halfbrain.circuits.detailed.circuit import DetailedProjection, Receptor
from halfbrain.circuits.detailed.place import At
from halfbrain.connectivity.rule import Explicit
from halfbrain.errors import DataError
from halfbrain.io.sonata import blue_brain
from halfbrain.io.sonata.config import Config
from halfbrain.io.sonata.inputs import Inputs
from halfbrain.io.sonata.nodes import Nodes
from halfbrain.io.sonata.synapses import Synapses
from halfbrain.io.sonata.tables import (
    Floats,
    Ints,
    Table,
    dataset,
    opened,
    populations,
    read_table,
    read_types,
)
from halfbrain.morphology.places import Place

_WEIGHTS = ("", "wmax", "default_weight_fnc", "set_syn_weight")  # all are syn_weight itself
_BY_TUNING = "gaussianLL"
_NONE = np.empty(0, np.int64)
REGIONS = {
    "soma": "soma",
    "somatic": "soma",
    "dend": "basal",
    "basal": "basal",
    "apic": "apical",
    "apical": "apical",
    "axon": "axon",
    "axonal": "axon",
}
_PLACES = (("afferent_section_id", "afferent_section_pos"), ("sec_id", "sec_x"))


@dataclass(frozen=True, eq=False)
class Edges:
    """Projections, and the receptors that they name."""

    receptors: tuple[Receptor, ...]
    projections: tuple[DetailedProjection, ...]
    notes: tuple[str, ...]


def read_edges(config: Config, nodes: Mapping[str, Nodes], inputs: Inputs) -> Edges:
    """All edges of a circuit, and those that replays play to.

    Raises
    ------
    DataError
        one line with the file and what is wrong in it.
    """
    reader = _Reader(config)
    for found in edges_of(config, nodes):
        if found[1].virtual or not inputs.silences:
            reader.population(*found)
    for replay in inputs.replays:
        again = edges_of(config, nodes) if replay.edges is None else edges_in(replay.edges, nodes)
        for name, source, sources, target, targets, table in again:
            rows = np.flatnonzero(
                np.isin(sources, replay.sources.get(source.name, _NONE))
                & np.isin(targets, replay.targets.get(target.name, _NONE))
            )
            if len(rows) and not (source.virtual and replay.edges is None):
                reader.population(
                    f"{name}.{replay.name}", replay.source(source), sources[rows], target,
                    targets[rows], table.some(rows),
                )  # fmt: skip
    return Edges(tuple(reader.receptors), tuple(reader.projections), tuple(reader.notes))


def edges_of(
    config: Config, nodes: Mapping[str, Nodes]
) -> Iterator[tuple[str, Nodes, Ints, Nodes, Ints, Table]]:
    """Each population of edges: its name, its sources and targets, and its table.

    Raises
    ------
    DataError
        one line with the file and what is wrong in it.
    """
    yield from edges_in(config.part("networks").parts("edges"), nodes)


def edges_in(
    parts: list[Config], nodes: Mapping[str, Nodes]
) -> Iterator[tuple[str, Nodes, Ints, Nodes, Ints, Table]]:
    """The same of parts of a configuration that name files."""
    for part in parts:
        types = read_types(part.path("edge_types_file"), "edge_type_id")
        file = part.path("edges_file")
        if file is None:
            raise part.fail("is missing", "edges_file")
        with opened(file, "edges") as groups:
            for name, group in populations(groups):
                table = read_table(group, "edge", types, f"{file}: /edges/{name}")
                source, sources = _ends(group, "source", table, nodes)
                target, targets = _ends(group, "target", table, nodes)
                if target.virtual:
                    what = "its targets are virtual nodes, which take no spikes"
                    raise DataError(f"{table.place}: {what}")
                if source.simulated and target.simulated:
                    yield name, source, sources, target, targets, table


class _Reader:
    def __init__(self, config: Config) -> None:
        self.config, self.synapses = config, Synapses(config)
        self.receptors: list[Receptor] = []
        self.projections: list[DetailedProjection] = []
        self.notes: list[str] = []

    def population(
        self, name: str, source: Nodes, sources: Ints, target: Nodes, targets: Ints, table: Table
    ) -> None:
        if blue_brain.is_blue_brains(table):
            ends = source, sources, target, targets
            for receptor, projection in blue_brain.synapses(self.config, name, *ends, table):
                self.receptors.append(receptor)
                self.projections.append(projection)
            return
        weights = weights_of(table, source, target, sources, targets)
        delays = finite(table, "delay")
        point = target.point[targets]
        if point.any():
            self._onto_artificial(name, source, target, np.flatnonzero(point), table,
                                  sources, targets, weights, delays)  # fmt: skip
        for label, rows, at in self._parts(table, ~point):
            template = table.texts("model_template")[rows][0]
            kind = self.synapses.kind(template, table.place)
            self.receptors.append(Receptor(f"{name}.{label}", kind.mechanism))
            self.projections.append(
                DetailedProjection(
                    source=source.name,
                    target=target.name,
                    receptor=f"{name}.{label}",
                    rule=Explicit(sources[rows], targets[rows]),
                    weight=weights[rows],
                    delay=delays[rows],
                    contacts=1 if isinstance(at, At) else contacts(table)[rows],
                    place=at,
                    values=self.synapses.values(kind, table, rows),
                )
            )

    def _onto_artificial(
        self, name: str, source: Nodes, target: Nodes, rows: Ints, table: Table,
        sources: Ints, targets: Ints, weights: Floats, delays: Floats,
    ) -> None:  # fmt: skip
        """Edges onto artificial cells: as BMTK has it, all their synapses are one event."""
        receptor = f"{name}.IntFire1"
        self.receptors.append(Receptor(receptor, int_fire_1()))
        scale = np.ones(len(rows))
        if "nsyns" in table:
            unplaced = np.isfinite(table.numbers("nsyns"))[rows]
            signs = self.synapses.signs(table, rows[unplaced])
            scale[unplaced] = signs * contacts(table)[rows[unplaced]]
        self.projections.append(
            DetailedProjection(
                source=source.name,
                target=target.name,
                receptor=receptor,
                rule=Explicit(sources[rows], targets[rows]),
                weight=weights[rows] * scale,
                delay=delays[rows],
                place=Place(("soma",)),
            )
        )

    def _parts(
        self, table: Table, chosen: NDArray[np.bool_]
    ) -> Iterator[tuple[str, Ints, At | Place]]:
        """The chosen edges by template: those whose places are given, and those of each type else.

        Yields their label, rows and places.
        """
        template = table.texts("model_template")
        section, position = np.full((2, table.size), np.nan)
        for names in _PLACES:
            if names[0] in table and names[1] in table:
                section, position = table.numbers(names[0]), table.numbers(names[1])
                break
        placed = np.isfinite(section) & np.isfinite(position)
        if (placed & (section != np.floor(section))).any():
            raise DataError(f"{table.place}: a section's number is not whole")
        for kind in np.unique(template[chosen].astype(str)):
            own = chosen & (template == kind)
            rows = np.flatnonzero(own & placed)
            if len(rows):
                yield kind or "none", rows, At(section[rows].astype(np.int64), position[rows])
            for number in np.unique(table.types[own & ~placed]):
                rows = np.flatnonzero(own & ~placed & (table.types == number))
                self.notes.append(
                    f"{table.place}: edges of type {number} name no places; ours are drawn"
                )
                yield f"{kind or 'none'}.{number}", rows, _place(table, int(rows[0]))


def _ends(
    group: h5py.Group, end: str, table: Table, nodes: Mapping[str, Nodes]
) -> tuple[Nodes, Ints]:
    ids = dataset(group, f"{end}_node_id", "iu", table.place).astype(np.int64)
    name = group[f"{end}_node_id"].attrs.get("node_population", "")
    name = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    if name not in nodes:
        known = ", ".join(nodes)
        raise DataError(
            f"{table.place}/{end}_node_id: no population {name[:40]!r} of nodes; there are {known}"
        )
    size = nodes[name].table.size
    if len(ids) != table.size:
        raise DataError(f"{table.place}/{end}_node_id: is not as long as edge_type_id")
    if len(ids) and not 0 <= ids.min() <= ids.max() < size:
        raise DataError(f"{table.place}/{end}_node_id: leaves the {size} nodes of {name}")
    return nodes[name], ids


def contacts(table: Table) -> Floats:
    """How many synapses each edge stands for."""
    found = table.numbers("nsyns") if "nsyns" in table else np.ones(table.size)
    return np.where(np.isfinite(found), found, 1.0)


def finite(table: Table, name: str) -> Floats:
    """A column that every edge must have.

    Raises
    ------
    DataError
        one line with the first edge that has none.
    """
    found = table.numbers(name)
    if bad := np.flatnonzero(~np.isfinite(found)).tolist():
        raise DataError(f"{table.place}: edge {bad[0]} of type {table.types[bad[0]]} has no {name}")
    return found


def weights_of(table: Table, source: Nodes, target: Nodes, sources: Ints, targets: Ints) -> Floats:
    """The weight of a synapse of each edge, by its ``weight_function``.

    Raises
    ------
    DataError
        one line that names a function that is not known, or a column that is missing.
    """
    weights = finite(table, "syn_weight")
    functions = table.texts("weight_function").astype(str)
    for function in np.unique(functions):
        if function not in (*_WEIGHTS, _BY_TUNING):
            raise DataError(f"{table.place}: weight_function {function[:40]!r} is not read")
    rows = np.flatnonzero(functions == _BY_TUNING)
    if len(rows):
        angles = []
        for nodes, ids in ((source, sources), (target, targets)):
            found = nodes.table.numbers("tuning_angle")[ids[rows]]
            if not np.isfinite(found).all():
                raise DataError(
                    f"{table.place}: {_BY_TUNING} needs a tuning_angle of all nodes of {nodes.name}"
                )
            angles.append(found)
        apart = np.abs(angles[1] - angles[0]) % 360.0  # of bars, which look the same after 180
        apart = np.abs(np.abs(np.abs(180.0 - apart) - 90.0) - 90.0)
        sigma = table.numbers("weight_sigma")[rows]
        if not (sigma > 0).all():
            raise DataError(f"{table.place}: {_BY_TUNING} needs a weight_sigma above 0")
        weights[rows] *= np.exp(-((apart / sigma) ** 2))
    return weights


def _place(table: Table, row: int) -> Place:
    """Where the synapses of an edge may be, by target_sections and distance_range."""
    sections = _listed(table, "target_sections", row)
    between = _listed(table, "distance_range", row)
    regions = []
    for name in sections or []:
        if name not in REGIONS:
            raise DataError(f"{table.place}: target_sections: {str(name)[:40]!r} is no region")
        regions.append(REGIONS[name])
    place = Place(tuple(dict.fromkeys(regions))) if regions else Place()
    if between is None:
        return place
    ends = [float(x) for x in between if isinstance(x, int | float)]
    if len(ends) != 2 or len(between) != 2:
        raise DataError(f"{table.place}: distance_range must be two numbers")
    return Place(place.regions, *(f"{end!r} um" if np.isfinite(end) else end for end in ends))


def _listed(table: Table, name: str, row: int) -> list[object] | None:
    text = str(table.texts(name)[row]).replace("'", '"')
    if not text:
        return None
    try:
        found = json.loads(text if text.startswith("[") else f'["{text}"]')
    except (ValueError, RecursionError):
        raise DataError(f"{table.place}: {name} is no list: {text[:40]!r}") from None
    if not isinstance(found, list):
        raise DataError(f"{table.place}: {name} is no list: {text[:40]!r}")
    return found
