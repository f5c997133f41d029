"""SONATA's edges: synapses between populations."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from halfbrain.cells.detailed.classic import EXP2_SYN, EXP_SYN
from halfbrain.circuits.detailed.circuit import At, DetailedProjection, Place, Receptor
from halfbrain.circuits.rule import Explicit
from halfbrain.circuits.sonata.config import Config, read_json
from halfbrain.circuits.sonata.nodes import Nodes
from halfbrain.circuits.sonata.tables import (
    Floats,
    Ints,
    Table,
    dataset,
    opened,
    populations,
    read_table,
    read_types,
)
from halfbrain.dynamics.mechanism import Mechanism
from halfbrain.errors import DataError

# By template: the mechanism, and its parameters by the names that SONATA's files have for them.
_SYNAPSES: Mapping[str, tuple[Mechanism, Mapping[str, str]]] = {
    "exp2syn": (EXP2_SYN, {"tau1": "tau1", "tau2": "tau2", "erev": "e"}),
    "expsyn": (EXP_SYN, {"tau1": "tau", "erev": "e"}),
}
# Those that give a synapse the weight of its edge.
_WEIGHTS = ("", "wmax", "default_weight_fnc", "set_syn_weight")
_REGIONS = {
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


def read_edges(config: Config, nodes: Mapping[str, Nodes]) -> Edges:
    """All edges of a circuit.

    Raises
    ------
    DataError
        one line with the file and what is wrong in it.
    """
    reader = _Reader(config, nodes)
    for part in config.part("networks").parts("edges"):
        types = read_types(part.path("edge_types_file"), "edge_type_id")
        file = part.path("edges_file")
        if file is None:
            raise part.fail("is missing", "edges_file")
        with opened(file, "edges") as groups:
            for name, group in populations(groups):
                reader.population(name, group, types, f"{file}: /edges/{name}")
    return Edges(tuple(reader.receptors), tuple(reader.projections), tuple(reader.notes))


class _Reader:
    def __init__(self, config: Config, nodes: Mapping[str, Nodes]) -> None:
        self.nodes = nodes
        self.models = config.part("components").path("synaptic_models_dir")
        self.receptors: list[Receptor] = []
        self.projections: list[DetailedProjection] = []
        self.notes: list[str] = []
        self._parameters: dict[Path, dict[str, float]] = {}

    def population(
        self, name: str, group: h5py.Group, types: Mapping[str, Mapping[int, str]], place: str
    ) -> None:
        table = read_table(group, "edge", types, place)
        source, sources = self._ends(group, "source", table)
        target, targets = self._ends(group, "target", table)
        if target.virtual:
            raise DataError(f"{place}: its targets are virtual nodes, which take no spikes")
        for weight in np.unique(table.texts("weight_function").astype(str)):
            if weight not in _WEIGHTS:
                raise DataError(f"{place}: weight_function {weight[:40]!r} is not read")
        weights = self._numbers(table, "syn_weight")
        delays = self._numbers(table, "delay")
        for label, rows, at in self._parts(table):
            template = table.texts("model_template")[rows][0]
            if template.lower() not in _SYNAPSES:
                known = ", ".join(_SYNAPSES)
                raise DataError(
                    f"{place}: model_template {template[:40]!r} is no synapse that is read; "
                    f"{known} are"
                )
            mechanism, names = _SYNAPSES[template.lower()]
            self.receptors.append(Receptor(f"{name}.{label}", mechanism))
            self.projections.append(
                DetailedProjection(
                    source=source.name,
                    target=target.name,
                    receptor=f"{name}.{label}",
                    rule=Explicit(sources[rows], targets[rows]),
                    weight=weights[rows],
                    delay=delays[rows],
                    contacts=1 if isinstance(at, At) else self._contacts(table)[rows],
                    place=at,
                    values=self._values(table, rows, names),
                )
            )

    def _ends(self, group: h5py.Group, end: str, table: Table) -> tuple[Nodes, Ints]:
        ids = dataset(group, f"{end}_node_id", "iu", table.place).astype(np.int64)
        name = group[f"{end}_node_id"].attrs.get("node_population", "")
        name = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
        if name not in self.nodes:
            known = ", ".join(self.nodes)
            raise DataError(
                f"{table.place}/{end}_node_id: no population {name[:40]!r} of nodes; "
                f"there are {known}"
            )
        size = self.nodes[name].table.size
        if len(ids) != table.size:
            raise DataError(f"{table.place}/{end}_node_id: is not as long as edge_type_id")
        if len(ids) and not 0 <= ids.min() <= ids.max() < size:
            raise DataError(f"{table.place}/{end}_node_id: leaves the {size} nodes of {name}")
        return self.nodes[name], ids

    def _numbers(self, table: Table, name: str) -> Floats:
        found = table.numbers(name)
        if bad := np.flatnonzero(~np.isfinite(found)).tolist():
            raise DataError(
                f"{table.place}: edge {bad[0]} of type {table.types[bad[0]]} has no {name}"
            )
        return found

    def _parts(self, table: Table) -> Iterator[tuple[str, Ints, At | Place]]:
        """Edges of one template: those whose places are given, and those of each type that is not.

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
        for kind in np.unique(template.astype(str)):
            own = template == kind
            rows = np.flatnonzero(own & placed)
            if len(rows):
                yield kind or "none", rows, At(section[rows].astype(np.int64), position[rows])
            for number in np.unique(table.types[own & ~placed]):
                rows = np.flatnonzero(own & ~placed & (table.types == number))
                self.notes.append(
                    f"{table.place}: edges of type {number} name no places; ours are drawn"
                )
                yield f"{kind or 'none'}.{number}", rows, _place(table, int(rows[0]))

    def _contacts(self, table: Table) -> Floats:
        found = table.numbers("nsyns") if "nsyns" in table else np.ones(table.size)
        return np.where(np.isfinite(found), found, 1.0)

    def _values(
        self, table: Table, rows: Ints, names: Mapping[str, str]
    ) -> dict[str, float | Floats]:
        files = table.texts("dynamics_params")[rows]
        out = {ours: np.empty(len(rows)) for ours in names.values()}
        for name in np.unique(files.astype(str)):
            given = self._model(name, table.place)
            for theirs, ours in names.items():
                if theirs not in given:
                    raise DataError(f"{self.models}/{name}: has no {theirs!r}")
                out[ours][files == name] = given[theirs]
        return {k: float(v[0]) if (v == v[0]).all() else v for k, v in out.items()}

    def _model(self, name: str, place: str) -> dict[str, float]:
        if not name:
            raise DataError(f"{place}: an edge has no dynamics_params; its synapse needs some")
        if self.models is None:
            raise DataError(f"{place}: {name}: no components.synaptic_models_dir is named")
        file = self.models / name
        if file not in self._parameters:
            document = read_json(file)
            if not isinstance(document, dict):
                raise DataError(f"{file}: must be an object {{...}}")
            part = Config(file, document)
            numbers = {k: v for k, v in part.document.items() if isinstance(v, int | float)}
            self._parameters[file] = {k: part.number(k) for k in numbers}
        return self._parameters[file]


def _place(table: Table, row: int) -> Place:
    """Where the synapses of an edge may be, by target_sections and distance_range."""
    sections = _listed(table, "target_sections", row)
    between = _listed(table, "distance_range", row)
    regions = []
    for name in sections or []:
        if name not in _REGIONS:
            raise DataError(f"{table.place}: target_sections: {str(name)[:40]!r} is no region")
        regions.append(_REGIONS[name])
    place = Place(tuple(dict.fromkeys(regions))) if regions else Place()
    if between is None:
        return place
    ends = [float(x) for x in between if isinstance(x, int | float)]
    if len(ends) != 2 or len(between) != 2:
        raise DataError(f"{table.place}: distance_range must be two numbers")
    return Place(place.regions, *ends)


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
