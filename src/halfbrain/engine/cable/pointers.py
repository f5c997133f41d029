"""POINTERs of mechanisms, before there are tables: what each is joined to, and its first value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.errors import ModelError
from halfbrain.morphology.compartments import Compartments, Joined, Placed
from halfbrain.program.mechanism import Mechanism

Numbers = NDArray[np.float64]
# NEURON's own come before those of users.
_BUILT_IN = ("pas", "hh", "ExpSyn", "Exp2Syn", "IClamp", "SEClamp", "AlphaSynapse", "NetStim")


def rank(mechanism: Mechanism) -> tuple[bool, str]:
    """What NEURON orders mechanisms by."""
    file = Path(mechanism.source).stem if mechanism.source.endswith(".mod") else mechanism.name
    return mechanism.name not in _BUILT_IN, file


def check(placed: Placed, needed: Iterable[str]) -> None:
    """Raise a ModelError unless all POINTERs that are needed are joined to something."""
    mechanism = placed.mechanism
    for name in placed.joined:
        if name not in mechanism.pointers:
            raise ModelError(f"{mechanism.name} has no POINTER {name[:40]!r}")
        if name in placed.parameters:
            raise ModelError(f"POINTER {name} of {mechanism.name} is joined twice")
    for name in needed:
        if name in mechanism.pointers and not {name} & {*placed.joined, *placed.parameters}:
            raise ModelError(
                f"{mechanism.pointers[name]}: POINTER {name} of {mechanism.name} is joined to "
                f'nothing: give Placed(..., joined={{"{name}": Joined(...)}}) for a variable of '
                f'its cell, or CableSimulation(..., transfers=[Transfer("{name}", ...)]) for one '
                "of another"
            )


def start(cell: Compartments, joined: Joined) -> float | Numbers:
    """What a POINTER is before anything has begun; a parameter stays as it is."""
    if joined.mechanism is None:
        return cell.v_init if joined.variable == "v" else 0.0
    of = placed_in(cell, joined.mechanism)
    known = {**of.mechanism.shared, **of.mechanism.parameters, **of.parameters}
    values = np.broadcast_to(np.asarray(known.get(joined.variable, 0.0), float), len(of.where))
    return values[among(joined.at, len(of.where), of.mechanism.name)]


def placed_in(cell: Compartments, mechanism: int) -> Placed:
    """The mechanism of that number among those placed in a cell."""
    if not 0 <= mechanism < len(cell.placed):
        raise ModelError(f"a POINTER is joined to a mechanism {mechanism}, which its cell has not")
    return cell.placed[mechanism]


def among(at: ArrayLike, n: int, what: str) -> NDArray[np.int64]:
    """The numbers, which are to be below n."""
    numbers = np.asarray(at, np.int64)
    if (bad := (numbers < 0) | (numbers >= n)).any():
        raise ModelError(f"a POINTER is joined to number {numbers[bad][0]} of {what}; it has {n}")
    return numbers


def pointing(mechanism: Mechanism, name: str) -> Mechanism:
    """The mechanism with a POINTER of that name, which may be a parameter that it does not set.

    Raises
    ------
    ModelError
        if it has neither.
    """
    if name in mechanism.pointers:
        return mechanism
    if name not in mechanism.parameters:
        raise ModelError(
            f"{mechanism.name} has no POINTER {name[:40]!r}, nor a RANGE variable of that name "
            "that it does not set itself"
        )
    return replace(
        mechanism,
        parameters={n: x for n, x in mechanism.parameters.items() if n != name},
        pointers={**mechanism.pointers, name: mechanism.source},
    )
