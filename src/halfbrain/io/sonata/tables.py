"""SONATA's tables: what HDF5 says of each node or edge, and CSV of each type of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
DYNAMICS = "dynamics_params"  # the group of columns that are parameters of single rows


@dataclass(frozen=True, eq=False)
class Table:
    """The rows of a population of nodes or edges.

    ``types`` is each row's type; ``by_type`` gives texts by column and type; ``groups`` hold, by
    column, rows and their values. What a group says goes before what a type says.
    """

    place: str
    size: int
    types: Ints
    by_type: Mapping[str, Mapping[int, str]]
    groups: Mapping[str, list[tuple[Ints, NDArray[Any]]]]

    def __contains__(self, name: str) -> bool:
        return name in self.by_type or name in self.groups

    def numbers(self, name: str) -> Floats:
        """A column as numbers; NaN where there is none.

        Raises
        ------
        DataError
            one line, where it is no number.
        """
        out = np.full(self.size, np.nan)
        for kind, text in self.by_type.get(name, {}).items():
            try:
                out[self.types == kind] = float(text)
            except ValueError:
                what = f"{name} of type {kind} is no number: {text[:30]!r}"
                raise DataError(f"{self.place}: {what}") from None
        for rows, values in self.groups.get(name, []):
            if values.dtype.kind not in "iufb":
                raise DataError(f"{self.place}: {name} is no column of numbers")
            out[rows] = values
        return out

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters that single rows have of their own."""
        start = f"{DYNAMICS}/"
        return [name.removeprefix(start) for name in self.groups if name.startswith(start)]

    def own(self, parameter: str) -> Floats:
        """Such a parameter; NaN in rows that do not have it."""
        return self.numbers(f"{DYNAMICS}/{parameter}")

    def some(self, chosen: Ints) -> Table:
        """Some of its rows, in the order given."""
        place = np.full(self.size, -1, np.int64)
        place[chosen] = np.arange(len(chosen))
        groups = {
            name: [(place[rows][own], values[own]) for rows, values in group
                   for own in [np.flatnonzero(place[rows] >= 0)]]
            for name, group in self.groups.items()
        }  # fmt: skip
        return Table(self.place, len(chosen), self.types[chosen], self.by_type, groups)

    def texts(self, name: str) -> Texts:
        """A column as texts; empty where there is none."""
        out = np.full(self.size, "", object)
        for kind, text in self.by_type.get(name, {}).items():
            out[self.types == kind] = text
        for rows, values in self.groups.get(name, []):
            out[rows] = [_text(value) for value in values]
        return out


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "" if text == "NULL" else text


def read_types(file: Path | None, key: str) -> dict[str, dict[int, str]]:
    """A CSV table of types, by column and the number that the column ``key`` gives.

    Raises
    ------
    DataError
        one line with file and line.
    """
    if file is None:
        return {}
    try:
        if not file.is_file():
            raise DataError(f"{file}: there is no such file")
        with file.open(newline="", encoding="utf-8-sig") as lines:
            stripped = (line.rstrip() for line in lines)
            reader = csv.reader(stripped, delimiter=" ", skipinitialspace=True)
            rows = [(reader.line_num, row) for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{file}: cannot be read as a table: {error}"[:200]) from error
    if not rows or key not in rows[0][1]:
        raise DataError(f"{file}:1: has no column {key!r}; columns are parted by spaces")
    names = rows[0][1]
    out: dict[str, dict[int, str]] = {name: {} for name in names}
    for line, row in rows[1:]:
        if len(row) != len(names):
            raise DataError(f"{file}:{line}: has {len(row)} words for {len(names)} columns")
        try:
            kind = int(row[names.index(key)])
        except ValueError:
            raise DataError(f"{file}:{line}: {key} is no whole number") from None
        if kind in out[key]:
            raise DataError(f"{file}:{line}: type {kind} is there twice")
        for name, word in zip(names, row, strict=True):
            if word != "NULL":
                out[name][kind] = word
    return out


@contextmanager
def opened(file: Path, what: str) -> Iterator[h5py.Group]:
    """A group of an HDF5 file; whatever is damaged and comes to light while it is read is an error.

    Raises
    ------
    DataError
        one line with the file.
    """
    if not file.is_file():
        raise DataError(f"{file}: there is no such file")
    try:
        with h5py.File(file, "r") as whole:
            group = whole.get(what)
            if not isinstance(group, h5py.Group):
                raise DataError(f"{file}: has no group /{what}; is it a SONATA file?")
            yield group
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, MemoryError) as error:
        reason = " ".join(str(error).split())[:120]  # HDF5 raises any of these
        raise DataError(f"{file}: is no HDF5 file, or a damaged one ({reason})") from None


def populations(group: h5py.Group) -> list[tuple[str, h5py.Group]]:
    """The groups in a group, by name."""
    return [(name, own) for name, own in group.items() if isinstance(own, h5py.Group)]


def dataset(group: h5py.Group, name: str, kinds: str, place: str) -> NDArray[Any]:
    """A column of an HDF5 group.

    Raises
    ------
    DataError
        one line, if it is missing or of another kind.
    """
    found = group.get(name)
    if not isinstance(found, h5py.Dataset):
        raise DataError(f"{place}/{name}: is missing")
    if found.ndim != 1 or found.dtype.kind not in kinds:
        raise DataError(f"{place}/{name}: is of shape {found.shape} and type {found.dtype}")
    return np.asarray(found[()])


def read_table(
    group: h5py.Group, what: str, types: Mapping[str, Mapping[int, str]], place: str
) -> Table:
    """A population's table; ``what`` is ``node`` or ``edge``.

    Raises
    ------
    DataError
        one line with the file and the place in it.
    """
    kinds = dataset(group, f"{what}_type_id", "iu", place).astype(np.int64)
    size = len(kinds)
    if f"{what}_group_id" in group:
        ids = dataset(group, f"{what}_group_id", "iu", place).astype(np.int64)
        index = dataset(group, f"{what}_group_index", "iu", place).astype(np.int64)
    else:
        ids, index = np.zeros(size, np.int64), np.arange(size)
    if not len(ids) == len(index) == size:
        raise DataError(f"{place}: its columns are of lengths {size}, {len(ids)}, {len(index)}")
    found: dict[str, list[tuple[Ints, NDArray[Any]]]] = {}
    for number in np.unique(ids):
        own = group.get(str(number))
        rows = np.flatnonzero(ids == number)
        if not isinstance(own, h5py.Group):
            if own is None and f"{what}_group_id" not in group:
                continue
            raise DataError(f"{place}/{number}: is missing")
        for name, values in _columns(own, f"{place}/{number}").items():
            if len(rows) and not 0 <= index[rows].min() <= index[rows].max() < len(values):
                raise DataError(
                    f"{place}/{number}/{name}: has {len(values)} rows, which is too few"
                )
            found.setdefault(name, []).append((rows, values[index[rows]]))
    by_type = {name: dict(column) for name, column in types.items()}
    known = set(by_type.get(f"{what}_type_id", {}))
    if known and (missing := set(np.unique(kinds).tolist()) - known):
        raise DataError(f"{place}: {what} type {min(missing)} is in no table of types")
    return Table(place, size, kinds, by_type, found)


def _columns(group: h5py.Group, place: str) -> dict[str, NDArray[Any]]:
    out: dict[str, NDArray[Any]] = {}
    library = group.get("@library")
    for name, values in group.items():
        if name == "@library":
            continue
        if isinstance(values, h5py.Group):
            if name == DYNAMICS:
                inner = _columns(values, f"{place}/{name}")
                out |= {f"{DYNAMICS}/{own}": column for own, column in inner.items()}
            continue
        if values.ndim != 1:
            continue
        column = np.asarray(values[()])
        if isinstance(library, h5py.Group) and name in library:
            words = np.asarray(library[name][()])
            fits = column.dtype.kind in "iu" and np.isin(column, np.arange(len(words))).all()
            if not fits:
                raise DataError(f"{place}/{name}: leaves its library")
            column = words[column]
        out[name] = column
    return out
