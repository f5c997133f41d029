"""Mechanisms compiled for NEURON, by its nrnivmodl, once for each machine."""

from __future__ import annotations

import hashlib
import os
import re
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
from halfbrain.errors import RunError, one_line, warn

# What the C++ compiler and nocmodl say of a place in a file.
_FAULT_OF_A_FILE = re.compile(r":\d+(:\d+)?: (fatal )?error: | Error: .* in file ")
_ERROR = re.compile(r"error(: |\])", re.IGNORECASE)
_GIVEN_UP = ("make: ***", "Traceback (most recent")
_OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "GNUMAKEFLAGS")
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
    """What nrnivmodl is told: what is in ``CXXFLAGS`` comes after the flags of its own.

    Without assertions for CoreNEURON: when it has run it gives a synapse's stream of random numbers
    back to NEURON, where GluSynapse asserts that it has none yet.
    """
    flags = f"{'-DNDEBUG ' if coreneuron else ''}{os.environ.get('CXXFLAGS', '')}".strip()
    told = ("-incflags", flags) if flags else ()
    return ("-coreneuron", *told) if coreneuron else told


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
    """Compile in a folder, and once more, file by file, where no file is at fault.

    A compiler can be killed for want of memory, or a tool of it fail, where others run beside it.
    """
    if shutil.which("gcc") is None:
        raise RunError(_NEITHER)
    said = _try(files, into, [program, *options(coreneuron), "mod"])
    if not said:
        return
    first = _reason(said)
    if not _FAULT_OF_A_FILE.search(said):
        # nrnivmodl asks make for four jobs; make starts none beside another at such a load.
        said = _try(files, into, [program, *options(coreneuron), "mod"], "--max-load=0.001")
        if not said:
            warn(f"nrnivmodl failed on {files[0].parent} and went well once more: {first}")
            return
    raise RunError(f"nrnivmodl failed on {files[0].parent}: {_reason(said)}")


def _try(files: Sequence[Path], into: Path, command: Sequence[str], make: str = "") -> str:
    """What nrnivmodl said if it failed in a fresh folder; nothing if there is a library now."""
    for left in into.iterdir():
        shutil.rmtree(left)
    (into / "mod").mkdir()
    for file in files:
        shutil.copy(file, into / "mod")
    # Its make is not a part of the `make test` that it may run in.
    surroundings = {k: v for k, v in os.environ.items() if k not in _OF_MAKE}
    done = subprocess.run(
        command,
        cwd=into,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # in the order in which it was said
        text=True,
        errors="replace",
        check=False,
        env=surroundings | {"MAKEFLAGS": make},
    )
    if done.returncode == 0 and _library(into):
        return ""
    return done.stdout.strip() or f"it ended with {done.returncode} and said nothing"


def _reason(said: str) -> str:
    """The line that names an error, else the last ones before make or Python gave up."""
    lines = [one_line(line).strip() for line in said.splitlines()]
    lines = [line for line in lines if line]
    end = next((i for i, line in enumerate(lines) if line.startswith(_GIVEN_UP)), len(lines))
    if named := next((line for line in lines[:end] if _ERROR.search(line)), ""):
        return named[:300]
    gave_up = lines[end : end + 1]
    if gave_up and not gave_up[0].startswith("make"):
        gave_up = lines[-1:]  # the exception, not that there was one
    return "; ".join([*lines[max(end - 2, 0) : end], *gave_up])[-300:]
