"""The assumptions of one bill: as the scenario sets them, measured, or as the facts have them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from halfbrain.contenders.measured import KIND
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import Item, facts
from halfbrain.forecast.assumption import (
    BANDWIDTH_SHARE,
    EFFECTIVENESS,
    POWER,
    PRECISION,
    PRICE,
    UTILISATION,
    assumptions,
)
from halfbrain.forecast.estimate import Forecast
from halfbrain.forecast.own_machine import PEAKS, peak_of


class Assumed:
    """The assumptions of a forecast on a machine; ``used`` are those that were asked for, by name.

    ``told`` is what to say of them, a line each.
    """

    def __init__(self, forecast: Forecast, item: Item) -> None:
        self.forecast = forecast
        self.item = item
        self.used: dict[str, Quantity] = {}
        self.told: list[str] = []

    def get(self, name: str) -> Quantity:
        """An assumption by its full name."""
        given = self.forecast.scenario.given
        if name not in self.used:
            self.used[name] = given[name] if name in given else _fact(assumptions()[name].fact)
        return self.used[name]

    def utilisation(self) -> Quantity:
        """The share of the peak that the contender's programs reach on this kind of machine."""
        name = self._own(UTILISATION)
        measured = self.forecast.measured
        if name in self.forecast.scenario.given or measured is None:
            return self.get(name)
        kind = self.item.attributes.get("kind", "")
        if measured.utilisation is None:
            return self.get(name)
        if kind == KIND:
            self.used[name] = measured.utilisation
            self._tell("at the share of the peak that it reached here")
        else:
            where = f"{self.item.key} is of kind {kind}" if kind else f"{self.item.key} has no kind"
            self._tell(f"not at the share of the peak that it reached here, on a {KIND}: {where}")
        return self.get(name)

    def bandwidth_share(self) -> Quantity:
        """The share of its memory's bandwidth that programs reach."""
        return self.get(BANDWIDTH_SHARE)

    def precision(self) -> str:
        """The figure of the peak in the format that the contender's arithmetic has."""
        name = self._own(PRECISION)
        given = self.forecast.scenario.given.get(name)
        if given is None:
            bits = next(b for b, peak in PEAKS.items() if peak == self.forecast.contender.peak)
            note = "The width in which the contender's programs calculate."
            origin = Origin("computed", note=note)
            given = Quantity.leaf(name, Interval(bits, bits), "bit", origin)
        self.used[name] = given
        return PEAKS[round(given.magnitude("bit"))]

    def peak(self) -> str | None:
        """The peak that bounds the arithmetic; None where the facts have none so wide."""
        return peak_of(self.item, self.precision())

    def price(self) -> Quantity | None:
        """What one costs."""
        return self._of_machine(PRICE, "price")

    def power(self) -> Quantity | None:
        """What one draws with its cooling: as the facts have it, or its power and a site's more."""
        cooled = self.item.figures.get("power_with_cooling")
        if cooled is not None and POWER not in self.forecast.scenario.given:
            return cooled
        power = self._of_machine(POWER, "power")
        return None if power is None else power * self.get(EFFECTIVENESS)

    def unused(self, beside: Collection[str] = ()) -> list[str]:
        """What the scenario sets of this contender and of machines, and nothing asked for.

        ``beside``: names that do not belong here.
        """
        mine = {self._own(UTILISATION), self._own(PRECISION)}
        return [
            name
            for name in assumptions()
            if name in self.forecast.scenario.given
            and (name in mine or name.startswith("machine."))
            and name not in self.used
            and name not in beside
        ]

    def _own(self, name: str) -> str:
        return f"{self.forecast.contender.name}.{name}"

    def _of_machine(self, name: str, figure: str) -> Quantity | None:
        given = self.forecast.scenario.given.get(name, self.item.figures.get(figure))
        if given is not None:
            self.used[name] = given
        return given

    def _tell(self, line: str) -> None:
        if line not in self.told:
            self.told.append(line)


def _fact(name: str) -> Quantity:
    """A fact under its own name, so that it is one draw wherever it is used."""
    figure = facts().get(name)
    assert figure.origin is not None
    return replace(figure, origin=replace(figure.origin, fact=name))
