"""The synapses that SONATA's edges name: NEURON's own, or those of the circuit's ``.mod`` files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halfbrain.cells.detailed.classic import EXP2_SYN, EXP_SYN
from halfbrain.cells.detailed.library import in_folder
from halfbrain.errors import DataError, ModelError
from halfbrain.io.sonata.cells import modfiles
from halfbrain.io.sonata.config import Config, read_json
from halfbrain.io.sonata.tables import Floats, Ints, Table
from halfbrain.program.mechanism import Mechanism


@dataclass(frozen=True)
class Kind:
    """A mechanism, and its parameters by the names that SONATA's files have for them."""

    mechanism: Mechanism
    names: Mapping[str, str]
    needed: bool = False


# Those of NEURON's own, by their names in small letters; all their parameters must be given.
_OWN = {
    "exp2syn": Kind(EXP2_SYN, {"tau1": "tau1", "tau2": "tau2", "erev": "e"}, True),
    "expsyn": Kind(EXP_SYN, {"tau1": "tau", "erev": "e"}, True),
}


class Synapses:
    """The kinds of synapses of a circuit."""

    def __init__(self, config: Config) -> None:
        components = config.part("components")
        self.models = components.path("synaptic_models_dir")
        self.mechanisms = components.path("mechanisms_dir")
        self.usetable = config.part("conditions").flag("usetable")
        self._kinds: dict[str, Kind] = {}
        self._files: dict[Path, dict[str, float]] = {}

    def kind(self, template: str, place: str) -> Kind:
        """The kind of a template.

        Raises
        ------
        DataError, ModelError
            one line, for one that is neither NEURON's nor in a file, or cannot be read.
        """
        name = template.removeprefix("nrn:")
        if name.lower() in _OWN:
            return _OWN[name.lower()]
        if name not in self._kinds:
            self._kinds[name] = self._in_folder(name, template, place)
        return self._kinds[name]

    def _in_folder(self, name: str, template: str, place: str) -> Kind:
        missing = DataError(
            f"{place}: model_template {template[:40]!r} is no synapse that is read; "
            f"{', '.join(_OWN)} and those of .mod files in mechanisms_dir are"
        )
        if not name or self.mechanisms is None or not self.mechanisms.is_dir():
            raise missing
        folder = modfiles(self.mechanisms)
        try:
            mechanism = in_folder(folder, usetable=self.usetable)(name)
        except ModelError as error:
            if "no .mod file" in str(error):
                raise missing from None
            raise
        if mechanism.kind != "point" or mechanism.receive is None:
            raise DataError(f"{place}: model_template {template[:40]!r} is no point process")
        names = {own: own for own in mechanism.parameters}
        if "e" in names:
            names["erev"] = "e"
        return Kind(mechanism, names)

    def values(self, kind: Kind, table: Table, rows: Ints) -> dict[str, float | Floats]:
        """The parameters of some edges, by the mechanism's names.

        What an edge itself says (``dynamics_params`` in its group) goes before what a file says.

        Raises
        ------
        DataError
            one line that names what is missing.
        """
        files = table.texts("dynamics_params")[rows].astype(str)
        out: dict[str, Floats] = {}

        def put(theirs: str, value: float | Floats, where: Ints) -> None:
            ours = kind.names[theirs]
            default = kind.mechanism.parameters[ours]
            out.setdefault(ours, np.full(len(rows), float(default)))[where] = value

        own = [name for name in table.parameters if name in kind.names]
        for name in np.unique(files):
            where = np.flatnonzero(files == name)
            given = self._model(name, table.place) if name else {}
            for theirs in kind.names:
                if theirs in given:
                    put(theirs, given[theirs], where)
                elif kind.needed and theirs not in own:
                    if not name:
                        what = "an edge has no dynamics_params; its synapse needs some"
                        raise DataError(f"{table.place}: {what}")
                    raise DataError(f"{self.models}/{name}: has no {theirs!r}")
        for theirs in own:
            found = table.own(theirs)[rows]
            where = np.flatnonzero(np.isfinite(found))
            put(theirs, found[where], where)
        return {k: float(v[0]) if (v == v[0]).all() else v for k, v in out.items()}

    def signs(self, table: Table, rows: Ints) -> Floats:
        """The sign of each edge's weight, as files for artificial cells say it; without, 1."""
        files = table.texts("dynamics_params")[rows].astype(str)
        out = np.ones(len(rows))
        for name in np.unique(files):
            if name:
                out[files == name] = self._model(name, table.place).get("sign", 1.0)
        return out

    def _model(self, name: str, place: str) -> dict[str, float]:
        if self.models is None:
            raise DataError(f"{place}: {name}: no components.synaptic_models_dir is named")
        file = self.models / name
        if file not in self._files:
            document = read_json(file)
            if not isinstance(document, dict):
                raise DataError(f"{file}: must be an object {{...}}")
            part = Config(file, document)
            numbers = {k: v for k, v in part.document.items() if isinstance(v, int | float)}
            self._files[file] = {k: part.number(k) for k in numbers}
        return self._files[file]
