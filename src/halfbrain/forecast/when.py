"""The year in which a training becomes affordable, if hardware goes on as it has."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from halfbrain.errors import FactError, HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval, parse_interval
from halfbrain.facts.quantity import Array, Columns, Quantity, Streams
from halfbrain.facts.table import Item, facts
from halfbrain.forecast.estimate import Forecast, Spread
from halfbrain.forecast.falling import Falling, falling
from halfbrain.forecast.machine import costs
from halfbrain.forecast.own_machine import machine
from halfbrain.forecast.setting import USER
from halfbrain.forecast.trends import Trends

MACHINE = "b200"  # current, and with a price
BUDGET = "budgets.largest-training.cost"
CEILING = "budgets.apollo.cost"
LATEST = 2100  # no year beyond it is told
_HALVINGS = 18  # of the interval in which a year is searched


@dataclass(frozen=True)
class Budget:
    """Money for a training; the case in which it grows begins in ``since`` and ends at a ceiling.

    ``growth`` is the time in which it doubles.
    """

    amount: Quantity
    ceiling: Quantity
    growth: Quantity
    since: float

    def grown(self, columns: Columns, start: float) -> Callable[[Array], Array]:
        """The budget so many years after ``start``; it never falls."""
        amount, growth = self.amount.sample(columns), self.growth.sample(columns)
        ceiling = np.maximum(self.ceiling.sample(columns), amount)

        def at(years: Array) -> Array:
            doublings = np.maximum(start + years - self.since, 0) / growth
            return np.asarray(np.minimum(ceiling, amount * np.exp2(np.minimum(doublings, 1000))))

        return at


@dataclass(frozen=True)
class Years:
    """Percentiles of a year: infinite after ``LATEST``, that of the machine if it is affordable.

    ``already``, ``guessed`` and ``after_latest`` are shares of the draws: affordable today, in a
    year beyond the horizon up to which a trend is more than a guess, and after ``LATEST`` or never.
    """

    p5: float
    p50: float
    p95: float
    already: float
    guessed: float
    after_latest: float


@dataclass(frozen=True)
class Swing:
    """The year with one assumption at its 5th and at its 95th percentile, all else at medians."""

    name: str
    low: float
    high: float

    @property
    def width(self) -> float:
        """The years between, none of them after the latest that is told."""
        return abs(min(self.low, LATEST) - min(self.high, LATEST))


@dataclass(frozen=True)
class When:
    """When one contender's training becomes affordable, with money as it is and as it grows.

    ``today``: USD on the machine as it is. ``floor``: USD for electricity at Landauer's limit;
    ``floored`` the share of draws in which that limit holds the cost up in the year of ``fixed``,
    or in ``LATEST``. ``beyond_cmos``: those in which by then a joule does more operations than
    transistors as they are can, and operations are what takes it. ``mostly``: what most of the cost
    then is. ``swings``, widest first, are those that move the year of ``fixed``, or of ``growing``
    where ``fixed`` has no year at the median.
    """

    contender: str
    today: Spread
    fixed: Years
    growing: Years
    floor: Spread | None
    floored: float
    beyond_cmos: float
    mostly: str
    swings_of: Literal["fixed", "growing"]
    swings: tuple[Swing, ...]


def budget(amount: str | None, ceiling: str | None, trends: Trends) -> Budget:
    """What there is to spend, as text in USD, or as the facts have it.

    Raises
    ------
    HalfbrainError
        if a text is no amount of money.
    """
    return Budget(
        facts().get(BUDGET) if amount is None else _usd("--budget", amount),
        facts().get(CEILING) if ceiling is None else _usd("--ceiling", ceiling),
        trends.get("frontier_training_cost"),
        _date(facts().item("budgets", "largest-training")),
    )


def when(forecast: Forecast, name: str, money: Budget, trends: Trends, draws: Draws) -> When:
    """The years in which a forecast's training costs no more than there is to spend."""
    found = costs(forecast, name)
    start = _date(found.assumed.item)
    path = falling(found, trends)
    drawn = path.drawn(draws)
    last = LATEST - start
    fixed = _affordable(drawn.cost, _constant(money.amount, draws), draws.n, last)
    growing = _affordable(drawn.cost, money.grown(draws, start), draws.n, last)
    then = np.minimum(fixed, last)
    gain = facts().get("hardware.cmos.gain_left").sample(draws)
    medians = _Swung(())
    growing_alone = not 0 < np.median(fixed) < np.inf
    return When(
        forecast.contender.name,
        _spread(drawn.cost(np.zeros(draws.n))),
        _years(fixed, start),
        _years(growing, start),
        Spread.of(path.floor, draws) if path.floor is not None else None,
        float(np.mean(drawn.floored(then))),
        float(np.mean(drawn.gained(then) > np.log2(gain))),
        path.drawn(medians).mostly(np.median(then).reshape(1)),
        "growing" if growing_alone else "fixed",
        _swings(path, money, start, growing_alone),
    )


def start_of(name: str) -> float:
    """The year, with its fraction, from which the trends of a machine are counted."""
    return _date(machine(name))


def _date(item: Item) -> float:
    """When an item came, in years: ``2024-03-18`` is 2024.21."""
    text = str(item.attributes.get("date", ""))
    match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
    if match is None:
        raise HalfbrainError(
            f"{item.key}: {'date ' + repr(text[:40]) if text else 'has no date, it'} must be "
            "as '2024-03-18', since the years are counted from it"
        )
    year, month, day = (int(part or 1) for part in match.groups())
    return year + (month - 1) / 12 + (day - 1) / 365.25


def _usd(option: str, text: str) -> Quantity:
    try:
        interval, unit = parse_interval(text)
        if unit not in ("", "USD"):
            raise FactError(f"{unit[:40]!r} is not USD")
        if interval.low <= 0:
            raise FactError(f"{interval} must be above zero")
    except FactError as error:
        raise FactError(f"{option}: {error}") from None
    return Quantity.leaf(option.removeprefix("--"), interval, "USD", USER)


def _constant(amount: Quantity, columns: Columns) -> Callable[[Array], Array]:
    sample = amount.sample(columns)
    return lambda years: sample


def _affordable(
    cost: Callable[[Array], Array], money: Callable[[Array], Array], n: int, last: float
) -> Array:
    """Years until money is enough, draw by draw: 0 if it is, infinite if it is not by ``last``.

    Cost never rises and money never falls, so a search by halves finds the year.
    """
    low, high = np.zeros(n), np.full(n, last)
    already = cost(low) <= money(low)
    never = cost(high) > money(high)
    for _ in range(0 if (already | never).all() else _HALVINGS):
        middle = (low + high) / 2
        enough = cost(middle) <= money(middle)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(already, 0.0, np.where(never, np.inf, high))


def _years(after: Array, start: float) -> Years:
    p5, p50, p95 = (start + np.quantile(after, (0.05, 0.5, 0.95), method="inverted_cdf")).tolist()
    horizon = facts().get("hardware.trends.horizon").magnitude("year")
    return Years(
        p5,
        p50,
        p95,
        float(np.mean(after == 0)),
        float(np.mean(after > horizon)),
        float(np.mean(np.isinf(after))),
    )


def _spread(sample: Array) -> Spread:
    if not np.isfinite(sample).all():
        raise HalfbrainError("the cost is too large to calculate; the scenario's figures are")
    return Spread(*np.quantile(sample, (0.05, 0.5, 0.95)).tolist())


class _Swung:
    """Columns of medians, but for each figure in turn its 5th, then its 95th percentile."""

    def __init__(self, figures: tuple[Streams, ...]) -> None:
        self.figures = figures

    def column(self, streams: Streams, interval: Interval) -> Array:
        column = np.full(max(1, 2 * len(self.figures)), interval.median)
        if streams in self.figures:
            place = 2 * self.figures.index(streams)
            column[place : place + 2] = interval.low, interval.high
        return column


def _swings(path: Falling, money: Budget, start: float, growing: bool) -> tuple[Swing, ...]:
    """The year that each uncertain figure gives at its ends, one after the other; a fact as one."""
    grown = (money.ceiling, money.growth) if growing else ()
    names: dict[Streams, list[str]] = {}
    for quantity in (*path.quantities, money.amount, *grown):
        for leaf in quantity.leaves():
            if leaf.uncertain and leaf.name not in names.setdefault(leaf.streams, []):
                names[leaf.streams].append(leaf.name)
    if not names:
        return ()
    columns, last = _Swung(tuple(names)), LATEST - start
    drawn = path.drawn(columns)
    there = money.grown(columns, start) if growing else _constant(money.amount, columns)
    after = _affordable(drawn.cost, there, 2 * len(names), last)
    years = (start + after).reshape(-1, 2).tolist()
    found = [
        Swing(" with ".join(each), low, high)
        for each, (low, high) in zip(names.values(), years, strict=True)
    ]
    moving = [swing for swing in found if swing.width > 0]
    return tuple(sorted(moving, key=lambda swing: (-swing.width, swing.name)))
