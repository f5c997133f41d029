"""Ions at rest: concentrations, and reversal potentials by Nernst where they follow from those."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from halfbrain.errors import ModelError
from halfbrain.program.mechanism import Mechanism

_GAS = 8.31446261815324  # J/(mol K), CODATA 2018
_FARADAY = 96485.3321233100184  # C/mol, CODATA 2018

EMPTY = 1e6  # mV: NEURON's reversal potential where there is nothing inside


@dataclass(frozen=True)
class Rest:
    """Valence; reversal potential in mV; concentrations inside and outside in mM."""

    valence: int
    reversal: float
    inside: float
    outside: float


# NEURON's values, which models rely on where they set none: Hodgkin and Huxley's, and for calcium
# 50 nM inside.
KNOWN: Mapping[str, Rest] = {
    "na": Rest(1, 50.0, 10.0, 140.0),
    "k": Rest(1, -77.0, 54.4, 2.5),
    "ca": Rest(2, 132.4579341637009, 5e-5, 2.0),
}


def nernst(inside: float, outside: float, valence: int, celsius: float) -> float:
    """The reversal potential in mV of concentrations in mM.

    As NEURON has it, plus or minus a million where a side is empty.
    """
    if inside <= 0:
        return EMPTY
    if outside <= 0:
        return -EMPTY
    return 1000 * _GAS * (celsius + 273.15) / (_FARADAY * valence) * math.log(outside / inside)


def rest(use: Use) -> Rest:
    """An ion's values at rest; one that is not known has 1 mM on both sides and reverses at 0.

    Raises
    ------
    ModelError
        if nobody says what the valence of an ion is that is not known.
    """
    if use.valence is None and use.name not in KNOWN:
        raise ModelError(
            f"{use.place}: the ion {use.name} is not known ({', '.join(KNOWN)} are), and no "
            f"mechanism of this cell gives its VALENCE; write USEION {use.name} ... VALENCE n"
        )
    return KNOWN.get(use.name, Rest(use.valence or 1, 0.0, 1.0, 1.0))


@dataclass(frozen=True)
class Use:
    """Which of an ion's variables mechanisms take (``read``) and set (``written``).

    ``place`` is the file and line that use it first.
    """

    name: str
    valence: int | None
    read: frozenset[str]
    written: frozenset[str]
    place: str = ""

    @property
    def reversal(self) -> str:
        """The reversal potential's name: ``ek``."""
        return f"e{self.name}"

    @property
    def concentrations(self) -> tuple[str, str]:
        """Their names: ``ki`` and ``ko``."""
        return f"{self.name}i", f"{self.name}o"


def uses(mechanisms: Iterable[Mechanism]) -> list[Use]:
    """All ions of some mechanisms."""
    found: dict[str, Use] = {}
    for mechanism in mechanisms:
        for ion in mechanism.ions:
            old = found.get(ion.name, Use(ion.name, None, frozenset(), frozenset()))
            found[ion.name] = Use(
                ion.name,
                old.valence if ion.valence is None else ion.valence,
                old.read | frozenset(ion.reads),
                old.written | frozenset(ion.writes),
                old.place or ion.place,
            )
    return list(found.values())
