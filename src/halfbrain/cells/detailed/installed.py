"""Detailed cells that installed packages bring; nothing of them is copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

from halfbrain.cells.detailed import allen, blue_brain
from halfbrain.cells.detailed.library import in_folder, only_passive
from halfbrain.cells.detailed.neuron import hoc_cell
from halfbrain.cells.detailed.protocol import Protocol, read_protocols
from halfbrain.errors import DataError
from halfbrain.morphology import axon
from halfbrain.morphology.biophysics import Biophysics, Library, build
from halfbrain.morphology.compartments import Compartments
from halfbrain.morphology.frusta import Rule, d_lambda, every
from halfbrain.morphology.morphology import Morphology
from halfbrain.morphology.reader import read


@dataclass(frozen=True)
class Recipe:
    """All that a detailed cell is made of."""

    morphology: Morphology
    rule: Rule
    membrane: Biophysics
    library: Library
    protocols: tuple[Protocol, ...] = ()

    def compartments(self) -> Compartments:
        """The cell for the engine."""
        return build(self.morphology, self.rule, self.membrane, self.library)


@dataclass(frozen=True)
class Built:
    """A cell that is cut already, as NEURON builds it from a hoc file."""

    morphology: Morphology
    cell: Compartments
    protocols: tuple[Protocol, ...] = ()

    def compartments(self) -> Compartments:
        """The cell for the engine."""
        return self.cell


@dataclass(frozen=True)
class InstalledCell:
    """A cell that a package brings; ``recipe`` reads it."""

    name: str
    package: str
    licence: str
    source: str
    recipe: Callable[[], Recipe]


_ALLEN_FOLDER = "bmtk/utils/scripts/bionet"
# Which reconstruction belongs to which fit is not in the files; it is as in BMTK's examples.
_ALLEN = {
    "472363762": ("Scnn1a_473845048_m.swc", "pyramidal, layer 4, Scnn1a"),
    "473863510": ("Rorb_325404214_m.swc", "pyramidal, layer 4, Rorb"),
    "473863035": ("Nr5a1_471087815_m.swc", "pyramidal, layer 4, Nr5a1"),
    "472912177": ("Pvalb_470522102_m.swc", "interneuron, Pvalb"),
    "473862421": ("Pvalb_469628681_m.swc", "interneuron, Pvalb"),
}
_BLUE_BRAIN = {
    "sscx": "config_allsteps.ini",
    "synplas": "config_1Hz_10ms.ini",
    "thalamus": "config_recipe_prots_short.ini",
}
_PACKAGES = {"allen": "bmtk", **dict.fromkeys(_BLUE_BRAIN, "emodelrunner")}


def installed_cells() -> dict[str, InstalledCell]:
    """The detailed cells that are found where their packages are installed, by name."""
    cells = [*_allen(), *_blue_brain()]
    return {cell.name: cell for cell in cells}


def recipe(name: str | Path) -> Recipe:
    """A cell by its name, a configuration of EModelRunner (.ini), or a morphology's file.

    A morphology alone gets NEURON's leak, ``pas``, everywhere, and compartments by d_lambda.

    Raises
    ------
    DataError
        one line: what there is, or which package brings the cell.
    """
    text = str(name)
    if text in (cells := installed_cells()):
        return cells[text].recipe()
    path = Path(text)
    if path.suffix.lower() == ".ini" and path.is_file():
        return _emodel(blue_brain.entries(path)[0], path.parent.parent)
    if path.suffix.lower() in (".swc", ".asc", ".h5"):
        morphology = read(path)
        everywhere = frozenset(section.region for section in morphology.sections)
        leak = Biophysics((("pas", everywhere),), (), celsius=34.0, v_init=-70.0)
        return Recipe(morphology, d_lambda(), leak, only_passive)
    kind = text.split("-", 1)[0]
    if kind in _PACKAGES and not any(cell.startswith(f"{kind}-") for cell in cells):
        package = _PACKAGES[kind]
        raise DataError(
            f"{text[:60]}: its package is not installed; pip install {package} brings it"
        )
    known = ", ".join(cells) or "none is installed: pip install bmtk emodelrunner"
    raise DataError(
        f"{text[:60]!r} is no detailed cell, and no file of those (.swc, .asc, .h5, .hoc, .ini); "
        f"cells: {known}"
    )


def any_cell(name: str | Path) -> Recipe | Built:
    """A cell by name or file: see :func:`recipe`; or by a hoc file, **which NEURON runs**.

    FILE.hoc is all sections that it creates, or an instance of its only template; FILE.hoc:NAME one
    of that template. The ``.mod`` files beside it are those that it inserts.

    Raises
    ------
    HalfbrainError
        one line: what is missing or wrong, and where.
    """
    file, _, template = str(name).partition(".hoc:")
    if not template and Path(name).suffix.lower() != ".hoc":
        return recipe(name)
    path = Path(f"{file}.hoc" if template else name)
    beside = path.parent if any(path.parent.glob("*.mod")) else None
    made = hoc_cell(path, template, (), beside)
    return Built(made.morphology, made.cell)


def detailed_cell(name: str | Path) -> Compartments:
    """A cell by name or file, cut into compartments with its mechanisms; see :func:`any_cell`.

    Raises
    ------
    HalfbrainError
        one line: what is missing or wrong, and where.
    """
    return any_cell(name).compartments()


def _place(package: str, path: str) -> Path | None:
    try:
        found = Path(str(metadata.distribution(package).locate_file(path)))
    except metadata.PackageNotFoundError:
        return None
    return found if found.exists() else None


def _allen() -> list[InstalledCell]:
    folder = _place("bmtk", _ALLEN_FOLDER)
    if folder is None:
        return []
    found = []
    for number, (shape, what) in _ALLEN.items():
        fit = folder / "biophysical_neuron_models" / f"{number}_fit.json"
        file = folder / "morphologies" / shape
        if fit.is_file() and file.is_file():
            found.append(
                InstalledCell(
                    f"allen-{number}",
                    "bmtk",
                    "Allen Institute terms of use; BMTK's files BSD-3",
                    f"Allen Cell Types Database, mouse V1, {what}; model {number}",
                    partial(_allen_recipe, fit, file, folder / "mechanisms" / "modfiles"),
                )
            )
    return found


def _allen_recipe(fit: Path, shape: Path, mechanisms: Path) -> Recipe:
    membrane, all_active = allen.read_fit(fit)
    morphology = allen.with_stub(read(shape), all_active)
    return Recipe(morphology, every(40), membrane, in_folder(mechanisms))


def _blue_brain() -> list[InstalledCell]:
    found = []
    for kind, config in _BLUE_BRAIN.items():
        file = _place("emodelrunner", f"examples/{kind}_sample_dir/config/{config}")
        if file is None:
            continue
        for entry in blue_brain.entries(file):
            found.append(
                InstalledCell(
                    f"{kind}-{entry.emodel}",
                    "emodelrunner",
                    "CC-BY-NC-SA 4.0",
                    f"Blue Brain Project, {kind} cell {entry.emodel}, with EModelRunner",
                    partial(_emodel, entry, file.parent.parent),
                )
            )
    return found


def _emodel(entry: blue_brain.Entry, folder: Path) -> Recipe:
    thalamic = entry.package == "thalamus"
    return Recipe(
        axon.blue_brain(read(entry.morphology), pad=thalamic, myelin=not thalamic),
        every(40),
        blue_brain.read_membrane(entry),
        in_folder(folder / "mechanisms"),
        read_protocols(entry.protocols) if entry.protocols else (),
    )
