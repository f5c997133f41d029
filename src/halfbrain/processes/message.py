"""What goes to a process and comes back: one file of NumPy's arrays and a text in JSON.

Nothing is unpickled. In the text a dataclass is ``{"kind": its full name, "fields": {...}}``, an
array is ``{"array": 3}``, the name of one in the same file, and a tuple, a mapping and a path say
that they are one. A reader makes only those dataclasses that the type which it expects speaks of.
"""

from __future__ import annotations

import inspect
import json
import zipfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError
from halfbrain.written import replacing

T = TypeVar("T")
_TEXT = "text"


def write(path: Path, what: object) -> None:
    """Write what a message says, whole or not at all.

    Parameters
    ----------
    what
        a dataclass, or a mapping, list or tuple: of numbers, texts, paths, arrays, None and more of
        these.

    Raises
    ------
    RunError
        one line: what cannot be written, or that the place cannot be.
    """
    arrays: dict[str, NDArray[Any]] = {}
    text = json.dumps(_plain(what, arrays))
    arrays[_TEXT] = np.frombuffer(text.encode(), np.uint8)
    try:
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from None


def read(path: Path, expected: type[T]) -> T:
    """What :func:`write` wrote, if it is of the type that is expected.

    Raises
    ------
    RunError
        one line: there is none, or something else.
    """
    what = f"a message with {expected.__name__}"
    try:
        with np.load(path, allow_pickle=False) as file:
            given = json.loads(file[_TEXT].tobytes())
            found = _made(given, file, kinds_of(expected))
    except FileNotFoundError:
        raise RunError(f"{path}: there is no such file") from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        raise RunError(f"{path}: cannot be read as {what}") from None
    if not isinstance(found, get_origin(expected) or expected):
        raise RunError(f"{path}: is not {what}")
    return found


def kinds_of(expected: object) -> dict[str, type[Any]]:
    """The dataclasses that a type speaks of: itself, and those of its fields and of theirs."""
    found: dict[str, type[Any]] = {}
    ahead = [expected]
    while ahead:
        this = ahead.pop()
        if inspect.isclass(this) and is_dataclass(this):
            if _name(this) not in found:
                found[_name(this)] = this
                ahead += get_type_hints(this).values()
        elif get_origin(this) is not np.ndarray:
            ahead += get_args(this)
    return found


def _name(kind: type[Any]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _plain(thing: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    """Of what JSON has; arrays go beside it."""
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    if isinstance(thing, np.generic):
        return thing.item()
    if isinstance(thing, np.ndarray) and not thing.dtype.hasobject:
        arrays[name := str(len(arrays))] = thing
        return {"array": name}
    if isinstance(thing, list | range):
        return [_plain(item, arrays) for item in thing]
    if isinstance(thing, tuple):
        return {"tuple": [_plain(item, arrays) for item in thing]}
    if isinstance(thing, Mapping):
        return {"map": [[_plain(key, arrays), _plain(x, arrays)] for key, x in thing.items()]}
    if isinstance(thing, Path):
        return {"path": str(thing)}
    if is_dataclass(thing):
        named = {f.name: _plain(getattr(thing, f.name), arrays) for f in fields(thing) if f.init}
        return {"kind": _name(type(thing)), "fields": named}
    raise RunError(f"{str(thing)[:60]!r}, a {type(thing).__name__}, cannot go to another process")


def _made(thing: Any, arrays: Mapping[str, NDArray[Any]], kinds: Mapping[str, type[Any]]) -> Any:
    if isinstance(thing, list):
        return [_made(item, arrays, kinds) for item in thing]
    match thing:
        case {"array": name}:
            return arrays[name]
        case {"tuple": items}:
            return tuple(_made(item, arrays, kinds) for item in items)
        case {"map": pairs}:
            return {_made(k, arrays, kinds): _made(x, arrays, kinds) for k, x in pairs}
        case {"path": text}:
            return Path(text)
        case {"kind": kind, "fields": given}:
            return kinds[kind](**{name: _made(x, arrays, kinds) for name, x in given.items()})
        case dict():
            raise ValueError("no such thing in a message")
    return thing
