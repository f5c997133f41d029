"""Generated source, compiled once for each machine: kept on disk, with its machine code.

Numba keeps machine code beside the file that a function is from, so each generated source is a
file of its own, named by the hash of all that goes into it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType

import numba
from platformdirs import user_cache_path

from halfbrain.written import replacing


@cache
def module(source: str) -> ModuleType:
    """The module that this source makes; the source holds no text of a model."""
    name = hashlib.blake2b(f"{_version()}\n{source}".encode(), digest_size=16).hexdigest()
    folder = _folder()
    path = folder / f"kernel_{name}.py"
    if not path.exists():
        with replacing(path) as temporary:
            temporary.write_text(source, "utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = made  # where Numba looks for it, to load its machine code
    spec.loader.exec_module(made)
    return made


@cache
def _folder() -> Path:
    """Where sources are kept; a folder of this process's own where none can be written."""
    folder = Path(os.environ.get("HALFBRAIN_CACHE") or user_cache_path("halfbrain")) / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="halfbrain-"))


@cache
def _version() -> str:
    """What machine code depends on besides its source: our own functions in it, and Numba."""
    own = ("exponential", "philox", "vectors", "lanes", "picks", "streams")
    parts = [Path(__file__).with_name(f"{name}.py").read_text("utf-8") for name in own]
    return "\n".join([numba.__version__, *parts])
