"""On a machine from the facts: devices, time, energy and money."""

from __future__ import annotations

from dataclasses import dataclass

from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import Item, facts
from halfbrain.facts.units import parse_unit
from halfbrain.forecast.estimate import Forecast, Spread

_PRICES = "hardware.prices"
_USE = "hardware.utilisation"
_PEAKS = ("peak_fp16", "peak_fp32", "peak_fp64")  # narrowest first


@dataclass(frozen=True)
class Bill:
    """A training on one kind of machine. ``missing`` says why a value is not there.

    device_years: machine time, the longer of arithmetic and memory traffic at realistic shares
    of the peaks; where a scenario counts machine time, that time itself. devices_for_memory:
    machines that hold the state. devices_in_real_time: machines that keep pace with life, if the
    work divides perfectly. Both are one at least; ``less_than_one`` names those whose median would
    be less. energy in joule, money in USD (machines written off over their life, and electricity).
    ``peak`` is the figure of the machine that the arithmetic is bound by.
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
    peak: str | None = None
    less_than_one: tuple[str, ...] = ()


def machine(name: str) -> Item:
    """A machine of the facts.

    Raises
    ------
    HalfbrainError
        naming the machines there are.
    """
    known = [key for key, item in facts().tables["hardware"].items() if _computes(item)]
    if name not in known:
        raise HalfbrainError(f"no machine {name[:40]!r}; there are {', '.join(known)}")
    return facts().item("hardware", name)


def _computes(item: Item) -> bool:
    """Whether the facts have a peak of it in operations a second; trends have theirs in years."""
    rate = parse_unit("FLOP/second")
    peaks = (item.figures[name] for name in _PEAKS if name in item.figures)
    return any(peak.unit.is_compatible_with(rate) for peak in peaks)


def peak_of(item: Item, wanted: str) -> str | None:
    """The peak that bounds arithmetic in the format of ``wanted``.

    That figure, or the next wider format's where the facts have none: wider arithmetic can do it.
    """
    wider = _PEAKS[_PEAKS.index(wanted) :]
    return next((name for name in wider if name in item.figures), None)


@dataclass(frozen=True)
class Bound:
    """What arithmetic or memory traffic alone takes: at the machine's peak, and realistically."""

    kind: str
    at_peak: Quantity
    wall: Quantity


def bounds(item: Item, forecast: Forecast, flop: Quantity, traffic: Quantity) -> list[Bound]:
    """The bounds of one machine on some work, as far as its figures are known.

    ``flop`` and ``traffic`` (bytes) may be totals or per second of life; the bounds then are wall
    seconds, or wall seconds for a second of life. Machine time was the peak times the seconds that
    it took, whatever the share that was of use: over a peak it gives those seconds back.
    """
    peak = peak_of(item, forecast.contender.peak)
    if forecast.counting == "machine-time":
        whole = flop / item.figure(peak) if peak else None
        return [Bound("machine time", whole, whole)] if whole else []
    found = []
    for kind, work, limit, use in (
        ("arithmetic", flop, peak, forecast.utilisation),
        ("memory traffic", traffic, "bandwidth", facts().get(f"{_USE}.bandwidth")),
    ):
        if limit is not None and limit in item.figures:
            at_peak = work / item.figure(limit)
            found.append(Bound(kind, at_peak, at_peak / use))
    return found


def slowest(found: list[Bound]) -> Quantity:
    """The wall time that the bounds leave, draw by draw."""
    return found[0].wall.maximum(found[1].wall) if len(found) == 2 else found[0].wall


def bill(forecast: Forecast, name: str, draws: Draws) -> Bill:
    """Time, energy and money of a forecast on the machine called ``name``."""
    item, contender = machine(name), forecast.contender
    peak, power = peak_of(item, contender.peak), _power(item)
    there = (
        {*item.figures} | ({contender.peak} if peak else set()) | ({"power"} if power else set())
    )
    needed = (contender.peak, "bandwidth", "memory", "power", "price")
    missing = tuple(figure for figure in needed if figure not in there)
    memory = item.figures.get("memory")
    held = (forecast.quantity("memory") / memory).to("") if memory else None
    devices = held.maximum(Quantity.exact(1)) if held else None
    for_memory = _spread(devices, "", draws)
    below = ["devices_for_memory"] if held and held.magnitude() < 1 else []
    if peak is None:
        return Bill(
            name, devices_for_memory=for_memory, missing=missing, less_than_one=tuple(below)
        )

    found = bounds(item, forecast, forecast.flop, forecast.quantity("bytes_moved"))
    seconds = slowest(found).to("second")
    pace = seconds / forecast.values["training_seconds"]
    one = Quantity.leaf("pace of life", Interval(1, 1), "second/bio_second", Origin("computed"))
    if pace.magnitude("second/bio_second") < 1:
        below.append("devices_in_real_time")
    energy = seconds * power if power else None
    money = None
    if energy and "price" not in missing:
        machines = seconds / facts().get(f"{_PRICES}.lifetime") * item.figure("price")
        money = machines.to("USD") + energy * facts().get(f"{_PRICES}.electricity")
    return Bill(
        name,
        device_years=_spread(seconds, "year", draws),
        bound_by=max(found, key=lambda bound: bound.wall.magnitude("second")).kind,
        devices_for_memory=for_memory,
        years_on_those=_spread(seconds / devices if devices else None, "year", draws),
        devices_in_real_time=_spread(pace.maximum(one), "second/bio_second", draws),
        energy_joule=_spread(energy, "joule", draws),
        money_usd=_spread(money, "USD", draws),
        missing=missing,
        peak=peak,
        less_than_one=tuple(below),
    )


def _power(item: Item) -> Quantity | None:
    """What one draws with its cooling: as the facts have it, or its power and the usual more."""
    if "power_with_cooling" in item.figures:
        return item.figure("power_with_cooling")
    if "power" in item.figures:
        return item.figure("power") * facts().get(f"{_PRICES}.power_usage_effectiveness")
    return None


def _spread(quantity: Quantity | None, unit: str, draws: Draws) -> Spread | None:
    return None if quantity is None else Spread.of(quantity.to(unit), draws)
