"""TOML files that halfbrain ships by name in one folder, and one's own of the same kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from halfbrain.errors import HalfbrainError
from halfbrain.facts.table import read_toml


@dataclass(frozen=True)
class Entries:
    """What a file says: its name here, the file's for messages, and whether halfbrain ships it."""

    name: str
    file: str
    entries: Mapping[str, Any]
    ships: bool


@dataclass(frozen=True)
class Shelf:
    """A folder of ``forecast``, ``kind`` being what its files are; ``first`` is named first."""

    folder: str
    kind: str
    first: str

    def names(self) -> list[str]:
        """What halfbrain ships."""
        paths = (files("halfbrain.forecast") / self.folder).iterdir()
        names = [path.name.removesuffix(".toml") for path in paths if path.name.endswith(".toml")]
        return sorted(names, key=lambda name: (name != self.first, name))

    def read(self, name: str) -> Entries:
        """A shipped file by its name, or one's own.

        Raises
        ------
        HalfbrainError
            if there is neither, or the file cannot be read.
        """
        if name in self.names():
            file = f"{name}.toml"
            path = files("halfbrain.forecast") / self.folder / file
            return Entries(name, file, read_toml(path), ships=True)
        own = Path(name)
        if not name.endswith(".toml") and not own.exists():
            raise HalfbrainError(
                f"no {self.kind} {name[:60]!r}; there are {', '.join(self.names())}, "
                "or give a TOML file"
            )
        # With its ending, no file has the name of one that halfbrain ships.
        key = f"{own.name.removesuffix('.toml')}.toml"
        return Entries(key, own.name, read_toml(own), ships=False)
