"""What would move a plan: each change worked out again, beside the plan as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from halfbrain.contenders.model import CostTerm
from halfbrain.contenders.question import RATE, SYNAPSES
from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import facts
from halfbrain.forecast.assumption import PRECISION, SHORTEST_DELAY
from halfbrain.forecast.estimate import Forecast, worked_out
from halfbrain.forecast.ground import Ground, ground
from halfbrain.forecast.plan import DAY, Target, least_money, number, spread
from halfbrain.forecast.setting import settings

_MATTERS = 1.05  # a smaller factor is not shown
_SLOWER = 10.0  # times that the shortest delay is longer


@dataclass(frozen=True)
class Lever:
    """A change. ``factor``: how many times better by what it ``gains``, at the medians.

    ``gains`` is "devices": so many times fewer; or, for a budget, "days" of the training. Where one
    of the two plans has no such number it is "fastest", the pace that no number of devices betters,
    or for a budget "USD", what it costs at least. ``before`` and ``after`` are that number, and
    ``possible`` is the share of draws in which the target can be met.
    """

    name: str
    about: str
    gains: str
    factor: float
    before: float
    after: float
    possible: float


Change = Callable[[Forecast, Ground], Forecast | None]
"""The forecast as changed; None where the change does not apply."""


def levers(forecast: Forecast, name: str, target: Target, draws: Draws) -> list[Lever]:
    """Every change that applies and matters, the strongest first."""
    here = ground(forecast, name, draws)
    before = _outcome(here, 0, target)
    found = []
    for title, about, change in _CHANGES:
        changed = change(forecast, here)
        if changed is not None:
            after = _outcome(ground(changed, name, draws), 0, target)
            found.append(_lever(title, about, before, after))
    if len(here.exchanges) > 1:
        about = "tissue shared out by place, so that spikes go to neighbouring devices alone"
        found.append(_lever("neighbours alone", about, before, _outcome(here, 1, target)))
    strong = [lever for lever in found if lever is not None and lever.factor >= _MATTERS]
    return sorted(strong, key=lambda lever: -lever.factor)


@dataclass(frozen=True)
class _Outcome:
    """Medians by what a change may gain, the first that both plans have; None for no number."""

    medians: dict[str, float | None]
    possible: float


def _outcome(on: Ground, which: int, target: Target) -> _Outcome:
    sharing = on.sharing(on.exchanges[which])
    devices = number(on, sharing, target)
    medians: dict[str, float | None]
    if target.aim == "budget":
        cost = least_money(on, sharing)
        days = spread(sharing.pace(devices) * on.life / DAY)
        medians = {"days": days.p50, "USD": cost.p50 if cost else None}
    else:
        fastest = spread(sharing.pace(sharing.fastest()))
        medians = {"devices": spread(devices).p50, "fastest": fastest.p50}
    return _Outcome(medians, float(np.mean(np.isfinite(devices))))


def _lever(title: str, about: str, before: _Outcome, after: _Outcome) -> Lever | None:
    for gains, old in before.medians.items():
        new = after.medians[gains]
        if old and new:
            return Lever(title, about, gains, old / new, old, new, after.possible)
    return None


# -- the changes -----------------------------------------------------------------------------------


def _instead(forecast: Forecast, values: dict[str, Quantity]) -> Forecast:
    return worked_out(forecast.contender, forecast.scenario, values)


def _assuming(forecast: Forecast, name: str, value: Quantity) -> Forecast:
    scenario = forecast.scenario
    return replace(forecast, scenario=replace(scenario, given={**scenario.given, name: value}))


def _half_the_bytes(forecast: Forecast, on: Ground) -> Forecast | None:
    inputs, contender = forecast.scenario.inputs(), forecast.contender
    bytes_of = [name for name, unit in contender.units.items() if unit.startswith("byte/")]
    halves = {name: inputs[name] * 0.5 for name in bytes_of if name in inputs}
    return _instead(forecast, halves) if halves else None


def _procedural(forecast: Forecast, on: Ground) -> Forecast | None:
    def own(short: str) -> str:
        return f"{forecast.family}.{short}"

    inputs = forecast.scenario.inputs()
    if forecast.family != "spiking":
        return None
    weight = facts().get("plan.procedural.bytes_per_weight") * inputs["learning"]
    more = facts().get("plan.procedural.flop_per_event")
    return _instead(
        forecast,
        {
            own("bytes_per_synapse"): weight,
            own("bytes_per_event"): weight,
            own("bytes_per_plastic_event"): 2 * weight,
            own("flop_per_event"): inputs[own("flop_per_event")] + more,
        },
    )


def _narrower(forecast: Forecast, on: Ground) -> Forecast | None:
    """Half the width, where the machine has a peak in it."""
    name = f"{forecast.contender.name}.{PRECISION}"
    bits = int(on.assumed.used[name].magnitude("bit")) // 2
    if f"peak_fp{bits}" not in on.assumed.item.figures:
        return None
    width = Quantity.leaf(name, Interval(bits, bits), "bit", Origin("computed"))
    return _assuming(forecast, name, width)


def _at_spikes(forecast: Forecast, on: Ground) -> Forecast | None:
    """Synapses brought up to date at spikes, not at each step."""
    contender = forecast.contender
    steps = next((v for v in contender.derived if v.name.endswith(".steps_per_second")), None)
    if steps is None or not forecast.by_terms:
        return None

    def at_spikes(term: CostTerm) -> CostTerm:
        if SYNAPSES.symbol not in term.count.free_symbols:
            return term
        return replace(term, count=term.count.subs(steps.symbol, RATE.symbol))

    terms = tuple(map(at_spikes, contender.terms))
    if terms == contender.terms:
        return None
    return worked_out(replace(contender, terms=terms), forecast.scenario)


def _longer_delay(forecast: Forecast, on: Ground) -> Forecast | None:
    used = on.assumed.used.get(SHORTEST_DELAY)
    unit = settings()[SHORTEST_DELAY].unit
    if used is None:
        return None
    return _assuming(forecast, SHORTEST_DELAY, (used * _SLOWER).to(unit))


_CHANGES: tuple[tuple[str, str, Change], ...] = (
    ("half the bytes", "all that is held and moved half as wide", _half_the_bytes),
    (
        "connections made anew",
        "of a synapse only the weight that learning changes is stored; target and delay are drawn "
        "again at each spike, which costs operations",
        _procedural,
    ),
    ("half the width", "arithmetic in a format half as wide", _narrower),
    (
        "synapses at spikes",
        "a synapse brought up to date at its spikes, not at each step",
        _at_spikes,
    ),
    (f"delays {_SLOWER:g} times longer", "so many fewer exchanges of spikes", _longer_delay),
)
