"""Jobs and results as a folder: one small JSON, and a .npy file for each array.

A dataclass becomes ``{"kind": "Cell", ...}``, an array ``{"array": "3.npy"}``; only the kinds
listed here are read back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from halfbrain.cells import cell, plasticity
from halfbrain.circuits import circuit
from halfbrain.compare import job as jobs
from halfbrain.compare.job import Job, PeerResult
from halfbrain.connectivity import rule, value
from halfbrain.errors import RunError

_KINDS: dict[str, type[Any]] = {
    name: kind
    for module in (cell, plasticity, circuit, rule, value, jobs)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
}
# Whether a list was a tuple or an array is not kept by JSON; these fields are tuples.
_TUPLES = {"populations", "projections", "drives", "connectivity", "notes"}


def write(folder: Path, what: Job | PeerResult) -> None:
    """Write a job or a result into ``folder``, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = 0

    def plain(thing: Any) -> Any:
        nonlocal arrays
        if is_dataclass(thing):
            named = {field.name: plain(getattr(thing, field.name)) for field in fields(thing)}
            return {"kind": type(thing).__name__} | named
        if isinstance(thing, Mapping):
            return {"map": {str(key): plain(item) for key, item in thing.items()}}
        if isinstance(thing, np.generic):
            return thing.item()
        if isinstance(thing, Path):
            return str(thing)
        if isinstance(thing, np.ndarray):
            name = f"{arrays}.npy"
            arrays += 1
            np.save(folder / name, thing, allow_pickle=False)
            return {"array": name}
        if isinstance(thing, list | tuple | range):
            return [plain(item) for item in thing]
        return thing

    text = json.dumps(plain(what))
    (folder / "what.json").write_text(text, "utf-8")


def read_job(folder: Path) -> Job:
    """The job that :func:`write` wrote.

    Raises
    ------
    RunError
        if the folder holds none.
    """
    job = _read(folder)
    if not isinstance(job, Job):
        raise RunError(f"{folder}: holds no job of a peer")
    return job


def read_result(folder: Path) -> PeerResult:
    """The result that :func:`write` wrote.

    Raises
    ------
    RunError
        if the folder holds none.
    """
    result = _read(folder)
    if not isinstance(result, PeerResult):
        raise RunError(f"{folder}: holds no result of a peer")
    return result


def _read(folder: Path) -> Any:
    def whole(thing: Any, name: str = "") -> Any:
        if isinstance(thing, list):
            items = [whole(item) for item in thing]
            return tuple(items) if name in _TUPLES or name == "spikes" else items
        if not isinstance(thing, dict):
            return Path(thing) if name == "folder" else thing
        if "array" in thing:
            return np.load(folder / thing["array"], allow_pickle=False)
        if "map" in thing:
            return {key: whole(item, name) for key, item in thing["map"].items()}
        kind = _KINDS[thing["kind"]]
        return kind(**{key: whole(item, key) for key, item in thing.items() if key != "kind"})

    try:
        return whole(json.loads((folder / "what.json").read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        raise RunError(f"{folder}: what a peer left there cannot be read") from None
