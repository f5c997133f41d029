"""The assumptions of one bill: as the scenario sets them, measured, or as the facts have them."""

from __future__ import annotations

from dataclasses import replace

from halfbrain.contenders.measured import KIND
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import Item, facts
from halfbrain.forecast.assumption import (
    BANDWIDTH_SHARE,
    EFFECTIVENESS,
    NETWORK_BANDWIDTH,
    NETWORK_LATENCY,
    NODE,
    POWER,
    PRECISION,
    PRICE,
    UTILISATION,
    assumptions,
)
from halfbrain.forecast.estimate import Forecast
from halfbrain.forecast.own_machine import PEAKS, peak_of

_USUAL_NETWORK = "infiniband-ndr"


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
            self.tell("at the share of the peak that it reached here")
        else:
            where = f"{self.item.key} is of kind {kind}" if kind else f"{self.item.key} has no kind"
            self.tell(f"not at the share of the peak that it reached here, on a {KIND}: {where}")
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

    def network(self) -> tuple[Quantity, Quantity]:
        """Latency and bandwidth of a device's link to other nodes."""
        name = self.item.attributes.get("network", "")
        if not name and "network_bandwidth" not in self.item.figures:
            self.tell(f"{self.item.key} has no network; {_USUAL_NETWORK} is taken")
        link = facts().item("networks", name or _USUAL_NETWORK)
        return (
            self._or_else(NETWORK_LATENCY, "network_latency", link.figure("latency")),
            self._or_else(NETWORK_BANDWIDTH, "network_bandwidth", link.figure("bandwidth")),
        )

    def inside(self) -> tuple[Quantity, Quantity]:
        """Latency and bandwidth of the links in a node; without any, as between nodes."""
        name = self.item.attributes.get("inside", "")
        if not name:
            return self.network()
        link = facts().item("networks", name)
        return link.figure("latency"), link.figure("bandwidth")

    def node(self) -> Quantity:
        """Devices of a node."""
        one = Quantity.leaf(NODE, Interval(1, 1), "device", Origin("computed"))
        return self._or_else(NODE, "devices_per_node", one)

    def unused(self) -> list[str]:
        """What the scenario sets of this contender, machines and plans, and nothing asked for."""
        mine = {self._own(UTILISATION), self._own(PRECISION)}
        return [
            name
            for name in assumptions()
            if name in self.forecast.scenario.given
            and (name in mine or name.startswith(("machine.", "plan.")))
            and name not in self.used
        ]

    def _own(self, name: str) -> str:
        return f"{self.forecast.contender.name}.{name}"

    def _of_machine(self, name: str, figure: str) -> Quantity | None:
        given = self.forecast.scenario.given.get(name, self.item.figures.get(figure))
        if given is not None:
            self.used[name] = given
        return given

    def _or_else(self, name: str, figure: str, otherwise: Quantity) -> Quantity:
        found = self._of_machine(name, figure)
        if found is None:
            self.used[name] = found = otherwise
        return found

    def tell(self, line: str) -> None:
        """Add a line, once."""
        if line not in self.told:
            self.told.append(line)


def _fact(name: str) -> Quantity:
    """A fact under its own name, so that it is one draw wherever it is used."""
    figure = facts().get(name)
    assert figure.origin is not None
    return replace(figure, origin=replace(figure.origin, fact=name))
