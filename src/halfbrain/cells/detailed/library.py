"""Mechanisms by name from a folder of NMODL files."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from halfbrain.cells.detailed.classic import CLASSIC
from halfbrain.cells.detailed.passive import PAS
from halfbrain.errors import ModelError
from halfbrain.morphology.biophysics import Library
from halfbrain.program.mechanism import Mechanism
from halfbrain.reading import file_text

_NAMED = re.compile(
    r"^\s*(?:NEURON\s*\{\s*)?(?:SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL)\s+(\w+)", re.MULTILINE
)


def only_passive(name: str) -> Mechanism:
    """``pas``, and nothing else.

    Raises
    ------
    ModelError
        for any other name.
    """
    if name != "pas":
        raise ModelError(f"mechanism {name[:40]!r}: there is no folder of .mod files to find it in")
    return PAS


def in_folder(folder: Path, *, usetable: bool = False) -> Library:
    """The mechanisms that a folder's .mod files define, by the names in them, and NEURON's own.

    NEURON's are ``pas``, ``hh``, ``ExpSyn`` and ``Exp2Syn``, unless a file is called so.

    With ``usetable`` what has a TABLE is taken from it: see :func:`read_mechanism`.

    Raises
    ------
    ModelError
        (the library does) for a name that no file defines.
    """
    files = _index(folder)

    def library(name: str) -> Mechanism:
        if name in files:
            return _read(files[name], usetable=usetable)
        if name in CLASSIC:
            return CLASSIC[name]
        raise ModelError(f"{folder}: no .mod file in it defines the mechanism {name[:40]!r}")

    return library


def defines(folder: Path, name: str) -> bool:
    """Whether a .mod file of a folder defines a mechanism."""
    return name in _index(folder)


@lru_cache(maxsize=64)
def _index(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for file in sorted(folder.glob("*.mod")):
        text = file_text(file, errors="replace")
        found |= dict.fromkeys(_NAMED.findall(text), file)
    return found


@lru_cache(maxsize=256)
def _read(file: Path, *, usetable: bool) -> Mechanism:
    from halfbrain.nmodl import read_mechanism

    return read_mechanism(file, usetable=usetable)
