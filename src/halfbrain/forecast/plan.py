"""A plan: how many devices would do, what decides it, and what it would take.

Each number is found draw by draw (``sharing.py``): the least number of devices that hold the state
and keep the pace that is wanted, their network in the way (``exchange.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.forecast.estimate import Forecast
from halfbrain.forecast.exchange import Exchange, Spikes
from halfbrain.forecast.ground import Ground, ground
from halfbrain.forecast.sharing import Array, Sharing

Aim = Literal["real time", "days", "budget"]
DAY, YEAR = 86400.0, 31557600.0
_LEAST, _MOST = 1e-6, 1e30  # days or USD
_NONE = 1e300  # what stands for no number among draws


@dataclass(frozen=True)
class Target:
    """Real time, the whole training in so many days, or as fast as so many USD allow."""

    aim: Aim
    value: float = 0.0

    def __post_init__(self) -> None:
        if self.aim != "real time" and not _LEAST <= self.value <= _MOST:
            raise HalfbrainError(f"--{self.aim}: must lie between {_LEAST:g} and {_MOST:g}")


@dataclass(frozen=True)
class Range:
    """The 5th, 50th and 95th percentiles; None where no number is enough, or there is none."""

    p5: float | None
    p50: float | None
    p95: float | None


@dataclass(frozen=True)
class Way:
    """What one way of exchanging comes to.

    ``devices``: the least number that meets the target. ``possible``: the share of draws in which
    there is one. ``decides``: what asks for that number, by its share of the possible draws: memory
    where the state's devices are enough, else what takes the longest on it. ``fastest`` is the pace
    that no number of devices betters, on ``fastest_devices``; ``limits`` is what takes the longest
    there. ``pace`` is that on ``devices``, in wall seconds for a second of life; ``days`` are of
    the whole training, and energy and money too; the year's are of a year in real time.
    """

    name: str
    devices: Range
    possible: float
    decides: Mapping[str, float]
    network: Range
    pace: Range
    fastest: Range
    fastest_devices: Range
    limits: str
    latency_alone: Range
    days: Range
    energy_joule: Range | None
    money_usd: Range | None
    year_energy_joule: Range | None
    year_money_usd: Range | None
    least_money_usd: Range | None


@dataclass(frozen=True)
class Plan:
    """A contender on so many devices of one machine.

    ``wanted`` is the pace, in wall seconds for a second of life; none for a budget. ``memory``,
    ``arithmetic`` and ``traffic`` are the devices that each alone asks for. ``there``
    is how many devices the machine has, where it is a whole system. ``share``: the share of the
    state that one device holds, or the whole system.
    """

    machine: str
    target: Target
    wanted: Range
    memory: Range
    arithmetic: Range | None
    traffic: Range | None
    ways: tuple[Way, ...]
    share: Range
    there: Range | None = None
    peak: str | None = None
    assumptions: Mapping[str, Quantity] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def plan(forecast: Forecast, name: str, target: Target, draws: Draws) -> Plan:
    """How a forecast would run on the machine called ``name``, or of a TOML file.

    Raises
    ------
    HalfbrainError
        if the machine lacks a figure without which nothing follows.
    """
    on = ground(forecast, name, draws)
    if target.aim == "budget" and on.price is None:
        lacks = "power" if on.power is None else "price"
        raise HalfbrainError(f"--budget: there is no {lacks} of {on.assumed.item.key}")
    pace = wanted(on, target)
    each = {kind: spread(np.maximum(part / pace, 0)) for kind, part in on.parts.items()}
    whole = 1.0 if on.there is None else on.there
    return Plan(
        machine=on.assumed.item.key,
        target=target,
        wanted=spread(pace),
        memory=spread(on.held),
        arithmetic=each.get("arithmetic") or each.get("machine time"),
        traffic=each.get("memory traffic"),
        ways=tuple(way(on, exchange, target) for exchange in on.exchanges),
        share=spread(whole / on.held),
        there=None if on.there is None else spread(on.there),
        peak=on.assumed.peak(),
        assumptions=on.assumed.used,
        notes=(
            *on.assumed.told,
            *(f"{name} does not change this" for name in on.assumed.unused()),
        ),
    )


def wanted(on: Ground, target: Target) -> Array:
    """The pace that is wanted, in wall seconds for a second of life; none for a budget."""
    if target.aim == "days":
        return target.value * DAY / on.life
    return np.ones_like(on.life) if target.aim == "real time" else np.full_like(on.life, np.nan)


def number(on: Ground, sharing: Sharing, target: Target) -> Array:
    """The devices that meet the target, draw by draw; infinite where there is no such number."""
    if target.aim == "budget":
        assert on.price is not None
        return sharing.affordable(target.value / on.price / on.life)
    return sharing.least(wanted(on, target))


def way(on: Ground, exchange: Exchange, target: Target) -> Way:
    """What one way of exchanging comes to."""
    sharing = on.sharing(exchange)
    devices, fastest = number(on, sharing, target), sharing.fastest()
    pace = sharing.pace(devices)
    # A brain in real time is not let run ahead of the world that it lives in.
    kept = np.maximum(pace, 1.0) if target.aim == "real time" else pace
    wall = kept * on.life
    network = np.full_like(devices, np.nan)
    if target.aim != "budget":
        idle = Sharing.of(exchange.pieces(0 * on.work), on.floor, sharing.pieces[-1].high)
        network = idle.least(wanted(on, target))
    possible = np.isfinite(devices)
    at_best = _parts(on, exchange, np.where(np.isfinite(fastest), fastest, 1.0))
    real_time = target.aim == "real time"
    return Way(
        name=exchange.name,
        devices=spread(devices),
        possible=float(np.mean(possible)),
        decides=_decides(on, exchange, devices),
        network=spread(network),
        pace=spread(pace),
        fastest=spread(sharing.pace(fastest)),
        fastest_devices=spread(fastest),
        limits=max(at_best, key=lambda kind: float(np.median(at_best[kind]))),
        latency_alone=spread(exchange.latency(on.floor)),
        days=spread(wall / DAY),
        energy_joule=_of(on.power, devices * wall),
        money_usd=_of(on.price, devices * wall),
        year_energy_joule=_of(on.power, devices * YEAR) if real_time else None,
        year_money_usd=_of(on.price, devices * YEAR) if real_time else None,
        least_money_usd=least_money(on, sharing) if target.aim == "budget" else None,
    )


def least_money(on: Ground, sharing: Sharing) -> Range | None:
    """What the whole training costs at least: on the fewest devices, as networks cost time."""
    return _of(on.price, on.floor * sharing.pace(on.floor) * on.life)


def spread(sample: Array) -> Range:
    """Percentiles of draws, some of which may be infinite."""
    if np.isnan(sample).all():
        return Range(None, None, None)
    # Between a number and none there is none.
    ends = np.quantile(np.where(np.isfinite(sample), sample, _NONE), (0.05, 0.5, 0.95))
    return Range(*(float(end) if end < _NONE / 1e10 else None for end in ends))


def _parts(on: Ground, exchange: Exchange, n: Array) -> dict[str, Array]:
    """What takes how long on ``n`` devices, in wall seconds for a second of life."""
    volume = "spikes sent" if isinstance(exchange, Spikes) else "gradients sent"
    return {
        **{kind: part / n for kind, part in on.parts.items()},
        "latency": exchange.latency(n),
        volume: exchange.volume(n),
    }


def _decides(on: Ground, exchange: Exchange, devices: Array) -> dict[str, float]:
    possible = np.isfinite(devices)
    if not possible.any():
        return {}
    parts = _parts(on, exchange, np.where(possible, devices, 1.0))
    kinds = [*parts, "memory"]
    longest = np.argmax(np.stack(list(parts.values())), axis=0)
    decisive = np.where(devices <= on.floor, len(parts), longest)[possible]
    counts = np.bincount(decisive, minlength=len(kinds)) / decisive.size
    order = sorted(range(len(kinds)), key=lambda i: -counts[i])
    return {kinds[i]: float(counts[i]) for i in order if counts[i] > 0}


def _of(rate: Array | None, device_seconds: Array) -> Range | None:
    return None if rate is None else spread(rate * device_seconds)
