"""What a plan rests on, draw by draw: what one device takes, and how many hold the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.table import Item
from halfbrain.forecast.assumed import Assumed
from halfbrain.forecast.assumption import ELECTRICITY, LIFETIME
from halfbrain.forecast.estimate import Forecast, out_of_range
from halfbrain.forecast.exchange import Exchange, exchanges
from halfbrain.forecast.machine import bounds
from halfbrain.forecast.own_machine import machine
from halfbrain.forecast.sharing import Array, Sharing

_MOST = 1e75
_TOTALS = ("memory", "bandwidth", "power", "power_with_cooling", "price")


@dataclass(frozen=True)
class Ground:
    """What a plan rests on, draw by draw: device seconds for a second of life, and the like."""

    assumed: Assumed
    draws: Draws
    parts: Mapping[str, Array]
    held: Array
    there: Array | None
    life: Array
    power: Array | None
    price: Array | None  # USD of a device in a second, electricity included
    exchanges: tuple[Exchange, ...]

    @property
    def floor(self) -> Array:
        """The fewest devices: those that hold the state, whole ones."""
        return np.ceil(np.maximum(self.held, 1.0) * (1 - 1e-12))

    @property
    def work(self) -> Array:
        """What one device takes for a second of life, in wall seconds."""
        longest: Array = np.max(np.stack(list(self.parts.values())), axis=0)
        return longest

    def sharing(self, exchange: Exchange) -> Sharing:
        """The pace on each number of devices."""
        most = np.full_like(self.floor, np.inf) if self.there is None else self.there
        return Sharing.of(exchange.pieces(self.work), self.floor, np.floor(most))


def ground(forecast: Forecast, name: str, draws: Draws) -> Ground:
    """What a forecast needs of the devices of the machine called ``name``, or of a TOML file."""
    item, count = _device(machine(name))
    assumed = Assumed(forecast, item)

    def drawn(quantity: Quantity, unit: str) -> Array:
        sample = quantity.to(unit).sample(draws)
        # Products of some of them must still fit a double.
        if not ((sample == 0) | ((sample > 1 / _MOST) & (sample < _MOST))).all():
            raise out_of_range(quantity)
        return np.broadcast_to(np.asarray(sample, dtype=np.float64), (draws.n,)).copy()

    memory = item.figures.get("memory")
    if memory is None:
        raise HalfbrainError(f"no plan on {item.key}: its memory is not known")
    flop, traffic = forecast.quantity("flop_per_bio_second"), forecast.traffic_per_bio_second
    found = bounds(assumed, flop, traffic)
    if assumed.peak() is None:
        raise HalfbrainError(f"no plan on {item.key}: there is no {assumed.precision()} of it")
    held = drawn(forecast.quantity("memory") / memory, "")
    power, price = assumed.power(), assumed.price()
    rate = None
    if power is not None and price is not None:
        rate = price / assumed.get(LIFETIME) + power * assumed.get(ELECTRICITY)
    return Ground(
        assumed,
        draws,
        {bound.kind: drawn(bound.wall, "second/bio_second") for bound in found},
        held,
        None if count is None else drawn(count, "device"),
        drawn(forecast.lives, "bio_second"),
        None if power is None else drawn(power, "watt"),
        None if rate is None else drawn(rate, "USD/second"),
        tuple(exchanges(forecast, assumed, held, drawn)),
    )


def _device(item: Item) -> tuple[Item, Quantity | None]:
    """One device of a machine, and how many a whole system has."""
    name = next((name for name in ("devices", "nodes") if name in item.figures), None)
    if name is None:
        return item, None
    count = item.figures[name]
    shared = {
        figure: _over(value, count, name)
        for figure, value in item.figures.items()
        if figure.startswith("peak_fp") or figure in _TOTALS
    }
    figures = {**item.figures, **shared}
    return Item(item.table, item.key, item.title, item.attributes, figures), count


def _over(total: Quantity, count: Quantity, name: str) -> Quantity:
    """A system's figure for one device: what its ends are of the ends of the number of devices."""
    whole, number_ = total.interval, count.interval
    assert whole is not None
    assert number_ is not None
    assert total.origin is not None
    low, high = sorted((whole.low / number_.low, whole.high / number_.high))
    note = f"The whole system's over its {name}."
    origin = replace(total.origin, confidence="computed", note=note, fact=total.name)
    return Quantity.leaf(f"{total.name} over {name}", Interval(low, high), total.unit, origin)
