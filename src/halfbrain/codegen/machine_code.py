"""Machine code that Numba keeps on disk: where, for how long, and what is done about damage.

Numba compiles a function anew when the file of that function changes. But it has compiled into it
what other files hold: constants, functions. So all that is compiled here is kept in a folder whose
name is a hash of every file that machine code is made of: another code, another folder.

Numba takes a cut file for an error, of whatever kind its unpickling meets; a full disk likewise.
A cache is there to save time, so nothing in it may stop a run. And Numba numbers the files of a
function's machine code for its types of arguments: of two processes that compile it at once, one
could put code for other types where the other's index says that its own is. So a file is named by
what it is for.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import llvmlite
import numba
from numba.core.caching import Cache, CacheImpl, IndexDataCacheFile, InTreeCacheLocator
from platformdirs import user_cache_path

_PACKAGE = Path(__file__).parents[1]
_FOLDERS = 8  # of the codes that ran last are kept

_COMPILES = ("\nimport numba", "\nfrom numba", " import kept\n")  # what such a file has
_IMPORTS = re.compile(r"^from halfbrain\.([\w.]+) import (\([^)]*\)|.*)", re.MULTILINE)


@cache
def code() -> str:
    """A hash of what machine code is made of, Numba with it.

    That is each file that has something compiled, and those that it imports from: a constant that
    is compiled into a function is written out in one of them.
    """
    texts = {
        path: path.read_text("utf-8")
        for folder in ("codegen", "random", "connectivity", "engine")
        for path in (_PACKAGE / folder).rglob("*.py")
    }
    compiled = {path for path, text in texts.items() if any(x in text for x in _COMPILES)}
    needed = compiled | {path for own in compiled for path in _imported(texts[own])}
    known = hashlib.blake2b(f"{numba.__version__} {llvmlite.__version__}".encode(), digest_size=8)
    for path in sorted(needed):
        known.update(f"\0{path.relative_to(_PACKAGE)}\0".encode() + path.read_bytes())
    return known.hexdigest()


def _imported(text: str) -> Iterator[Path]:
    """The files of ours that a text imports, or imports names from."""
    for module, names in _IMPORTS.findall(text):
        place = _PACKAGE.joinpath(*module.split("."))
        for path in (place, *(place / name for name in re.findall(r"\w+", names))):
            if path.with_suffix(".py").is_file():
                yield path.with_suffix(".py")


def folder() -> Path:
    """Where machine code of this very code is kept, made if it must be."""
    path = Path(os.environ.get("HALFBRAIN_CACHE") or user_cache_path("halfbrain")) / "kernels"
    path /= code()
    new = not path.is_dir()
    path.mkdir(parents=True, exist_ok=True)
    if new:
        _clear(path.parent)
    return path


def _clear(kernels: Path) -> None:
    """Remove what codes left that have not run for longest."""
    with suppress(OSError):
        last = sorted(kernels.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in last[:-_FOLDERS]:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


@cache
def own_folder() -> Path:
    """A folder of this process alone, for where there is no room in the cache."""
    return Path(_temporary().name)


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="halfbrain-")  # gone with this process


class _ByCode(InTreeCacheLocator):
    """Where Numba keeps the machine code of functions in our own files."""

    def __init__(self, function: object, file: str) -> None:
        super().__init__(function, file)  # type: ignore[no-untyped-call]
        within = Path(file).parent.relative_to(_PACKAGE)
        try:
            self._cache_path = str(folder() / within)
            self.ensure_cache_path()  # type: ignore[no-untyped-call]
        except OSError:
            self._cache_path = str(own_folder() / within)

    @classmethod
    def from_function(cls, function: object, file: str) -> Any:  # noqa: ANN401
        if _PACKAGE not in Path(file).parents:
            return None
        return super().from_function(function, file)  # type: ignore[no-untyped-call]


_index: Any = IndexDataCacheFile._load_index
_load: Any = Cache._load_overload
_save: Any = Cache._save_overload


def _index_if_whole(files: Any) -> dict[Any, str]:  # noqa: ANN401
    try:
        found = _index(files)
    except Exception:
        found = None
    if isinstance(found, dict):
        return found
    with suppress(OSError):
        Path(files._index_path).unlink(missing_ok=True)
    return {}


def _load_if_whole(cache: Any, signature: object, context: object) -> object:  # noqa: ANN401
    try:
        return _load(cache, signature, context)
    except Exception:
        return None


def _save_if_room(cache: Any, signature: object, data: object) -> None:  # noqa: ANN401
    with suppress(OSError):
        _save(cache, signature, data)


def _save_by_key(files: Any, key: object, data: object) -> None:  # noqa: ANN401
    number = int(hashlib.blake2b(repr(key).encode(), digest_size=8).hexdigest(), 16)
    found, name = files._load_index(), files._data_name(number)
    if found.get(key) != name:
        files._save_index(found | {key: name})
    files._save_data(name, data)


def _replace_numbas() -> None:
    """Have Numba's cached functions find, read and write their files so, from now on."""
    with suppress(OSError):
        os.utime(folder())  # the last that ran
    CacheImpl._locator_classes.insert(0, _ByCode)
    for kind, name, instead in (
        (IndexDataCacheFile, "_load_index", _index_if_whole),
        (IndexDataCacheFile, "save", _save_by_key),
        (Cache, "_load_overload", _load_if_whole),
        (Cache, "_save_overload", _save_if_room),
    ):
        setattr(kind, name, instead)


_replace_numbas()

_Result = TypeVar("_Result")


def kept(*, nogil: bool = False) -> Callable[[Callable[..., _Result]], Callable[..., _Result]]:
    """A decorator: compiled when it is first called, and kept on disk."""
    return numba.njit(cache=True, nogil=nogil)
