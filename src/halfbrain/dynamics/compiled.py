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

from halfbrain.dynamics.machine_code import forgive_damage
from halfbrain.errors import RunError
from halfbrain.written import replacing

forgive_damage()


@cache
def module(source: str) -> ModuleType:
    """The module that this source makes; the source holds no text of a model."""
    name = hashlib.blake2b(f"{_version()}\n{source}".encode(), digest_size=16).hexdigest()
    path = _written(f"kernel_{name}.py", source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = made  # where Numba looks for it, to load its machine code
    spec.loader.exec_module(made)
    return made


def _written(name: str, source: str) -> Path:
    """The file of a source: in the cache, or of this process alone where there is no room."""
    folder = Path(os.environ.get("HALFBRAIN_CACHE") or user_cache_path("halfbrain")) / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _whole(folder / name, source)
    except OSError:
        pass
    try:
        return _whole(Path(_own_folder().name) / name, source)
    except OSError as error:
        raise RunError(
            f"compiled code can be kept neither in {folder} nor in {tempfile.gettempdir()}: "
            f"{error.strerror}; name a folder with HALFBRAIN_CACHE"
        ) from None


def _whole(path: Path, source: str) -> Path:
    """A file that holds the source; what holds something else was cut short, and is replaced."""
    written = source.encode()
    if not path.is_file() or path.read_bytes() != written:
        with replacing(path) as temporary:
            temporary.write_bytes(written)
    return path


@cache
def _own_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="halfbrain-")  # gone with this process


@cache
def _version() -> str:
    """What machine code depends on besides its source: our own functions in it, and Numba."""
    own = ("exponential", "philox", "vectors", "lanes", "picks", "streams")
    parts = [Path(__file__).with_name(f"{name}.py").read_text("utf-8") for name in own]
    return "\n".join([numba.__version__, *parts])
