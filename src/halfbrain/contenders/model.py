"""What a contender is: named inputs, and the cost of a second of its life as formulas over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sympy

Range = Literal[
    "positive", "zero or more", "share", "at most one", "one or more", "8, 16, 32 or 64"
]


@dataclass(frozen=True)
class Input:
    """An assumption that a scenario can set.

    ``fact`` is the published figure, used where nothing was counted and the scenario says nothing.
    ``why`` says why a count differs from it. ``unit`` is coherent: formulas over inputs in their
    units need no conversion factor (a test holds every formula to that).
    """

    name: str
    unit: str
    about: str
    fact: str
    range: Range = "positive"
    why: str = ""

    @property
    def symbol(self) -> sympy.Symbol:
        """The input in a formula."""
        return sympy.Symbol(self.name, positive=True)


@dataclass(frozen=True)
class Derived:
    """A value worked out from inputs, which a scenario may also set outright."""

    name: str
    unit: str
    about: str
    formula: sympy.Expr

    @property
    def symbol(self) -> sympy.Symbol:
        """The value in a formula."""
        return sympy.Symbol(self.name, positive=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in its formula, in order."""
        return tuple(sorted(symbol.name for symbol in self.formula.free_symbols))


@dataclass(frozen=True)
class CostTerm:
    """One kind of work: how often a neuron does it, and what it costs each time.

    ``count`` is per neuron and second of biological time; ``flop`` and ``bytes`` are per count,
    and ``bytes`` are those moved between memory and processor.
    """

    name: str
    about: str
    count: sympy.Expr
    flop: sympy.Expr
    bytes: sympy.Expr


@dataclass(frozen=True)
class Reported:
    """A figure that somebody else gives, what it is here, and why they differ.

    ``theirs`` and ``ours`` are over names of facts, inputs and results, both in ``unit``.
    """

    about: str
    unit: str
    theirs: sympy.Expr
    ours: sympy.Expr
    why: str


@dataclass(frozen=True)
class Contender:
    """A level of detail: what its neurons do in a second of training, and in what memory.

    ``detail`` orders the contenders, least detailed first. ``peak`` names the hardware figure
    that its arithmetic is bound by, ``utilisation`` the share of it that such programs reach.
    ``machine_time`` counts the other way, as the text of 2022 did: the peak FLOP/s of a machine
    times the seconds that it took, for each neuron and second of biological time. ``reported`` are
    figures of the text of 2022 that can be compared. An alternative of another contender, such as
    another rule of learning, is ``under`` that: it shares some of its inputs, and what was counted
    of them.
    """

    name: str
    title: str
    about: str
    detail: int
    peak: str
    utilisation: str
    inputs: tuple[Input, ...]
    terms: tuple[CostTerm, ...]
    memory: sympy.Expr
    machine_time: sympy.Expr | None = None
    derived: tuple[Derived, ...] = ()
    reported: tuple[Reported, ...] = ()
    under: str = ""

    @property
    def units(self) -> dict[str, str]:
        """Units of inputs and of what is derived from them, by name."""
        units = {entry.name: entry.unit for entry in self.inputs}
        return units | {value.name: value.unit for value in self.derived}

    @property
    def shares(self) -> frozenset[str]:
        """The inputs that are shares, by name."""
        return frozenset(entry.name for entry in self.inputs if entry.range == "share")

    @property
    def flop_per_neuron_second(self) -> sympy.Symbol:
        """FLOP for each neuron and second of biological time, which a scenario may set."""
        return sympy.Symbol(f"{self.name}.flop_per_neuron_second", positive=True)

    @property
    def operations(self) -> sympy.Expr:
        """The sum of the cost terms' FLOP, per neuron and second of biological time."""
        return sympy.Add(*(term.count * term.flop for term in self.terms))

    @property
    def traffic(self) -> sympy.Expr:
        """The sum of the cost terms' bytes, per neuron and second of biological time."""
        return sympy.Add(*(term.count * term.bytes for term in self.terms))
