"""Cells that NEURON builds: of a NEURON that runs in this process, or from hoc files.

The tree, areas and resistances are NEURON's own numbers, so whatever hoc can say of geometry is
taken over; mechanisms are read from their ``.mod`` files by our own reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from halfbrain.cells.detailed.neuron.build import CellOfNeuron, build

__all__ = ["CellOfNeuron", "from_neuron", "hoc_cell"]


def from_neuron(of: Any = None, mechanisms: str | Path | None = None) -> CellOfNeuron:
    """A cell of the NEURON that runs in this process, to run here.

    Its sections, 3-d points or L, diam and nseg, Ra, cm, density mechanisms with their parameters
    in each segment, point processes, ions, ``celsius`` and ``v_init`` are taken over as they are
    now; nothing is changed in NEURON. It starts as after ``finitialize(v_init)``. What stimulates
    it (IClamp and the like) is left out with a note, NetCons, plays and records without one.

    Parameters
    ----------
    of
        an instance of a template or class, a section (its whole tree), or sections. None: all
        sections that there are.
    mechanisms
        the folder with the ``.mod`` files of what is inserted, beside NEURON's own pas, hh, ExpSyn
        and Exp2Syn.

    Raises
    ------
    HalfbrainError
        one line: NEURON is not installed, a mechanism is not found, or what is not taken over.
    """
    from halfbrain.cells.detailed.neuron.describe import describe
    from halfbrain.cells.detailed.neuron.process import check_installed

    check_installed()
    from neuron import h

    folder = None if mechanisms is None else Path(mechanisms)
    return build(describe(h, of), folder, "NEURON")


def hoc_cell(
    path: str | Path,
    template: str = "",
    arguments: Sequence[str | float] = (),
    mechanisms: str | Path | None = None,
    *,
    celsius: float | None = None,
    v_init: float | None = None,
) -> CellOfNeuron:
    """A cell from a hoc file, as NEURON builds it.

    A hoc file is a program: **it is run**, in a process of its own, by NEURON, in the file's
    folder. Run no file that you do not trust.

    Parameters
    ----------
    path
        the file.
    template
        the template in it of which the cell is an instance. Without one the cell is all sections
        that the file creates, or an instance of its only template.
    arguments
        of the template: texts and numbers.
    mechanisms
        the folder with the ``.mod`` files of what is inserted; nrnivmodl compiles them for NEURON,
        in a temporary folder.
    celsius, v_init
        degC and mV, before the file is run and instead of what it sets.

    Raises
    ------
    HalfbrainError
        one line: NEURON is not installed, what it said of the file, a mechanism that is not found,
        or what is not taken over.
    """
    from halfbrain.cells.detailed.neuron.process import described

    folder = None if mechanisms is None else Path(mechanisms)
    values = {"celsius": celsius, "v_init": v_init}
    set_ = {name: value for name, value in values.items() if value is not None}
    return build(described(Path(path), template, arguments, folder, set_), folder, str(path))
