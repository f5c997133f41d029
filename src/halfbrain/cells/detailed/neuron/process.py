"""A hoc file run by NEURON in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from halfbrain.cells.detailed.neuron import hoc
from halfbrain.cells.detailed.neuron.compiling import compile_mechanisms
from halfbrain.cells.detailed.neuron.hoc import HocJob
from halfbrain.errors import DataError, MissingError, ModelError, one_line
from halfbrain.processes.apart import CrashedError, RefusedError, run_apart


def check_installed() -> None:
    """Whether NEURON is there.

    Raises
    ------
    MissingError
        one line that says how to install it.
    """
    if find_spec("neuron") is None:
        raise MissingError("NEURON is not installed; pip install 'halfbrain[cells]' brings it")


def described(
    file: Path,
    template: str,
    arguments: Sequence[str | float],
    mechanisms: Path | None,
    values: Mapping[str, float],
) -> dict[str, Any]:
    """What :func:`halfbrain.cells.detailed.neuron.describe.describe` says of a file's cell.

    ``values`` are those of hoc's variables before the file is run, and after it.

    Raises
    ------
    DataError, MissingError, ModelError, RunError
        one line: what is missing, or what NEURON said.
    """
    if not file.is_file():
        raise DataError(f"{file}: there is no such file")
    check_installed()
    library = "" if mechanisms is None else compiled(mechanisms.resolve())
    told = tuple(x if isinstance(x, str) else float(x) for x in arguments)
    job = HocJob(file.resolve(), template, told, library, dict(values))
    try:
        return run_apart(hoc, job)
    except RefusedError as error:
        raise ModelError(f"{file}: {error}") from None
    except CrashedError as error:
        raise DataError(f"{file}: NEURON {_told(error)}") from None


def _told(error: CrashedError) -> str:
    """NEURON's first complaint."""
    lines = [one_line(line) for line in error.said.splitlines()]
    for at, line in enumerate(lines):
        if line.startswith("NEURON:"):
            where = next((x for x in lines[at + 1 : at + 4] if x.startswith(("in ", "near "))), "")
            return f"says: {line.removeprefix('NEURON:').strip()} {where}"[:300].strip()
    ended = "ended before the cell could be read (does it quit?)"
    return f"failed: {(lines[-1] if lines and error.code else ended)[:300]}"


def compiled(mechanisms: Path) -> str:
    """The library of a folder's mechanisms, compiled once for each machine."""
    files = sorted(f for f in mechanisms.glob("*") if f.suffix in (".mod", ".inc", ".h"))
    if not any(f.suffix == ".mod" for f in files):
        raise DataError(f"{mechanisms}: holds no .mod file")
    return compile_mechanisms(files)
