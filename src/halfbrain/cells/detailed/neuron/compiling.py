"""Mechanisms compiled for NEURON, by its nrnivmodl, once for each machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from platformdirs import user_cache_path

from halfbrain.codegen.machine_code import own_folder
from halfbrain.errors import RunError

_NEITHER = "nrnivmodl or gcc is not here; install neuron and a C++ compiler"


def compile_mechanisms(files: Sequence[Path], *, coreneuron: bool = False) -> str:
    """Compile .mod files, and what they include, with nrnivmodl; the library's path.

    It is kept in the user's cache (or ``HALFBRAIN_CACHE``) by what the files hold and by NEURON's
    version and place, so that the same mechanisms are compiled once. Each process compiles in a
    folder of its own and renames it at the end, so that none finds the half of another's.

    Raises
    ------
    RunError
        if there is no nrnivmodl or it fails.
    """
    program = _program()
    place = _place()
    kept = place / _key(files, program, coreneuron)
    if library := _library(kept):
        return library
    made = Path(tempfile.mkdtemp(dir=place, prefix="."))
    try:
        _compile(files, made, program, coreneuron)
        for _ in range(2):
            with suppress(OSError):  # another process was first
                made.rename(kept)
            if library := _library(kept):
                return library
            shutil.rmtree(kept, ignore_errors=True)  # what was there is no library
        raise RunError(f"{kept} cannot be written; name a folder with HALFBRAIN_CACHE")
    finally:
        shutil.rmtree(made, ignore_errors=True)


def options(coreneuron: bool) -> tuple[str, ...]:
    """What nrnivmodl is told.

    Without assertions for CoreNEURON: when it has run it gives a synapse's stream of random numbers
    back to NEURON, where GluSynapse asserts that it has none yet.
    """
    return ("-coreneuron", "-incflags", "-DNDEBUG") if coreneuron else ()


def _program() -> str:
    beside = Path(sys.executable).parent / "nrnivmodl"
    program = str(beside) if beside.exists() else shutil.which("nrnivmodl")
    if program is None:
        raise RunError(_NEITHER)
    return program


def _place() -> Path:
    """The cache, or a folder of this process alone where nothing can be written there."""
    cache = Path(os.environ.get("HALFBRAIN_CACHE") or user_cache_path("halfbrain")) / "nrnivmodl"
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        if os.access(cache, os.W_OK):
            return cache
    return own_folder()


def _key(files: Sequence[Path], program: str, coreneuron: bool) -> str:
    """A hash of all that the library hangs on; it looks for NEURON's own where the program is."""
    try:
        of = version("neuron")
    except PackageNotFoundError:
        of = str(Path(program).stat().st_mtime_ns)
    digest = hashlib.blake2b(repr((of, program, options(coreneuron))).encode(), digest_size=16)
    for name, content in sorted((file.name, file.read_bytes()) for file in files):
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()


def _library(folder: Path) -> str:
    return str(next(iter(sorted(folder.glob("*/libnrnmech.so"))), ""))


def _compile(files: Sequence[Path], into: Path, program: str, coreneuron: bool) -> None:
    if shutil.which("gcc") is None:
        raise RunError(_NEITHER)
    copy = into / "mod"
    copy.mkdir()
    for file in files:
        shutil.copy(file, copy)
    done = subprocess.run(
        [program, *options(coreneuron), "mod"],
        cwd=into,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not _library(into):
        said = (done.stdout + done.stderr).strip().splitlines()
        told = next((line for line in said if "error:" in line), said[-1] if said else "silently")
        raise RunError(f"nrnivmodl failed on {files[0].parent}: {told.strip()[:300]}")
