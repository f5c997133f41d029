"""A hoc file run by NEURON in a process of its own; what comes back is JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import halfbrain
from halfbrain.cells.detailed.neuron.compiling import compile_mechanisms
from halfbrain.errors import DataError, MissingError, ModelError, one_line


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
    asked = {
        "file": str(file.resolve()),
        "template": template,
        "arguments": [x if isinstance(x, str) else float(x) for x in arguments],
        "library": library,
        "values": dict(values),
    }
    own = {
        "PYTHONPATH": str(Path(halfbrain.__file__).parents[1]),
        "NEURON_MODULE_OPTIONS": "-nogui",
    }
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        done = subprocess.run(
            [sys.executable, "-P", "-m", f"{__package__}.worker", str(result)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd=folder,  # not the file's: NEURON would load what was compiled there
            env={**os.environ, **own},
        )
        if not result.exists():
            raise DataError(f"{file}: NEURON {_told(done.stderr, done.returncode)}")
        answer: dict[str, Any] = json.loads(result.read_text("utf-8"))
    if "wrong" in answer:
        raise ModelError(f"{file}: {answer['wrong']}")
    return answer


def _told(said: str, code: int) -> str:
    """NEURON's first complaint."""
    lines = [one_line(line) for line in said.splitlines()]
    for at, line in enumerate(lines):
        if line.startswith("NEURON:"):
            where = next((x for x in lines[at + 1 : at + 4] if x.startswith(("in ", "near "))), "")
            return f"says: {line.removeprefix('NEURON:').strip()} {where}"[:300].strip()
    last = lines[-1] if lines and code else "ended before the cell could be read (does it quit?)"
    return f"failed: {last[:300]}"


def compiled(mechanisms: Path) -> str:
    """The library of a folder's mechanisms, compiled once for each machine."""
    files = sorted(f for f in mechanisms.glob("*") if f.suffix in (".mod", ".inc", ".h"))
    if not any(f.suffix == ".mod" for f in files):
        raise DataError(f"{mechanisms}: holds no .mod file")
    return compile_mechanisms(files)
