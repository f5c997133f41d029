"""Mechanisms of NMODL files: of one file, and by name from a folder of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from halfbrain.cells.detailed.classic import CLASSIC, classic
from halfbrain.cells.detailed.passive import PAS
from halfbrain.errors import ModelError
from halfbrain.morphology.biophysics import Library
from halfbrain.program.mechanism import Mechanism
from halfbrain.reading import file_text

# Of a FUNCTION_TABLE: a number, or arguments and values.
Table = float | tuple[Sequence[float], Sequence[float]]
_NAMED = re.compile(
    r"^\s*(?:NEURON\s*\{\s*)?(?:SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL)\s+(\w+)", re.MULTILINE
)


def read_mod(
    file: str | Path,
    *,
    usetable: bool = False,
    tables: Mapping[str, Table] | None = None,
    keep: Sequence[str] = (),
) -> Mechanism:
    r"""A channel, synapse or artificial cell from a ``.mod`` file (NMODL, NEURON's language).

    Its parameters are ``.parameters`` with their defaults, ``.units`` the units that the file
    declares.

    Parameters
    ----------
    file
        the file. It is read, never compiled by NEURON, and C in it is refused.
    usetable
        take what has a TABLE from it, interpolated as NEURON does by default, instead of working it
        out.
    tables
        values of the file's FUNCTION_TABLEs, by name.
    keep
        variables that the file sets and that are to be kept at each place, so that they can be
        recorded.

    Raises
    ------
    ModelError
        one line that names the file and the line in it.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("Leak.mod").write_text(
    ...     "NEURON { SUFFIX Leak NONSPECIFIC_CURRENT i RANGE g }\n"
    ...     "PARAMETER { g = 1e-4 (S/cm2) }\n"
    ...     "ASSIGNED { v (mV) i (mA/cm2) }\n"
    ...     "BREAKPOINT { i = g*(v + 70) }\n"
    ... )
    >>> leak = read_mod("Leak.mod")
    >>> leak.name, dict(leak.parameters), leak.units["g"]
    ('Leak', {'g': 0.0001}, 'S/cm2')
    """
    from halfbrain.nmodl import read_mechanism

    return read_mechanism(Path(file), usetable=usetable, tables=tables, keep=keep)


def mechanism(name: str) -> Mechanism:
    """One of NEURON's own mechanisms: ``hh``, ``pas``, ``ExpSyn``, ``Exp2Syn``.

    Raises
    ------
    ModelError
        for any other name; :func:`read_mod` reads a ``.mod`` file.

    Examples
    --------
    >>> dict(mechanism("ExpSyn").parameters)
    {'tau': 0.1, 'e': 0.0}
    """
    return classic(name)


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
