"""A run on disk, from which it goes on bit for bit with any number of threads: one file for all.

The file has the state as named arrays, notes in JSON, and what the run is of, so that another one
does not go on from it. Nothing in it depends on how neurons are laid into memory, and what can be
drawn again from the seed is not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from halfbrain.engine.fingerprint import differences
from halfbrain.engine.packed import Array, Kind, Packed, Part, pack, unpack
from halfbrain.errors import RunError
from halfbrain.io import archive

_FORMAT = 5
_MORE = "more/"


class Saved(Protocol):
    """What can be saved, and set back to what it was: a group of cells, or a simulation."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """What must be the same for a run to go on, as JSON."""
        ...

    def parts(self) -> dict[str, Part]:
        """All that changes in a run, by name."""
        ...

    def put_back(self, parts: Mapping[str, Part]) -> None:
        """Set all that to what :meth:`parts` gave."""
        ...


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What was saved: ``notes`` and ``more`` as they were given, and the state."""

    path: Path
    notes: Mapping[str, Any]
    parts: Mapping[str, Part]
    more: Mapping[str, Array]

    def restore(self, thing: Saved) -> None:
        """Set what is built from the same circuit and seed, newly or not, to the saved state.

        Raises
        ------
        RunError
            one line, if it is of another circuit, seed, precision or version of halfbrain.
        """
        if told := differences(self.notes["_is"], {"format": _FORMAT, **thing.identity}):
            raise RunError(f"{self.path}: is of another run: {told}")
        thing.put_back(self.parts)


def save(
    path: Path,
    thing: Saved,
    notes: Mapping[str, Any] | None = None,
    more: Mapping[str, Array] | None = None,
    *,
    error: float | Mapping[Kind, float] = 0.0,
) -> None:
    """Write a checkpoint, under a temporary name first.

    Parameters
    ----------
    path, thing
        the file, and what is saved.
    notes, more
        any JSON, and any arrays, that come back as they are.
    error
        for all kinds of state or for each: voltages, gates, concentrations and synapses' states of
        detailed cells are compressed by zfp; each comes back within that share of the largest
        magnitude of its variable, and never out of its range. All else, and without an error
        everything, is kept bit for bit.

    Raises
    ------
    RunError, MissingError
        one line, if the place cannot be written, there is no such error, or no zfpy.
    """
    parts = thing.parts()
    arrays, packed = pack(parts, error)
    every = dict(notes or {}) | {
        "_is": {"format": _FORMAT, **thing.identity},
        "_kinds": {name: part.kind for name, part in parts.items()},
        "_packed": {name: asdict(of) for name, of in packed.items()},
    }
    archive.write(path, arrays | {_MORE + name: x for name, x in (more or {}).items()}, every)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    RunError
        one line, if there is none, or the file is no checkpoint.
    MissingError
        if it is compressed and zfpy is not installed.
    """
    arrays, notes = archive.read(path, _FORMAT)
    more = {n.removeprefix(_MORE): arrays.pop(n) for n in list(arrays) if n.startswith(_MORE)}
    kinds = notes.get("_kinds")
    try:
        if not isinstance(kinds, dict) or kinds.keys() != arrays.keys():
            raise RunError("its arrays are not those that it names")
        for name, of in notes["_packed"].items():
            arrays[name] = unpack(arrays[name], Packed(**of))
    except (RunError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError(
            f"{path}: is no checkpoint of halfbrain, or a damaged one: {error}"
        ) from None
    return Checkpoint(path, notes, {name: Part(kinds[name], x) for name, x in arrays.items()}, more)


def remove(path: Path) -> None:
    """Remove a checkpoint, and what a save that was killed may have left of one."""
    archive.remove(path)
