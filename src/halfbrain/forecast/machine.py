"""On a machine: devices, time, energy and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.forecast.assumed import Assumed
from halfbrain.forecast.assumption import ELECTRICITY, LIFETIME
from halfbrain.forecast.estimate import Forecast, Spread, worked_out
from halfbrain.forecast.own_machine import machine
from halfbrain.forecast.setting import read


@dataclass(frozen=True)
class Year:
    """A year of running in real time, with nothing learnt, on machines that do nothing else."""

    devices: Spread
    bound_by: str
    energy_joule: Spread | None
    money_usd: Spread | None


@dataclass(frozen=True)
class Bill:
    """A training on one kind of machine. ``missing`` says why a value is not there.

    device_years: machine time, the longer of arithmetic and memory traffic at realistic shares
    of the peaks; where a scenario counts machine time, that time itself. devices_for_memory:
    machines that hold the state. devices_in_real_time: machines that keep pace with life, if the
    work divides perfectly, and hold the state; ``real_time_bound_by`` is what asks for the most.
    Both are one at least; ``less_than_one`` names those whose median would be less. energy in
    joule, money in USD (machines written off over their life, and electricity). ``year_running``
    is a year of life in real time without learning. ``peak`` is the figure of the machine that the
    arithmetic is bound by; ``assumptions`` are what was taken for granted, by name, and ``notes``
    what is to be said of them.
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
    real_time_bound_by: str = ""
    year_running: Year | None = None
    assumptions: Mapping[str, Quantity] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bound:
    """What arithmetic or memory traffic alone takes: at the machine's peak, and realistically."""

    kind: str
    at_peak: Quantity
    wall: Quantity


def bounds(assumed: Assumed, flop: Quantity, traffic: Quantity) -> list[Bound]:
    """The bounds of one machine on some work, as far as its figures are known.

    ``flop`` and ``traffic`` (bytes) may be totals or per second of life; the bounds then are wall
    seconds, or wall seconds for a second of life. Machine time was the peak times the seconds that
    it took, whatever the share that was of use: over a peak it gives those seconds back.
    """
    item, peak = assumed.item, assumed.peak()
    if assumed.forecast.counting == "machine-time":
        whole = flop / item.figure(peak) if peak else None
        return [Bound("machine time", whole, whole)] if whole else []
    found = []
    if peak is not None:
        at_peak = flop / item.figure(peak)
        found.append(Bound("arithmetic", at_peak, at_peak / assumed.utilisation()))
    if "bandwidth" in item.figures:
        at_peak = traffic / item.figure("bandwidth")
        found.append(Bound("memory traffic", at_peak, at_peak / assumed.bandwidth_share()))
    return found


def slowest(found: list[Bound]) -> Quantity:
    """The wall time that the bounds leave, draw by draw."""
    return found[0].wall.maximum(found[1].wall) if len(found) == 2 else found[0].wall


@dataclass(frozen=True)
class Costs:
    """What a bill rests on, before it is drawn; None where a figure of the machine is not known.

    ``held``: machines that the state fills. ``pace``: machines that keep up with life. Both may be
    less than one.
    """

    assumed: Assumed
    peak: str | None
    power: Quantity | None
    price: Quantity | None
    held: Quantity | None
    found: tuple[Bound, ...] = ()
    pace: Quantity | None = None
    seconds: Quantity | None = None
    energy: Quantity | None = None
    money: Quantity | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The figures that the machine does not have."""
        item = self.assumed.item
        lacking = {
            self.assumed.precision(): self.peak is None,
            "bandwidth": "bandwidth" not in item.figures,
            "memory": "memory" not in item.figures,
            "power": self.power is None,
            "price": self.price is None,
        }
        return tuple(figure for figure, lacks in lacking.items() if lacks)

    @property
    def whole(self) -> Quantity:
        """Money, or as much of the bill as is known: energy, machine time, the state's devices."""
        known = [one for one in (self.money, self.energy, self.seconds, self.held) if one]
        if not known:
            raise HalfbrainError(
                f"{self.assumed.item.key} has none of {', '.join(self.missing)}; nothing follows"
            )
        return known[0]

    @property
    def bound_by(self) -> str:
        """What takes the longest, at the medians."""
        return max(self.found, key=lambda bound: bound.wall.magnitude()).kind if self.found else ""

    def in_real_time(self) -> tuple[Quantity, str]:
        """Machines for real time, one at least, and what asks for the most of them."""
        assert self.pace is not None
        devices = self.pace.maximum(Quantity.exact(1))
        if self.held is None:
            return devices, self.bound_by
        memory = self.held.magnitude() >= self.pace.magnitude()
        return devices.maximum(self.held), "memory" if memory else self.bound_by

    def price_of(self, machine_time: Quantity, energy: Quantity | None) -> Quantity | None:
        """Machines written off over their life, and electricity."""
        if energy is None or self.price is None:
            return None
        lifetimes = (machine_time / self.assumed.get(LIFETIME)).to("")
        electricity = (energy * self.assumed.get(ELECTRICITY)).to("USD").named("electricity")
        return (lifetimes * self.price).named("machines") + electricity


def costs(forecast: Forecast, name: str) -> Costs:
    """What a forecast takes on the machine called ``name``, of the facts or of a TOML file."""
    item = machine(name)
    assumed = Assumed(forecast, item)
    peak = assumed.peak()
    memory = item.figures.get("memory")
    held = None
    if memory is not None:
        held = (forecast.quantity("memory") / memory).to("").named("machines that hold the state")
    bare = Costs(assumed, peak, assumed.power(), assumed.price(), held)
    if peak is None:
        return bare
    found = bounds(assumed, forecast.flop, forecast.quantity("bytes_moved"))
    seconds = slowest(found).to("second").named("machine time")
    pace = (seconds / forecast.lives * _exact(1, "bio_second/second")).to("")
    energy = (seconds * bare.power).to("joule").named("energy") if bare.power else None
    money = bare.price_of(seconds, energy)
    return replace(
        bare,
        found=tuple(found),
        pace=pace,
        seconds=seconds,
        energy=energy,
        money=None if money is None else money.named("money"),
    )


def bill(forecast: Forecast, name: str, draws: Draws) -> Bill:
    """Time, energy and money of a forecast on the machine called ``name``, or of a TOML file."""
    found = costs(forecast, name)
    held, assumed = found.held, found.assumed
    devices = held.maximum(Quantity.exact(1)) if held else None
    small = held is not None and held.magnitude() < 1
    partial = Bill(
        assumed.item.key,
        devices_for_memory=_spread(devices, "", draws),
        missing=found.missing,
        less_than_one=("devices_for_memory",) if small else (),
    )
    if found.seconds is None or found.pace is None:
        return replace(partial, assumptions=assumed.used, notes=_notes(assumed))
    real_time, bound_by = found.in_real_time()
    slow = found.pace.magnitude() < 1 and (small or held is None)
    return replace(
        partial,
        device_years=_spread(found.seconds, "year", draws),
        bound_by=found.bound_by,
        years_on_those=_spread(found.seconds / devices if devices else None, "year", draws),
        devices_in_real_time=_spread(real_time, "", draws),
        energy_joule=_spread(found.energy, "joule", draws),
        money_usd=_spread(found.money, "USD", draws),
        peak=found.peak,
        less_than_one=(*partial.less_than_one, *(("devices_in_real_time",) if slow else ())),
        real_time_bound_by=bound_by,
        year_running=_year(forecast, name, draws),
        assumptions=assumed.used,
        notes=_notes(assumed),
    )


def running(forecast: Forecast) -> Forecast:
    """The same contender and scenario with nothing learnt."""
    scenario = forecast.scenario
    idle = replace(scenario, given={**scenario.given, "learning": read("learning", 0)})
    return worked_out(forecast.contender, idle)


def _year(forecast: Forecast, name: str, draws: Draws) -> Year:
    found = costs(running(forecast), name)
    devices, bound_by = found.in_real_time()
    time = devices * _exact(1, "year")
    energy = time * found.power if found.power else None
    return Year(
        Spread.of(devices, draws),
        bound_by,
        _spread(energy, "joule", draws),
        _spread(found.price_of(time, energy), "USD", draws),
    )


def _notes(assumed: Assumed) -> tuple[str, ...]:
    return (*assumed.told, *(f"{name} does not change this" for name in assumed.unused()))


def _exact(value: float, unit: str) -> Quantity:
    return Quantity.leaf(f"{value:g} {unit}", Interval(value, value), unit, Origin("computed"))


def _spread(quantity: Quantity | None, unit: str, draws: Draws) -> Spread | None:
    return None if quantity is None else Spread.of(quantity.to(unit), draws)
