"""Machine code that Numba keeps on disk: what is damaged is compiled again, what has no room, too.

Numba takes a cut file for an error, of whatever kind its unpickling meets; a full disk likewise.
A cache is there to save time, so nothing in it may stop a run.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core.caching import Cache, IndexDataCacheFile

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


def forgive_damage() -> None:
    """Have Numba's cached functions read and write their files so, from now on."""
    for kind, name, instead in (
        (IndexDataCacheFile, "_load_index", _index_if_whole),
        (Cache, "_load_overload", _load_if_whole),
        (Cache, "_save_overload", _save_if_room),
    ):
        setattr(kind, name, instead)
