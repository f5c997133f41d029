"""Records of detailed cells in an HDF5 file, compressed as they are in memory.

``/records/N`` has for each the place and variable as attributes, in ``data`` its chunks one after
the other, in ``ends`` where each ends, and in ``checks`` their CRC-32. A chunk is a zfp stream
with its own header, which any zfp reads, or the numbers themselves where no error was agreed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import h5py
import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.cable.records import CHUNK, Record, unpacked
from halfbrain.engine.cable.table import Numbers
from halfbrain.errors import RunError
from halfbrain.written import replacing

_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Read:
    """A record from a file: ``times`` in ms and ``values``, which are within ``error``."""

    cell: int
    place: int
    variable: str
    mechanism: int | None
    error: float
    times: NDArray[np.float64]
    values: Numbers


def write(path: Path, records: Sequence[Record], dt: float) -> None:
    """Write records whole or not at all; ``dt`` is in ms.

    Raises
    ------
    RunError
        one line, if the place cannot be written.
    """
    try:
        with replacing(path) as temporary, h5py.File(temporary, "w") as file:
            file.attrs["halfbrain records"], file.attrs["dt"] = _FORMAT, dt
            for number, record in enumerate(records):
                _write(file.create_group(f"records/{number}"), record)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from None


def _write(group: h5py.Group, record: Record) -> None:
    chunks = [x if isinstance(x, bytes) else x.tobytes() for x in record.chunks()]
    group.attrs["cell"], group.attrs["place"] = record.cell, record.place
    group.attrs["variable"], group.attrs["error"] = record.variable, record.error
    group.attrs["mechanism"] = -1 if record.mechanism is None else record.mechanism
    kept = record.records
    group.attrs["first"], group.attrs["steps"] = kept.first[record.column], kept.steps
    group.attrs["dtype"] = kept.dtype.name
    group["data"] = np.frombuffer(b"".join(chunks), np.uint8)
    group["ends"] = np.cumsum([len(chunk) for chunk in chunks], dtype=np.int64)
    group["checks"] = np.array([crc32(chunk) for chunk in chunks], np.uint32)


def read(path: Path) -> list[Read]:
    """The records of a file, in the order in which they were written.

    Raises
    ------
    RunError
        one line, if it is none of ours, or damaged.
    """
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("halfbrain records") != _FORMAT:
                raise RunError(f"{path}: holds no records of this version of halfbrain")
            groups = file.get("records", {})
            return [_read(groups[str(k)], float(file.attrs["dt"])) for k in range(len(groups))]
    except FileNotFoundError:
        raise RunError(f"{path}: no such file") from None
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, _DamagedError) as error:
        raise RunError(f"{path}: is no file of records, or a damaged one: {error}") from None


class _DamagedError(Exception):
    pass


def _read(group: h5py.Group, dt: float) -> Read:
    at = group.attrs
    steps, dtype = int(at["steps"]), np.dtype(str(at["dtype"]))
    lengths = [min(CHUNK, steps - first) for first in range(0, steps, CHUNK)]
    data, ends, checks = (group[name][()] for name in ("data", "ends", "checks"))
    if dtype.kind != "f" or not len(ends) == len(checks) == len(lengths):
        raise _DamagedError(f"record {group.name} does not hold its {steps} steps")
    found: list[Any] = [np.array([at["first"]], dtype)]
    error = float(at["error"])
    for start, end, check, n in zip([0, *ends[:-1]], ends, checks, lengths, strict=True):
        chunk = data[start:end].tobytes()
        if crc32(chunk) != check:
            raise _DamagedError(f"record {group.name} is not as it was written")
        found.append(unpacked(chunk if error > 0 else np.frombuffer(chunk, dtype), n, dtype))
    values, mechanism = np.concatenate(found), int(at["mechanism"])
    times = np.arange(len(values), dtype=np.float64) * dt
    return Read(int(at["cell"]), int(at["place"]), str(at["variable"]),
                None if mechanism < 0 else mechanism, error, times, values)  # fmt: skip
