"""The ceilings of this machine, kept once they are measured."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path

import numba
from platformdirs import user_cache_path

from halfbrain.metering.ceilings import Ceilings, measure, processor

_QUICK = 0.25  # seconds a ceiling, where nothing was measured before


def ceilings(threads: int, progress: Callable[[str], None] = lambda name: None) -> Ceilings:
    """The ceilings with this many threads, measured briefly if they never were."""
    try:
        found = json.loads(_path(threads).read_text("utf-8"))
        if set(found) == {field.name for field in fields(Ceilings)}:
            return Ceilings(**found)
    except (OSError, ValueError, TypeError):
        pass
    cores = os.cpu_count() or 1
    measured = measure(min(threads, cores), _QUICK, progress)
    keep(measured, threads)
    return measured


def keep(measured: Ceilings, threads: int) -> None:
    """Remember ceilings for later runs; where nothing can be written, they are measured again."""
    path = _path(threads)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(measured), file)
        Path(temporary).replace(path)
    except OSError:
        return


def _path(threads: int) -> Path:
    folder = Path(os.environ.get("HALFBRAIN_CACHE") or user_cache_path("halfbrain"))
    what = f"{processor()} {os.cpu_count()} {threads} {numba.__version__}"
    name = hashlib.blake2b(what.encode(), digest_size=8).hexdigest()
    return folder / f"ceilings-{name}.json"
