"""On a machine from the facts: devices, time, energy and money."""

from __future__ import annotations

from dataclasses import dataclass

from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.table import Item, facts
from halfbrain.forecast.estimate import Forecast, Spread

_PRICES = "hardware.prices"
_USE = "hardware.utilisation"


@dataclass(frozen=True)
class Bill:
    """A training on one kind of machine. ``missing`` says why a value is not there.

    device_years: machine time, the longer of arithmetic and memory traffic at realistic shares
    of the peaks. devices_for_memory: machines that hold the state. devices_in_real_time: machines
    that keep pace with life, if the work divides perfectly. energy in joule, money in USD
    (machines written off over their life, and electricity).
    """

    machine: str
    device_years: Spread | None = None
    bound_by: str = ""
    devices_for_memory: Spread | None = None
    years_on_those: Spread | None = None
    devices_in_real_time: Spread | None = None
    energy_joule: Spread | None = None
    money_usd: Spread | None = None
    missing: tuple[str, ...] = ()


def machine(name: str) -> Item:
    """A machine of the facts.

    Raises
    ------
    HalfbrainError
        naming the machines there are.
    """
    known = [key for key, item in facts().tables["hardware"].items() if _peaks(item)]
    if name not in known:
        raise HalfbrainError(f"no machine {name[:40]!r}; there are {', '.join(known)}")
    return facts().item("hardware", name)


def _peaks(item: Item) -> list[str]:
    return [figure for figure in item.figures if figure.startswith("peak_fp")]


@dataclass(frozen=True)
class Bound:
    """What arithmetic or memory traffic alone takes: at the machine's peak, and realistically."""

    kind: str
    at_peak: Quantity
    wall: Quantity


def bounds(item: Item, forecast: Forecast, flop: Quantity, traffic: Quantity) -> list[Bound]:
    """The bounds of one machine on some work, as far as its figures are known.

    ``flop`` and ``traffic`` (bytes) may be totals or per second of life; the bounds then are wall
    seconds, or wall seconds for a second of life.
    """
    found = []
    for kind, work, peak, use in (
        ("arithmetic", flop, forecast.contender.peak, forecast.utilisation),
        ("memory traffic", traffic, "bandwidth", facts().get(f"{_USE}.bandwidth")),
    ):
        if peak in item.figures:
            at_peak = work / item.figure(peak)
            found.append(Bound(kind, at_peak, at_peak / use))
    return found


def slowest(found: list[Bound]) -> Quantity:
    """The wall time that the bounds leave, draw by draw."""
    return found[0].wall.maximum(found[1].wall) if len(found) == 2 else found[0].wall


def bill(forecast: Forecast, name: str, draws: Draws) -> Bill:
    """Time, energy and money of a forecast on the machine called ``name``."""
    item, contender = machine(name), forecast.contender
    needed = (contender.peak, "bandwidth", "memory", "power", "price")
    missing = tuple(figure for figure in needed if figure not in item.figures)
    memory = item.figures.get("memory")
    devices = forecast.quantity("memory") / memory if memory else None
    for_memory = _spread(devices, "", draws)
    if contender.peak in missing:
        return Bill(name, devices_for_memory=for_memory, missing=missing)

    found = bounds(item, forecast, forecast.flop, forecast.quantity("bytes_moved"))
    seconds = slowest(found).to("second")
    energy = money = None
    if "power" not in missing:
        overhead = facts().get(f"{_PRICES}.power_usage_effectiveness")
        energy = seconds * item.figure("power") * overhead
    if energy and "price" not in missing:
        machines = seconds / facts().get(f"{_PRICES}.lifetime") * item.figure("price")
        money = machines.to("USD") + energy * facts().get(f"{_PRICES}.electricity")
    return Bill(
        name,
        device_years=_spread(seconds, "year", draws),
        bound_by=max(found, key=lambda bound: bound.wall.magnitude("second")).kind,
        devices_for_memory=for_memory,
        years_on_those=_spread(seconds / devices if devices else None, "year", draws),
        devices_in_real_time=_spread(
            seconds / forecast.values["training_seconds"], "second/bio_second", draws
        ),
        energy_joule=_spread(energy, "joule", draws),
        money_usd=_spread(money, "USD", draws),
        missing=missing,
    )


def _spread(quantity: Quantity | None, unit: str, draws: Draws) -> Spread | None:
    return None if quantity is None else Spread.of(quantity.to(unit), draws)
