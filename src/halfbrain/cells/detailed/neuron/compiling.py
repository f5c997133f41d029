"""Mechanisms compiled for NEURON, by its nrnivmodl."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from halfbrain.errors import RunError


def compile_mechanisms(files: Sequence[Path], into: Path, *, coreneuron: bool = False) -> str:
    """Compile .mod files with nrnivmodl, once for each folder ``into``; the library's path.

    Raises
    ------
    RunError
        if there is no nrnivmodl or it fails.
    """
    import fcntl  # which not every system has where this file is read

    into.mkdir(parents=True, exist_ok=True)
    with (into / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process may be at it
        found = sorted(into.glob("*/libnrnmech.so"))
        return str(found[0]) if found else _compiled(files, into, coreneuron)


def _compiled(files: Sequence[Path], into: Path, coreneuron: bool) -> str:
    beside = Path(sys.executable).parent / "nrnivmodl"
    program = str(beside) if beside.exists() else shutil.which("nrnivmodl")
    if program is None or shutil.which("gcc") is None:
        raise RunError("nrnivmodl or gcc is not here; install neuron and a C++ compiler")
    copy = into / "mod"
    copy.mkdir(exist_ok=True)
    for file in files:
        shutil.copy(file, copy)
    done = subprocess.run(
        [program, *options(coreneuron), "mod"],
        cwd=into,
        capture_output=True,
        text=True,
        check=False,
    )
    found = sorted(into.glob("*/libnrnmech.so"))
    if done.returncode or not found:
        said = (done.stdout + done.stderr).strip().splitlines()
        told = next((line for line in said if "error:" in line), said[-1] if said else "silently")
        raise RunError(f"nrnivmodl failed on {files[0].parent}: {told.strip()[:300]}")
    return str(found[0])


def options(coreneuron: bool) -> tuple[str, ...]:
    """What nrnivmodl is told.

    Without assertions for CoreNEURON: when it has run it gives a synapse's stream of random numbers
    back to NEURON, where GluSynapse asserts that it has none yet.
    """
    return ("-coreneuron", "-incflags", "-DNDEBUG") if coreneuron else ()
