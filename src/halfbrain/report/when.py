"""The years in which trainings become affordable, as data and in a terminal of 80 columns."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from halfbrain.contenders.registry import rows
from halfbrain.facts.draws import Draws
from halfbrain.facts.table import facts
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import Scenario
from halfbrain.forecast.trends import TRENDS, Trends
from halfbrain.forecast.when import LATEST, Budget, Swing, When, Years, start_of, when
from halfbrain.report.document import Document, figure_document
from halfbrain.report.numbers import percent, short
from halfbrain.report.table import plain_table

_TOLD = 0.05  # of the draws; of fewer nothing is said


def when_document(
    scenario: Scenario,
    names: Iterable[str],
    machine: str,
    money: Budget,
    trends: Trends,
    samples: int,
    seed: int,
) -> Document:
    """When the named contenders become affordable as machines get cheaper; alternatives beneath."""
    draws, wanted = Draws(samples, seed), set(names)
    start = start_of(machine)
    horizon = facts().get("hardware.trends.horizon").magnitude("year")
    return {
        "machine": machine,
        "start": math.floor(start),
        "guess_after": math.floor(start + horizon),
        "latest": LATEST,
        "scenario": {"name": scenario.name, "title": scenario.heading},
        "budget": figure_document(money.amount),
        "ceiling": figure_document(money.ceiling),
        "trends": {
            name: figure_document(trends.get(name.removeprefix("trend."))) for name in TRENDS
        },
        "samples": samples,
        "seed": seed,
        "contenders": [
            _contender(when(forecast(name, scenario), machine, money, trends, draws))
            for name, row in rows().items()
            if name in wanted or (row.under in wanted and forecast(row.under, scenario).by_terms)
        ],
    }


def _contender(found: When) -> Document:
    return {
        "name": found.contender,
        "under": rows()[found.contender].under,
        "usd_today": asdict(found.today),
        "fixed": _years(found.fixed),
        "growing": _years(found.growing),
        "electricity_at_landauer_usd": found.floor and asdict(found.floor),
        "held_up_by_landauer": found.floored,
        "beyond_cmos": found.beyond_cmos,
        "mostly": found.mostly,
        "swings_of": found.swings_of,
        "swings": [_swing(swing) for swing in found.swings],
    }


def _years(years: Years) -> Document:
    return {
        "p5": _year(years.p5),
        "p50": _year(years.p50),
        "p95": _year(years.p95),
        "already": years.already,
        "guessed": years.guessed,
        "after_latest": years.after_latest,
    }


def _swing(swing: Swing) -> Document:
    return {"name": swing.name, "low": _year(swing.low), "high": _year(swing.high)}


def _year(year: float) -> int | None:
    """A whole year, as JSON can have it; None after the latest."""
    return math.floor(year) if math.isfinite(year) else None


def print_when(console: Console, document: Document) -> None:
    """A row for each contender: today's cost, and the years with money as it is and as it grows."""
    guess, latest = document["guess_after"], document["latest"]
    console.print(
        Text(
            f"The year in which a training is affordable, if hardware gains as it has: trends of "
            f"{document['machine']}, from {document['start']}",
            style="bold",
        )
    )
    console.print(
        Text(
            f"?: after {guess} a trend is a guess; no year after {latest} is told. Of the compute "
            "alone: whether it would work is `halfbrain odds`",
            style="dim",
        )
    )
    console.print()
    dollars = f"USD in {document['start']}"
    table = plain_table("", "contender", dollars, "year", "90 %", "grows: year", "90 %")
    table.title = None
    names = [each["name"] for each in document["contenders"]]
    for each in document["contenders"]:
        beneath = each["under"] in names
        table.add_row(
            "  " + each["name"].removeprefix(f"{each['under']}-") if beneath else each["name"],
            short(each["usd_today"]["p50"]),
            Text(_told(each["fixed"], "p50", document), style="bold cyan"),
            _interval(each["fixed"], document),
            Text(_told(each["growing"], "p50", document), style="bold cyan"),
            _interval(each["growing"], document),
        )
    console.print(table)
    console.print(Text(_money(document), style="dim"))
    console.print(
        Text("\nWhat the year hangs on, each at its 5th and 95th percentile", style="bold")
    )
    for each in document["contenders"]:
        if each["under"] not in names:
            console.print(Text(f"{each['name']}: {_hangs(each, document)}"))
    for line in _limits(document):
        console.print(Text(f"\n{line}"))


def _money(document: Document) -> str:
    amount, ceiling = document["budget"], document["ceiling"]
    world = facts().get("budgets.world-product.gross").magnitude("USD")
    growth = document["trends"]["trend.frontier_training_cost"]
    return (
        f"year: for {_usd(amount)} USD{_of(amount, 'largest-training')}. grows: "
        f"that doubles every {short(growth['low'])} to {short(growth['high'])} years, as the "
        f"dearest trainings' cost does, to {_usd(ceiling)} USD"
        f"{_of(ceiling, 'apollo')}, {percent(ceiling['high'] / world)} % of a year's world "
        "product"
    )


def _of(figure: Document, item: str) -> str:
    """What a budget of the facts is the cost of."""
    return f" ({facts().item('budgets', item).title})" if figure["confidence"] != "user" else ""


def _usd(figure: Document) -> str:
    low, high = short(figure["low"]), short(figure["high"])
    return low if low == high else f"{low} to {high}"


_LEVEL = {"p5": 0.05, "p50": 0.5, "p95": 0.95}


def _told(years: Document, percentile: str, document: Document) -> str:
    """A percentile as people say it: ``already``, ``2031``, ``2045?``, ``>2100``."""
    if years["already"] >= _LEVEL[percentile]:
        return "already"
    return _said(years[percentile], document)


def _said(year: int | None, document: Document) -> str:
    if year is None:
        return f">{document['latest']}"
    return f"{year}?" if year > document["guess_after"] else str(year)


def _interval(years: Document, document: Document) -> str:
    low, high = (_told(years, percentile, document) for percentile in ("p5", "p95"))
    return low if low == high else f"{low} to {high}"


def _hangs(each: Document, document: Document) -> str:
    """The three widest swings; or that nothing moves the year."""
    prefix = f"{each['name']}."

    def end(year: int | None) -> str:
        return "already" if year == document["start"] else _said(year, document)

    moved = each["swings"][:3]
    if not moved:
        return f"{_told(each[each['swings_of']], 'p50', document)}, whatever one of them is"
    parts = [
        f"{swing['name'].removeprefix(prefix).removeprefix('hardware.')} {end(swing['low'])} to "
        f"{end(swing['high'])}"
        for swing in moved
    ]
    case = "as budgets grow, " if each["swings_of"] == "growing" else ""
    return f"{case}{', '.join(parts)}; most of the cost then: {each['mostly']}"


def _limits(document: Document) -> list[str]:
    """Where the year of the money that stays asks for more than physics, or devices, allow."""
    lines = []
    for key, what in (
        (
            "beyond_cmos",
            "Then a joule would do more operations than transistors as they are can (Ho et al. "
            "2023), so another device is needed",
        ),
        ("held_up_by_landauer", "Then Landauer's limit holds electricity up"),
    ):
        shares = [
            f"{each['name']} {percent(each[key])} %"
            for each in document["contenders"]
            if each[key] >= _TOLD
        ]
        if shares:
            lines.append(f"{what}, in a share of the draws: {', '.join(shares)}")
    return lines
