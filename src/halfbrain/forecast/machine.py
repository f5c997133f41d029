"""On a machine from the facts: devices, time, energy and money."""

from __future__ import annotations

from dataclasses import dataclass

from halfbrain.facts.draws import Draws
from halfbrain.facts.errors import HalfbrainError
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.table import Item, facts
from halfbrain.forecast.estimate import Forecast, Spread

_PRICES = "hardware.prices"


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


def bill(forecast: Forecast, name: str, draws: Draws) -> Bill:
    """Time, energy and money of a forecast on the machine called ``name``."""
    item, contender = machine(name), forecast.contender
    missing = [figure for figure in (contender.peak, "bandwidth", "memory", "power", "price")
               if figure not in item.figures]

    memory = forecast.quantity("memory")
    devices = memory / item.figures["memory"] if "memory" in item.figures else None
    result = {"devices_for_memory": _spread(devices, "", draws)}
    if contender.peak in missing:
        return Bill(name, missing=tuple(missing), **result)

    arithmetic = forecast.flop / (item.figure(contender.peak) * _utilisation(contender.utilisation))
    seconds, bound = arithmetic.to("second"), "arithmetic"
    if "bandwidth" not in missing:
        traffic = (forecast.quantity("bytes_moved")
                   / (item.figure("bandwidth") * _utilisation("bandwidth"))).to("second")
        if traffic.magnitude() > seconds.magnitude():
            bound = "memory traffic"
        seconds = seconds.maximum(traffic)
    life = forecast.values["training_seconds"]
    result |= {
        "device_years": _spread(seconds, "year", draws),
        "devices_in_real_time": _spread(seconds / life, "second/bio_second", draws),
        "years_on_those": _spread(seconds / devices, "year", draws) if devices else None,
    }
    if "power" not in missing:
        energy = (seconds * item.figure("power")
                  * facts().get(f"{_PRICES}.power_usage_effectiveness")).to("joule")
        result["energy_joule"] = _spread(energy, "joule", draws)
        if "price" not in missing:
            money = (seconds / facts().get(f"{_PRICES}.lifetime") * item.figure("price")
                     + energy * facts().get(f"{_PRICES}.electricity"))
            result["money_usd"] = _spread(money, "USD", draws)
    return Bill(name, bound_by=bound, missing=tuple(missing), **result)


def _utilisation(name: str) -> Quantity:
    return facts().get(f"hardware.utilisation.{name}")


def _spread(quantity: Quantity | None, unit: str, draws: Draws) -> Spread | None:
    return None if quantity is None else Spread.of(quantity.to(unit), draws)
