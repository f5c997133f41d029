"""SONATA's node sets: nodes by name, by what their tables say of them, or by number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError
from halfbrain.io.sonata.config import Config, read_json
from halfbrain.io.sonata.nodes import Nodes
from halfbrain.io.sonata.tables import Floats, Ints

_IDS = ("node_id", "node_ids", "gids")
_DEEPEST = 20


class NodeSets:
    """The sets that a configuration names, over its populations."""

    def __init__(self, config: Config, nodes: Mapping[str, Nodes]) -> None:
        self.config, self.nodes = config, nodes
        self.sets: dict[str, Any] = {}
        self.place = str(config.file)
        for name in config.texts("node_sets_file"):
            file = config.file.parent / name
            found = read_json(file)
            if not isinstance(found, dict):
                raise DataError(f"{file}: must be an object {{...}}")
            self.place = str(file)
            self.sets |= found
        self.sets |= config.part("node_sets").document

    def chosen(self, given: Any, depth: int = 0) -> dict[str, NDArray[np.int64]]:  # noqa: ANN401
        """The ids of the nodes of a set by population, in order; without those that have none.

        Raises
        ------
        DataError
            one line, for a set that is not there or asks what no table has.
        """
        masks = self._masks(given, depth)
        return {
            name: np.flatnonzero(mask)
            for name, mask in masks.items()
            if mask.any() and self.nodes[name].simulated
        }

    def simulated(self, config: Config) -> dict[str, Nodes]:
        """The populations, those marked that a simulation's own ``node_set`` leaves out.

        Raises
        ------
        DataError
            one line, if it takes a part of one.
        """
        if not config.document.get("node_set"):
            return dict(self.nodes)
        chosen, out = self.chosen(config.document["node_set"]), dict[str, Nodes]()
        for name, own in self.nodes.items():
            ids = chosen.get(name, np.empty(0))
            if not own.virtual and 0 < len(ids) < own.table.size:
                what = f"takes {len(ids)} of the {own.table.size} nodes of {name}"
                raise config.fail(f"{what}; whole populations are read", "node_set")
            out[name] = replace(own, simulated=own.virtual or len(ids) > 0)
        if not any(own.simulated and not own.virtual for own in out.values()):
            raise config.fail("takes no neurons", "node_set")
        return out

    def compartments(self, name: str) -> dict[str, tuple[Ints, Ints, Floats]]:
        """Nodes, sections and places along them (0 to 1) of a compartment set, by population.

        Raises
        ------
        DataError
            one line, for a set that is not there, or no list of such.
        """
        found = self._compartment_sets().get(name)
        if not isinstance(found, dict):
            known = ", ".join(self._compartment_sets()) or "none"
            raise DataError(f"{self.place}: no compartment set {name[:40]!r}; there are {known}")
        population, listed = str(found.get("population")), found.get("compartment_set")
        if population not in self.nodes:
            raise DataError(f"{self.place}: compartment set {name!r}: no such population of nodes")
        try:
            rows = np.array(listed, np.float64).reshape(-1, 3)
            ids, sections = rows[:, :2].astype(np.int64).T
        except (TypeError, ValueError):
            raise DataError(
                f"{self.place}: compartment set {name!r}: is no list of [node, section, place]"
            ) from None
        size = self.nodes[population].table.size
        if len(ids) and not 0 <= ids.min() <= ids.max() < size:
            raise DataError(f"{self.place}: compartment set {name!r}: leaves the {size} nodes")
        return {population: (ids, sections, rows[:, 2])}

    def _compartment_sets(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name in self.config.texts("compartment_sets_file"):
            found = read_json(self.config.file.parent / name)
            out |= found if isinstance(found, dict) else {}
        return out

    def _masks(self, given: Any, depth: int) -> dict[str, NDArray[np.bool_]]:  # noqa: ANN401
        if depth > _DEEPEST:
            raise DataError(f"{self.place}: node sets name each other in a circle")
        if given is None or given == "all":
            return {n: np.ones(own.table.size, bool) for n, own in self.nodes.items()}
        if isinstance(given, str):
            if given in self.sets:
                return self._masks(self.sets[given], depth + 1)
            if given in self.nodes:
                return {given: np.ones(self.nodes[given].table.size, bool)}
            known = ", ".join([*self.sets, *self.nodes, "all"])
            raise DataError(f"{self.place}: no node set {given[:40]!r}; there are {known[:200]}")
        if isinstance(given, list):
            return self._union(given, depth)
        if isinstance(given, dict):
            return self._matching(given)
        raise DataError(
            f"{self.place}: a node set is a name, a list or an object, not {given!r:.40}"
        )

    def _union(self, given: list[Any], depth: int) -> dict[str, NDArray[np.bool_]]:
        if given and all(isinstance(one, int) for one in given):
            return self._matching({"node_id": given})
        out: dict[str, NDArray[np.bool_]] = {}
        for one in given:
            for name, mask in self._masks(one, depth + 1).items():
                out[name] = out.get(name, np.zeros_like(mask)) | mask
        return out

    def _matching(self, given: dict[str, Any]) -> dict[str, NDArray[np.bool_]]:
        out: dict[str, NDArray[np.bool_]] = {}
        wanted = _listed(given.get("population", list(self.nodes)))
        if unknown := [name for name in wanted if name not in self.nodes]:
            raise DataError(f"{self.place}: no population {str(unknown[0])[:40]!r} of nodes")
        for name in wanted:
            table = self.nodes[name].table
            mask = np.ones(table.size, bool)
            for key, value in given.items():
                if key == "population":
                    continue
                values = _listed(value)
                if key in _IDS:
                    mask &= np.isin(np.arange(table.size), _numbers(values, key, self.place))
                elif any(isinstance(v, dict) for v in values):
                    raise DataError(f"{self.place}: node set: {key}: operators are not read")
                else:
                    mask &= _having(table.texts(key), values)
            out[name] = mask
        return out


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]


def _numbers(values: list[Any], key: str, place: str) -> list[int]:
    if not all(isinstance(v, int) for v in values):
        raise DataError(f"{place}: node set: {key}: must be whole numbers")
    return values


def _having(column: NDArray[np.object_], values: list[Any]) -> NDArray[np.bool_]:
    """Which rows have one of the values, as texts or as numbers."""
    texts = {str(v) for v in values}
    numbers = {float(v) for v in values if isinstance(v, int | float)}

    def fits(text: str) -> bool:
        if text in texts:
            return True
        try:
            return bool(numbers) and float(text) in numbers
        except ValueError:
            return False

    return np.array([fits(text) for text in column], bool)
