"""A catalogue of channels for Arbor, compiled from .mod files by what comes with Arbor."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import distribution, version
from pathlib import Path

from platformdirs import user_cache_path

from halfbrain.compare.arbor_mechanism import modcc_text
from halfbrain.compare.installed import missing
from halfbrain.errors import RunError

_NAME = "halfbrain"
TOOLS = ("cmake", "make", "c++")


def compile_catalogue(files: Sequence[Path]) -> str:
    """Compile .mod files, once, into the user's cache; the catalogue's path.

    Raises
    ------
    RunError
        if Arbor or a tool is missing, or it fails.
    ModelError
        for a file that cannot be written in the part of NMODL that Arbor takes.
    """
    if reason := missing("arbor"):
        raise RunError(reason)
    texts = {file.name: modcc_text(file) for file in files}
    key = hashlib.blake2b(digest_size=8)
    for part in (version("arbor"), *(x for item in sorted(texts.items()) for x in item)):
        key.update(part.encode() + b"\0")
    into = user_cache_path("halfbrain") / "arbor" / key.hexdigest()
    library = into / f"{_NAME}-catalogue.so"
    if library.exists():
        return str(library)
    tools = [tool for tool in TOOLS if shutil.which(tool) is None]
    if tools:
        raise RunError(
            f"Arbor compiles channels with {', '.join(tools)}, not here; "
            "install it (pip install cmake; make and a C++ compiler come with the system)"
        )
    (into / "mod").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (into / "mod" / name).write_text(text, "utf-8")
    installed = distribution("arbor").locate_file("arbor/bin/arbor-build-catalogue")
    program = Path(str(installed))
    done = subprocess.run(
        [sys.executable, str(program), _NAME, "mod"],
        cwd=into,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not library.exists():
        said = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr).strip().splitlines()
        told = next((line for line in said if "error" in line.lower()), said[-1] if said else "")
        raise RunError(f"Arbor's translator failed on {files[0].parent}: {told.strip()[:300]}")
    return str(library)
