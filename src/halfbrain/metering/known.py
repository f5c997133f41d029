"""The ceilings of this machine, kept once they are measured."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
from collections.abc import Callable
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any, cast

import numba
from platformdirs import user_cache_path

from halfbrain.codegen import exponential
from halfbrain.errors import RunError
from halfbrain.metering import ceilings as measuring
from halfbrain.metering.ceilings import Ceilings, measure, most_threads, processor
from halfbrain.random import compiled, philox
from halfbrain.written import replacing

_BY_PRECISION = ("flop_per_second", "exp_per_second", "divisions_per_second")
_QUICK = 0.25  # seconds a ceiling, where nothing was measured before


def ceilings(threads: int, progress: Callable[[str], None] = lambda name: None) -> Ceilings:
    """The ceilings with this many threads, measured briefly if they never were."""
    found = _kept(threads)
    if found is not None:
        return found
    return keep(measure(min(threads, os.cpu_count() or 1), _QUICK, progress), threads)


def machine(
    threads: int | None = None, progress: Callable[[str], None] = lambda name: None
) -> Ceilings:
    """Measure what this machine can do at most, in about 10 seconds, and keep it for later runs.

    Parameters
    ----------
    threads
        how many; default: all cores.
    progress
        is told what is measured.

    Returns
    -------
    Ceilings
        arithmetic, exponentials and divisions a second by precision, bytes a second from memory
        and caches, and more.

    Raises
    ------
    RunError
        one line, for more threads than there are.

    Examples
    --------
    >>> import halfbrain as hb
    >>> hb.machine().flop_per_second["float32"] > 1e9  # doctest: +SKIP
    True
    """
    most = most_threads()
    if threads is not None and not 1 <= threads <= most:
        raise RunError(f"{threads} threads: there are {most}, of cores or by NUMBA_NUM_THREADS")
    found = measure(threads, progress=progress)
    keep(found, threads or most)
    return found


def keep(measured: Ceilings, threads: int) -> Ceilings:
    """Remember ceilings for later runs: of each the highest that was ever reached.

    A machine that is busy while it is measured shows less than it can do. Where nothing can be
    written, ceilings are measured each time.
    """
    before = _kept(threads)
    if before is not None:
        highest = {
            field.name: _higher(getattr(before, field.name), getattr(measured, field.name))
            for field in fields(Ceilings)
        }
        measured = Ceilings(**highest)
    path = _path(threads)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_text(json.dumps({"by": _by()} | asdict(measured)), "utf-8")
    except OSError:
        pass
    return measured


def _kept(threads: int) -> Ceilings | None:
    try:
        found = json.loads(_path(threads).read_text("utf-8"))
        by = found.pop("by", None)
        return Ceilings(**found) if by == _by() and _whole(found) else None
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def _whole(found: Any) -> bool:  # noqa: ANN401
    """Whether a file that may be damaged holds every ceiling: numbers that one can divide by."""
    if not isinstance(found, dict) or set(found) != {field.name for field in fields(Ceilings)}:
        return False
    for field in fields(Ceilings):
        value = found[field.name]
        if field.name == "processor":
            right = isinstance(value, str)
        elif field.name in _BY_PRECISION:
            right = isinstance(value, dict) and set(value) == {"float32", "float64"}
            right = right and all(map(_above_zero, value.values()))
        else:
            right = _above_zero(value) or (field.name == "cache_bytes" and value == 0)
        if not right:
            return False
    return True


def _above_zero(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < cast("float", value) < float("inf")


def _higher(before: Any, now: Any) -> Any:  # noqa: ANN401
    """The larger of two numbers, or those of two mappings, number by number."""
    if isinstance(before, dict):
        return {name: max(before[name], now[name]) for name in now}
    return now if isinstance(now, str) else max(before, now)


@cache
def _by() -> str:
    """A hash of the code that measures: what another one reached is no ceiling of this one."""
    known = hashlib.blake2b(digest_size=8)
    for module in (measuring, exponential, compiled, philox):
        known.update(Path(inspect.getfile(module)).read_bytes())
    return known.hexdigest()


def _path(threads: int) -> Path:
    folder = Path(os.environ.get("HALFBRAIN_CACHE") or user_cache_path("halfbrain"))
    what = f"{processor()} {os.cpu_count()} {most_threads()} {threads} {numba.__version__}"
    name = hashlib.blake2b(what.encode(), digest_size=8).hexdigest()
    return folder / f"ceilings-{name}.json"
