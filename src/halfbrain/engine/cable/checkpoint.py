"""A run of detailed cells on disk, from which it goes on bit for bit with any number of threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from halfbrain.engine.cable.identity import identity
from halfbrain.engine.cable.layout import Kind
from halfbrain.engine.cable.packed import Packed, pack, unpack
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.state import Part, restore, state
from halfbrain.engine.fingerprint import differences
from halfbrain.errors import RunError
from halfbrain.io import archive

_FORMAT = 4


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What was saved: ``notes`` as they were given, and the state."""

    path: Path
    notes: Mapping[str, Any]
    parts: Mapping[str, Part]

    def restore(self, simulation: CableSimulation) -> None:
        """Set a simulation of the same cells and network, newly built or not, to the saved state.

        Raises
        ------
        RunError
            one line, if it is of another one.
        """
        now = {"format": _FORMAT, **identity(simulation)}
        if told := differences(self.notes["_is"], now):
            raise RunError(f"{self.path}: is of another simulation: {told}")
        restore(simulation, self.parts)
        simulation.wall_seconds = float(self.notes["_wall_seconds"])


def save(
    path: Path,
    simulation: CableSimulation,
    notes: Mapping[str, Any] | None = None,
    error: float | Mapping[Kind, float] = 0.0,
) -> None:
    """Write a checkpoint, under a temporary name first; ``notes`` are any JSON.

    With an ``error``, for all kinds of state or for each, voltages, gates, concentrations and
    synapses' states are compressed by zfp; each comes back within that share of the largest
    magnitude of its variable, and never out of its range. All else, and without an error
    everything, is kept bit for bit.

    Raises
    ------
    RunError, MissingError
        one line, if the place cannot be written, there is no such error, or no zfpy.
    """
    parts = state(simulation)
    arrays, packed = pack(parts, error)
    every = dict(notes or {}) | {
        "_is": {"format": _FORMAT, **identity(simulation)},
        "_kinds": {name: part.kind for name, part in parts.items()},
        "_packed": {name: asdict(of) for name, of in packed.items()},
        "_wall_seconds": simulation.wall_seconds,
    }
    archive.write(path, arrays, every)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    RunError
        one line, if there is none, or the file is no checkpoint of detailed cells.
    MissingError
        if it is compressed and zfpy is not installed.
    """
    arrays, notes = archive.read(path, _FORMAT)
    kinds = notes.get("_kinds")
    if not isinstance(kinds, dict) or kinds.keys() != arrays.keys():
        raise RunError(f"{path}: is no checkpoint of detailed cells")
    try:
        for name, of in notes["_packed"].items():
            arrays[name] = unpack(arrays[name], Packed(**of))
    except (RunError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError(
            f"{path}: is no checkpoint of halfbrain, or a damaged one: {error}"
        ) from None
    return Checkpoint(path, notes, {name: Part(kinds[name], x) for name, x in arrays.items()})
