"""A checkpoint's file: arrays and notes, whole or not at all."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError

Array = NDArray[Any]


def write(path: Path, arrays: Mapping[str, Array], notes: Mapping[str, Any]) -> None:
    """Write a file, under a temporary name first; ``notes`` are any JSON.

    Raises
    ------
    RunError
        one line, if the place cannot be written.
    """
    whole = {**arrays, "notes": np.frombuffer(json.dumps(notes).encode(), np.uint8)}
    temporary = _temporary(path)
    try:
        with temporary.open("wb") as file:
            np.savez(file, **whole)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)  # or it would take the room that is left
        raise RunError(f"cannot write {path}: {error.strerror or error}") from None


def read(path: Path, version: int) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays and notes of a file, whose notes have the version in ``_is``.

    Raises
    ------
    RunError
        one line, if there is none, or the file is no checkpoint.
    """
    try:
        if path.exists() and not path.is_file():
            raise RunError(f"{path}: is no plain file")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        notes: dict[str, Any] = json.loads(arrays.pop("notes").tobytes())
        found = notes["_is"]["format"]
    except FileNotFoundError:
        raise RunError(f"{path}: no such checkpoint") from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        raise RunError(f"{path}: is no checkpoint of halfbrain, or a damaged one") from None
    if found != version:
        raise RunError(f"{path}: is a checkpoint of another version of halfbrain")
    return arrays, notes


def remove(path: Path) -> None:
    """Remove a file, and what a writer that was killed may have left of one."""
    for each in (path, _temporary(path)):
        each.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    return path.with_name(path.name + ".tmp")
