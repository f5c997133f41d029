"""A figure with its unit and its origin; arithmetic keeps all three."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pint
from numpy.typing import NDArray

from halfbrain.errors import DimensionError, FactError
from halfbrain.facts.interval import Interval
from halfbrain.facts.source import Origin
from halfbrain.facts.units import parse_unit, registry, unit_text

Array = NDArray[np.float64]


Streams = tuple[tuple[str, float], ...]
"""Names of independent standard normal numbers, and what a figure takes of each."""


class Columns(Protocol):
    """Anything that gives the draws of a figure (see :class:`Draws`)."""

    def column(self, streams: Streams, interval: Interval) -> Array:
        """The draws of a figure from its streams: ``n`` of them, or one if it is certain."""
        ...


class _Medians:
    def column(self, streams: Streams, interval: Interval) -> Array:
        return np.array([interval.median])


_OPERATIONS: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "max": np.maximum,
    "min": np.minimum,
}


@dataclass(frozen=True, eq=False)
class Quantity:
    """A number or distribution, a unit, and where it came from.

    A leaf has an ``interval``, from which it is drawn, and an ``origin``; anything else is an
    ``operation`` on ``parts``. Values are drawn, not stored: :meth:`sample` evaluates the tree on
    columns of draws. ``mixed`` are the streams of a leaf that is tied to others.
    """

    name: str
    unit: pint.Unit
    interval: Interval | None = None
    origin: Origin | None = None
    operation: str = ""
    parts: tuple[Quantity, ...] = ()
    factor: float = 1.0  # from the unit of the operation to ``unit``
    exponent: float = 1.0
    mixed: Streams = ()

    @classmethod
    def leaf(
        cls,
        name: str,
        interval: Interval,
        unit: str | pint.Unit,
        origin: Origin,
        parts: tuple[Quantity, ...] = (),
    ) -> Quantity:
        """A figure; ``parts`` are the figures that its interval spans, for :meth:`explain`."""
        unit = parse_unit(unit) if isinstance(unit, str) else unit
        return cls(name, unit, interval, origin, parts=parts)

    @classmethod
    def exact(cls, value: float) -> Quantity:
        """A pure number, such as the 2 of a multiply and an add."""
        return cls(f"{value:g}", registry().Unit(""), Interval(value, value))

    # -- arithmetic ------------------------------------------------------------------------------

    def __mul__(self, other: Quantity | float) -> Quantity:
        right = _quantity(other)
        return Quantity("", self.unit * right.unit, operation="*", parts=(self, right))

    def __truediv__(self, other: Quantity | float) -> Quantity:
        right = _quantity(other)
        return Quantity("", self.unit / right.unit, operation="/", parts=(self, right))

    def __add__(self, other: Quantity | float) -> Quantity:
        return self._same("+", "add", other)

    def __sub__(self, other: Quantity | float) -> Quantity:
        return self._same("-", "subtract", other)

    def __rmul__(self, other: float) -> Quantity:
        return _quantity(other) * self

    def __rtruediv__(self, other: float) -> Quantity:
        return _quantity(other) / self

    def __radd__(self, other: float) -> Quantity:
        return _quantity(other) + self

    def __rsub__(self, other: float) -> Quantity:
        return _quantity(other) - self

    def __pow__(self, exponent: float) -> Quantity:
        unit = registry().Unit(self.unit**exponent)
        return Quantity("", unit, operation="**", parts=(self,), exponent=exponent)

    def maximum(self, other: Quantity) -> Quantity:
        """The larger of the two, draw by draw."""
        return self._same("max", "compare", other)

    def _same(self, operation: str, verb: str, other: Quantity | float) -> Quantity:
        right = _quantity(other)
        if not self.unit.is_compatible_with(right.unit):
            raise DimensionError(
                f"cannot {verb} {self.label} ({unit_text(self.unit)}) and "
                f"{right.label} ({unit_text(right.unit)})"
            )
        return Quantity("", self.unit, operation=operation, parts=(self, right.to(self.unit)))

    def to(self, unit: str | pint.Unit) -> Quantity:
        """The same quantity in another unit.

        Raises
        ------
        DimensionError
            if the dimensions differ.
        """
        target = parse_unit(unit) if isinstance(unit, str) else unit
        if target == self.unit:
            return self
        try:
            factor = float(registry().convert(1.0, self.unit, target))
        except pint.DimensionalityError:
            raise DimensionError(
                f"{self.label} is in {unit_text(self.unit)}, which is not {unit_text(target)}"
            ) from None
        return Quantity("", target, operation="to", parts=(self,), factor=factor)

    def named(self, name: str) -> Quantity:
        """The same quantity under a name of its own, for :meth:`explain`."""
        return replace(self, name=name)

    # -- values ----------------------------------------------------------------------------------

    @property
    def uncertain(self) -> bool:
        """Whether it is a figure that is drawn: a leaf with an interval."""
        return self.interval is not None and not self.interval.certain

    @property
    def stream(self) -> str:
        """What a leaf is drawn by: its fact, so that one fact is one draw; else its own name."""
        return (self.origin.fact if self.origin is not None else "") or self.name

    @property
    def streams(self) -> Streams:
        """All that a leaf is drawn from: its own stream, or those that a tie mixes."""
        return self.mixed or ((self.stream, 1.0),)

    def sample(self, columns: Columns) -> Array:
        """Draws of this quantity, in its own unit; one number where nothing in it is uncertain."""
        return self._evaluate(columns, {})

    def _evaluate(self, columns: Columns, done: dict[int, Array]) -> Array:
        key = id(self)
        if key not in done:
            if self.interval is not None:
                value = columns.column(self.streams, self.interval)
            else:
                values = [part._evaluate(columns, done) for part in self.parts]
                # Overflow is not hidden: infinities are caught where a forecast is summarised.
                with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                    if self.operation == "to":
                        value = values[0] * self.factor
                    elif self.operation == "**":
                        value = values[0] ** self.exponent
                    else:
                        value = _OPERATIONS[self.operation](values[0], values[1])
            done[key] = value
        return done[key]

    def magnitude(self, unit: str = "") -> float:
        """The value with every figure at its median, in ``unit`` where one is named."""
        target = self.to(unit) if unit else self
        return float(target.sample(_Medians())[0])

    def leaves(self) -> Iterator[Quantity]:
        """Each named figure in the tree, once, in the order of the formula."""
        seen: set[str] = set()
        stack = [self]
        while stack:
            node = stack.pop()
            if node.interval is None:
                stack.extend(reversed(node.parts))
            elif node.origin is not None and node.name not in seen:
                seen.add(node.name)
                yield node

    @property
    def label(self) -> str:
        """A name for messages: its own, or its formula in short."""
        if self.name:
            return self.name
        if self.operation == "to":
            return self.parts[0].label
        if self.operation == "**":
            return f"{self.parts[0].label}^{self.exponent:g}"
        return f" {self.operation} ".join(part.label for part in self.parts)


def _quantity(value: Quantity | float) -> Quantity:
    if isinstance(value, Quantity):
        return value
    if isinstance(value, int | float):
        return Quantity.exact(float(value))
    raise FactError(f"cannot calculate with {type(value).__name__}")
