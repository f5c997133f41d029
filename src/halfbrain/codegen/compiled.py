"""Generated source, compiled once for each machine: kept on disk, with its machine code.

Each generated source is a file of its own, named by its hash, in the folder of the code that made
it; Numba keeps its machine code beside it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType

from halfbrain.codegen.machine_code import folder, own_folder
from halfbrain.errors import RunError
from halfbrain.written import replacing


@cache
def module(source: str) -> ModuleType:
    """The module that this source makes; the source holds no text of a model."""
    name = hashlib.blake2b(source.encode(), digest_size=16).hexdigest()
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
    with suppress(OSError):
        return _whole(folder() / name, source)
    try:
        return _whole(own_folder() / name, source)
    except OSError as error:
        raise RunError(
            f"compiled code can be kept neither in the cache nor in {tempfile.gettempdir()}: "
            f"{error.strerror}; name a folder with HALFBRAIN_CACHE"
        ) from None


def _whole(path: Path, source: str) -> Path:
    """A file that holds the source; what holds something else was cut short, and is replaced."""
    written = source.encode()
    if not path.is_file() or path.read_bytes() != written:
        with replacing(path) as temporary:
            temporary.write_bytes(written)
    return path
