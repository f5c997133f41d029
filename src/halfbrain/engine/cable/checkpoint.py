"""A run of detailed cells on disk, from which it goes on bit for bit with any number of threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from halfbrain.engine import archive
from halfbrain.engine.cable.identity import identity
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.cable.state import Part, restore, state
from halfbrain.errors import RunError

_FORMAT = 1


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
        saved, now = self.notes["_is"], {"format": _FORMAT, **identity(simulation)}
        if differ := [name for name in now if saved.get(name) != now[name]]:
            raise RunError(f"{self.path}: is of another simulation: {' and '.join(differ)} differ")
        restore(simulation, self.parts)
        simulation.wall_seconds = float(self.notes["_wall_seconds"])


def save(path: Path, simulation: CableSimulation, notes: Mapping[str, Any] | None = None) -> None:
    """Write a checkpoint, under a temporary name first; ``notes`` are any JSON.

    Raises
    ------
    RunError
        one line, if the place cannot be written.
    """
    parts = state(simulation)
    every = dict(notes or {}) | {
        "_is": {"format": _FORMAT, **identity(simulation)},
        "_kinds": {name: part.kind for name, part in parts.items()},
        "_wall_seconds": simulation.wall_seconds,
    }
    archive.write(path, {name: part.array for name, part in parts.items()}, every)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    RunError
        one line, if there is none, or the file is no checkpoint of detailed cells.
    """
    arrays, notes = archive.read(path, _FORMAT)
    kinds = notes.get("_kinds")
    if not isinstance(kinds, dict) or kinds.keys() != arrays.keys():
        raise RunError(f"{path}: is no checkpoint of detailed cells")
    return Checkpoint(path, notes, {name: Part(kinds[name], x) for name, x in arrays.items()})
