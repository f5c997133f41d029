"""The circuit that a command is given, by name or as a file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.circuits.circuit import Circuit
    from halfbrain.circuits.sonata import LoadedPoints


def circuit_given(
    text: str,
    *,
    neurons: int | None,
    scale: float | None,
    seconds: float,
    plasticity: bool | None,
    seed: int,
) -> Circuit:
    """The circuit that ``text`` names, or of the TOML file at ``text``.

    Raises
    ------
    HalfbrainError
        one line: no such circuit or file, or a file and an option that only a name takes.
    """
    from halfbrain.circuits.from_toml import circuit_from_toml
    from halfbrain.circuits.named.catalogue import named_circuit

    if not text.endswith(".toml"):
        return named_circuit(
            text, neurons=neurons, scale=scale, seconds=seconds, plasticity=plasticity, seed=seed
        )
    given = {"neurons": neurons, "scale": scale, "plasticity": plasticity}
    for name, value in given.items():
        if value is not None:
            raise RunError(f"--{name}: a circuit of a file has its own")
    return circuit_from_toml(Path(text))


@lru_cache(maxsize=1)
def sonata_given(text: str) -> LoadedPoints:
    """The circuit of point neurons of the SONATA configuration at ``text``.

    Raises
    ------
    HalfbrainError
        one line: what cannot be read.
    """
    from halfbrain.circuits.sonata import read_points

    return read_points(Path(text).resolve())
