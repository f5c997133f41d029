"""Figures that the text of 2022 gives of a contender, beside what they are here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap

import sympy

from halfbrain.contenders.model import Reported
from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.table import facts
from halfbrain.facts.units import unit_text
from halfbrain.forecast.estimate import Forecast, Spread
from halfbrain.forecast.formula import evaluate


@dataclass(frozen=True)
class Beside:
    """A figure of theirs and of ours, in one unit; ``ratio`` is theirs over ours."""

    reported: Reported
    theirs: Spread
    ours: Spread
    ratio: Spread
    unit: str


def beside(forecast: Forecast, draws: Draws) -> list[Beside]:
    """What is reported of the contender, beside the forecast.

    Raises
    ------
    HalfbrainError
        if a value is too large for a double.
    """
    out = []
    for one in forecast.contender.reported:
        theirs, ours = (
            _value(formula, forecast).to(one.unit) for formula in (one.theirs, one.ours)
        )
        a, b, ratio = (Spread.of(each, draws) for each in (theirs, ours, theirs / ours))
        out.append(Beside(one, a, b, ratio, unit_text(theirs.unit)))
    return out


def _value(formula: sympy.Expr, forecast: Forecast) -> Quantity:
    names = [symbol.name for symbol in formula.free_symbols]
    values = {
        name: forecast.values[name] if name in forecast.values else facts().get(name)
        for name in names
    }
    return evaluate(formula, values)


def told(found: list[Beside], width: int = 80) -> str:
    """The comparison as lines of text; empty if there is nothing to compare."""
    return hanging(
        (
            f"{one.reported.about}: {_shown(one.theirs)} in the text of 2022, "
            f"{_shown(one.ours)} here ({one.unit}); {_shown(one.ratio)} times ours. "
            f"Why: {one.reported.why}."
            for one in found
        ),
        width,
    )


def hanging(texts: Iterable[str], width: int) -> str:
    """Texts one under the other, the first line of each further left."""
    lines: list[str] = []
    for text in texts:
        lines += wrap(text, width, subsequent_indent="    ", break_on_hyphens=False)
    return "\n".join(lines)


def _shown(spread: Spread) -> str:
    if spread.p5 == spread.p95:
        return f"{spread.p50:.3g}"
    return f"{spread.p50:.3g} ({spread.p5:.3g} to {spread.p95:.3g})"
