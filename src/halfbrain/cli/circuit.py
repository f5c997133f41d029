"""The circuit that a command is given, by name or as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halfbrain.errors import RunError

if TYPE_CHECKING:
    from halfbrain.circuits.circuit import Circuit
    from halfbrain.io.sonata import Loaded, LoadedPoints


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


def sonata_given(recipe: Mapping[str, Any]) -> Loaded | LoadedPoints:
    """The circuit of the SONATA configuration that a run's ``recipe`` names.

    Raises
    ------
    HalfbrainError
        one line: what cannot be read, or an option that only a named circuit takes.
    """
    from halfbrain.io.sonata import read_sonata

    name = recipe["circuit"]
    if any(recipe[option] is not None for option in ("neurons", "scale", "plasticity")):
        raise RunError(f"{name}: a SONATA circuit is as large, and as plastic, as its files say")
    mechanisms = recipe.get("mechanisms")
    return read_sonata(Path(name).resolve(), mechanisms and Path(mechanisms))
