"""Cells of hoc templates, as Neurodamus and BlueCelluLab have NEURON build them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from halfbrain.cells.detailed.neuron import CellOfNeuron, hoc_cell
from halfbrain.errors import DataError, warn
from halfbrain.morphology.compartments import Compartments
from halfbrain.morphology.morphology import Morphology
from halfbrain.morphology.reader import read
from halfbrain.reading import file_text

CELSIUS, V_INIT = 34.0, -80.0  # SONATA's defaults, which these templates are made for
NEEDED = {"AIS_scaler": 1.0, "soma_scaler": 1.0}  # arguments that a template may want, by default


def cell_of_template(
    file: Path,
    morphology: Path,
    mechanisms: Path | None,
    parameters: Mapping[str, float],
    celsius: float | None,
    v_init: float | None,
) -> Compartments:
    """A cell of the template in a file; its sections are numbered as SONATA's edges have them.

    The template is given a number, the morphology's folder and name, and those of the
    ``parameters`` that the file says it needs. It is run by NEURON: see
    :func:`halfbrain.cells.detailed.neuron.hoc_cell`.

    Raises
    ------
    HalfbrainError
        one line that names what is missing, or what NEURON said.
    """
    for one in (file, morphology):
        if not one.is_file():
            raise DataError(f"{one}: there is no such file")
    text = file_text(file, errors="replace")
    name = re.search(r"^\s*begintemplate\s+(\w+)", text, re.MULTILINE)
    if name is None:
        raise DataError(f"{file}: has no begintemplate, so no cell")
    needed = re.search(rf'^\s*{name[1]}_NeededAttributes\s*=\s*"([^"]*)"', text, re.MULTILINE)
    given: list[str | float] = [0.0, str(morphology.resolve().parent), morphology.name]
    for parameter in needed[1].split(";") if needed else ():
        if parameter not in parameters:
            raise DataError(
                f"{file}: needs {parameter[:40]!r}, which is none of {list(parameters)}"
            )
        given.append(parameters[parameter])
    warn(f"{file}: is run by NEURON, since a hoc template is a program")
    made = hoc_cell(
        file,
        name[1],
        given,
        mechanisms,
        celsius=CELSIUS if celsius is None else celsius,
        v_init=V_INIT if v_init is None else v_init,
    )
    return _numbered(made, read(morphology))


def _numbered(made: CellOfNeuron, morphology: Morphology) -> Compartments:
    """Sections numbered by type as the file has them: soma, axon, basal, apical.

    The sections that the template puts in the axon's place have its first numbers; those that no
    axon is left for come last.
    """
    first, at = {}, 0
    for region, name in (("soma", "soma"), ("axon", "axon"), ("basal", "dend"), ("apical", "apic")):
        first[name] = at
        at += sum(section.region == region for section in morphology.sections)
    axon = [i for i, name in enumerate(made.cell.names) if name.startswith("axon[")]
    numbers = []
    for name in made.cell.names:
        kind, _, index = name.rstrip("]").partition("[")
        start = first["axon"] + len(axon) if kind == "myelin" else first.get(kind)
        number = -1 if start is None else start + int(index or 0)
        if kind in ("axon", "myelin") and number >= first["dend"]:
            number = -1
        numbers.append(number)
    for i, number in enumerate(numbers):
        if number < 0:
            numbers[i], at = at, at + 1
    regions = ["axon"] * at  # of those that are cut away
    for number, region in zip(numbers, made.cell.regions, strict=True):
        regions[number] = region
    section = np.array(numbers)[made.cell.section]
    return replace(made.cell, section=section, regions=tuple(regions))
