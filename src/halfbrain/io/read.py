"""A circuit from a file, whatever its format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from halfbrain.circuits.circuit import Circuit
from halfbrain.circuits.detailed.circuit import DetailedCircuit
from halfbrain.circuits.from_toml import circuit_from_toml
from halfbrain.errors import DataError
from halfbrain.io.sonata import LoadedPoints, read_sonata


def read(path: str | Path, *, mechanisms: str | Path | None = None) -> Circuit | DetailedCircuit:
    r"""A circuit from a TOML file, or from the configuration of a SONATA network.

    Parameters
    ----------
    path
        a ``.toml`` file (docs/circuits.md), or a SONATA ``.json`` (docs/sonata.md).
    mechanisms
        of a SONATA network, the folder of .mod files where its configuration names none.

    Raises
    ------
    HalfbrainError
        one line with the file, the place in it, and what is wrong there.

    Examples
    --------
    >>> import halfbrain as hb
    >>> text = '[populations.E]\nsize = 100\ncell = "lif_current_exp"'
    >>> with open("pair.toml", "w") as file:
    ...     _ = file.write(text)
    >>> hb.read("pair.toml").neurons
    100
    """
    file = Path(path)
    if file.suffix.lower() == ".toml":
        if mechanisms is not None:
            raise DataError(f"{file}: a circuit in TOML has no .mod files; leave out mechanisms")
        return circuit_from_toml(file)
    if file.suffix.lower() != ".json":
        raise DataError(f"{file}: circuits are read from .toml files and SONATA's .json files")
    found = read_sonata(file.resolve(), None if mechanisms is None else Path(mechanisms))
    if isinstance(found, LoadedPoints):
        return replace(found.circuit, inputs=found.currents)
    return found.circuit
