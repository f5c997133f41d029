"""The cells that SONATA's nodes name: shapes and membranes of files, and artificial cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import numpy as np

from halfbrain.cells.detailed import allen
from halfbrain.cells.detailed.artificial import artificial, int_fire_1
from halfbrain.cells.detailed.library import in_folder
from halfbrain.cells.detailed.neuroml import read_neuroml
from halfbrain.errors import DataError
from halfbrain.io.sonata.config import Config, read_json
from halfbrain.io.sonata.nodes import POINT, Nodes
from halfbrain.io.sonata.patterns import RELATIVE
from halfbrain.io.sonata.tables import Ints, Table
from halfbrain.io.sonata.templates import NEEDED, cell_of_template
from halfbrain.morphology import axon
from halfbrain.morphology.biophysics import Biophysics, build
from halfbrain.morphology.compartments import Compartments
from halfbrain.morphology.frusta import every
from halfbrain.morphology.reader import read

_ALLEN = ("ctdb:Biophys1.hoc", "ctdb:Biophys1")
_INT_FIRE = "nrn:IntFire1"
_ORDER = {"soma": 0, "basal": 1, "apical": 2, "axon": 3}
_AXONS = {
    "aibs_perisomatic": axon.allen_perisomatic,
    "aibs_perisomatic_directed": axon.allen_perisomatic,
    "aibs_allactive": axon.allen_all_active,
    "aibs_allactive_directed": axon.allen_all_active,
}


@dataclass(frozen=True)
class Conditions:
    """What a simulation says of all cells; None: what a cell's fit says.

    ``celsius`` degC, ``v_init`` mV, ``length`` um: the rule that cuts sections. With ``usetable``
    mechanisms take what has a TABLE from it.
    """

    celsius: float | None = None
    v_init: float | None = None
    length: float = 40.0
    usetable: bool = False


def cells_of(
    nodes: Nodes, config: Config, conditions: Conditions
) -> tuple[tuple[Compartments, ...], Ints]:
    """The kinds of cells in a population, and each node's.

    Raises
    ------
    DataError, ModelError
        one line that names what cannot be read or built.
    """
    columns = ("model_type", "model_template", "model_processing", "morphology", "dynamics_params")
    table = nodes.table
    _check_parameters(table)
    scaled = [np.where(np.isnan(own := table.own(p)), x, own) for p, x in NEEDED.items()]
    rows = list(zip(*(table.texts(c) for c in columns), *scaled, strict=True))
    kinds = list(dict.fromkeys(rows))
    number = {kind: i for i, kind in enumerate(kinds)}
    maker = _Maker(_components(config, nodes.name), conditions, table.place)
    cells = tuple(maker.cell(*kind) for kind in kinds)
    return cells, np.array([number[row] for row in rows], np.int64)


def _check_parameters(table: Table) -> None:
    """See that something reads each parameter that nodes have of their own.

    Raises
    ------
    DataError
        one line, where another cell would be made.
    """
    templates = table.texts("model_template").astype(str)
    of_hoc = np.char.startswith(templates, "hoc:")
    for name in table.parameters:
        others = templates[np.isfinite(table.own(name)) & ~(of_hoc & (name in NEEDED))]
        if len(others) and name not in RELATIVE:
            raise DataError(f"{table.place}: dynamics_params/{name}: is not read of {others[0]}")


def _components(config: Config, population: str) -> Config:
    """The folders of components; a population's own, beside its file, go before the circuit's."""
    common = config.part("components")
    for part in config.part("networks").parts("nodes"):
        own = part.part("populations").part(population)
        if own.document:
            return Config(own.file, {**common.document, **own.document}, own.where)
    return common


class _Maker:
    def __init__(self, components: Config, conditions: Conditions, place: str) -> None:
        self.components = components
        self.conditions, self.place = conditions, place

    def fail(self, what: str) -> NoReturn:
        raise DataError(f"{self.place}: {what}")

    def cell(
        self, kind: str, template: str, processing: str, shape: str, fit: str, *scaled: float
    ) -> Compartments:
        if kind in POINT:
            return self._artificial(template, fit)
        processing = processing.removesuffix(",extracellular")  # which acts on reports only
        if not shape:
            self.fail("a biophysical node needs a morphology")
        if template.startswith("hoc:"):
            return self._of_template(
                template.removeprefix("hoc:"), shape, dict(zip(NEEDED, scaled, strict=True))
            )
        if template.startswith("nml:"):
            # BMTK puts in the stub whether or not model_processing says so.
            cut = axon.allen_perisomatic
            if processing not in ("", "aibs_perisomatic", "aibs_perisomatic_directed"):
                self.fail(f"model_processing {processing[:40]!r} is not read for nml: cells")
            membrane = read_neuroml(self._found(template.removeprefix("nml:")))
        elif template in _ALLEN:
            if processing not in _AXONS:
                known = ", ".join(_AXONS)
                self.fail(f"model_processing {processing[:40]!r} is not read; {known} are")
            if not fit:
                self.fail("a biophysical node needs dynamics_params")
            cut = _AXONS[processing]
            membrane, _ = allen.read_fit(self._folder("biophysical_neuron_models_dir") / fit)
        else:
            known = f"{_ALLEN[0]}, hoc:, nml:, {_INT_FIRE} and nest: are"
            self.fail(f"model_template {template[:40]!r} is not read; {known}")
        # A name may hold points of its own.
        file = shape if shape.lower().endswith((".swc", ".asc", ".h5")) else f"{shape}.swc"
        morphology = cut(read(self._folder("morphologies_dir") / file))
        mechanisms = self._folder("mechanisms_dir")
        return _numbered(
            build(
                morphology,
                every(self.conditions.length),
                self._under_conditions(membrane),
                in_folder(modfiles(mechanisms), usetable=self.conditions.usetable),
            )
        )

    def _of_template(self, name: str, shape: str, parameters: Mapping[str, float]) -> Compartments:
        folder = self.components.part("alternate_morphologies").path("neurolucida-asc")
        kind = "swc" if folder is None else "asc"
        folder = folder or self._folder("morphologies_dir")
        mechanisms = self.components.path("mechanisms_dir")
        try:
            return cell_of_template(
                self._found(f"{name.removesuffix('.hoc')}.hoc"),
                folder / (shape if shape.lower().endswith((".swc", ".asc")) else f"{shape}.{kind}"),
                None if mechanisms is None else modfiles(self._folder("mechanisms_dir")),
                parameters,
                self.conditions.celsius,
                self.conditions.v_init,
            )
        except DataError as error:
            if mechanisms is not None:
                raise
            hint = self.components.fail("is missing; should it name .mod files?", "mechanisms_dir")
            raise DataError(f"{error} ({hint})") from error

    def _under_conditions(self, membrane: Biophysics) -> Biophysics:
        given = self.conditions
        if given.celsius is not None:
            membrane = replace(membrane, celsius=given.celsius)
        if given.v_init is not None:
            membrane = replace(membrane, v_init=given.v_init)
        return membrane

    def _artificial(self, template: str, parameters: str) -> Compartments:
        if template != _INT_FIRE:
            self.fail(
                f"model_template {template[:40]!r} is not read beside detailed cells; "
                f"{_INT_FIRE!r} is"
            )
        if not parameters:
            self.fail(f"{_INT_FIRE} needs dynamics_params")
        file = self._folder("point_neuron_models_dir") / parameters
        part = Config(file, read_json(file))
        # BMTK's files have them in seconds.
        values = {name: part.number(name) * 1e3 for name in ("tau", "refrac")}
        if not (values["tau"] > 0 and values["refrac"] >= 0):
            raise part.fail("tau must be above 0, and refrac not below it")
        return artificial(int_fire_1(), values)

    def _found(self, name: str) -> Path:
        """A file of the folder of models, or of templates, as different years have it."""
        keys = ("biophysical_neuron_models_dir", "templates_dir")
        folders = [found for key in keys if (found := self.components.path(key)) is not None]
        for folder in folders:
            if (folder / name).is_file():
                return folder / name
        place = folders[0] if folders else self._folder(keys[0])
        raise DataError(f"{place / name}: there is no such file")

    def _folder(self, key: str) -> Path:
        folder = self.components.path(key)
        if folder is None:
            raise self.components.fail("is missing", key)
        if not folder.is_dir():
            raise self.components.fail(f"there is no folder {folder}", key)
        return folder


def _numbered(cell: Compartments) -> Compartments:
    """A cell with its sections in the order of SONATA's numbers, which is that of NEURON's names.

    Import3d makes the sections of a region together, and the axon's stub comes after all.
    """
    ranks = [_ORDER.get(region, len(_ORDER)) for region in cell.regions]
    order = np.argsort(ranks, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    regions = tuple(cell.regions[k] for k in order)
    return replace(cell, section=place[cell.section], regions=regions)


def modfiles(mechanisms: Path) -> Path:
    """Where a circuit's ``.mod`` files are: BMTK has them beside what was compiled of them."""
    inner = mechanisms / "modfiles"
    return inner if inner.is_dir() else mechanisms
