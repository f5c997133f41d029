"""The plan: as plain data (docs/json.md), and as text of 80 columns."""

from __future__ import annotations

from dataclasses import asdict, replace

from rich.console import Console
from rich.table import Table
from rich.text import Text

from halfbrain.facts.draws import Draws
from halfbrain.forecast.estimate import Spread, forecast
from halfbrain.forecast.levers import levers
from halfbrain.forecast.plan import Target, plan
from halfbrain.forecast.scenario import Scenario
from halfbrain.report.document import Document, figure_document
from halfbrain.report.numbers import prefixed, short, years
from halfbrain.report.table import plain_table

_GAINS = {
    "devices": ("devices", "fewer"),
    "fastest": ("s at best", "faster"),
    "days": ("days", "sooner"),
    "USD": ("USD at least", "cheaper"),
}


def plan_document(
    scenario: Scenario, contender: str, machine: str, target: Target, samples: int, seed: int
) -> Document:
    """The plan of one contender under a scenario, and what would move it."""
    draws = Draws(samples, seed)
    result = forecast(contender, scenario)
    found = plan(result, machine, target, draws)
    return {
        "contender": result.contender.name,
        "title": result.contender.title,
        "scenario": {"name": scenario.name, "title": scenario.heading, "about": scenario.account},
        "samples": samples,
        "seed": seed,
        "neurons": asdict(Spread.of(result.values["neurons"], draws)),
        "learns": result.values["learning"].magnitude() > 0,
        **asdict(replace(found, assumptions={})),
        "assumptions": {name: figure_document(one) for name, one in found.assumptions.items()},
        "levers": [asdict(lever) for lever in levers(result, machine, target, draws)],
    }


def print_plan(console: Console, document: Document) -> None:
    """How many devices, what decides it, what it takes, and what would move it."""
    console.print(Text(_headline(document), style="bold"))
    scenario = document["scenario"]
    console.print(Text(f"{scenario['title']}: {scenario['about']}", style="dim"))
    console.print()
    console.print(_table(document))
    for way in document["ways"]:
        console.print(
            Text(f"\n{way['name']}: ", style="bold").append(_account(document, way), "not bold")
        )
    if document["levers"]:
        console.print(_levers(document))
    console.print()
    for line in _notes(document):
        console.print(Text(line, style="dim"))


def _headline(document: Document) -> str:
    aim = {
        "real time": "in real time",
        "days": f"in {document['target']['value']:g} days",
        "budget": f"for {short(document['target']['value'])} USD",
    }[document["target"]["aim"]]
    task = "train" if document["learns"] else "run"
    neurons = short(document["neurons"]["p50"])
    return f"{document['title']} on {document['machine']}: to {task} {neurons} neurons {aim}"


def _table(document: Document) -> Table:
    table = plain_table("", "asked for by", "devices", "90 % interval")
    table.title = None
    rows = [
        ("the state's memory", document["memory"]),
        ("arithmetic", document["arithmetic"]),
        ("memory traffic", document["traffic"]),
    ]
    several = len(document["ways"]) > 1
    for way in document["ways"]:
        rows.append((f"the network, {way['name']}", way["network"]))
    for way in document["ways"]:
        name = f"all of it, {way['name']}" if several else "all of it"
        rows.append((name, way["devices"]))
    for name, values in rows:
        if values is not None and document["target"]["aim"] == "budget" and values["p50"] is None:
            if name.startswith("all"):
                table.add_row(name, "none", "the money does not suffice")
        elif values is not None:
            table.add_row(name, _number(values["p50"]), _ends(values))
    return table


def _number(value: float | None) -> str:
    return "none" if value is None else short(value)


def _ends(values: Document) -> str:
    return f"{_number(values['p5'])} to {_number(values['p95'])}"


def _account(document: Document, way: Document) -> str:
    """What one way of exchanging comes to, in sentences."""
    if way["devices"]["p50"] is None:
        return _impossible(document, way)
    decides = ", ".join(
        f"{kind} in {100 * share:.0f} %"
        for kind, share in list(way["decides"].items())[:3]
        if share >= 0.005
    )
    parts = [f"{short(way['devices']['p50'])} devices, decided by {decides} of draws"]
    if way["possible"] < 0.995:
        parts.append(f"there is a number in {100 * way['possible']:.0f} % of draws")
    if way["year_energy_joule"]:
        parts.append(f"a year in real time takes {_taken(way, 'year_')}")
    elif way["pace"]["p50"] is not None:
        parts.append(f"{short(way['pace']['p50'])} s for a second of life")
    whole = f"the whole {'training' if document['learns'] else 'run'} takes "
    parts.append(f"{whole}{years(way['days']['p50'] / 365.25)}{_and(_taken(way, ''))}")
    if way["fastest"]["p50"] is not None and document["there"] is None:
        parts.append(
            f"no number is faster than {short(way['fastest']['p50'])} s for a second of life, "
            f"for {way['limits']}"
        )
    return "; ".join(parts)


def _impossible(document: Document, way: Document) -> str:
    """Why no number of devices is enough, at the medians."""
    fastest, share = way["fastest"]["p50"], 100 * way["possible"]
    often = f"; there is one in {share:.0f} % of draws" if share >= 0.5 else ""
    if document["target"]["aim"] == "budget":
        least = way["least_money_usd"]["p50"]
        if least is not None:
            return f"the money does not suffice: the least is {short(least)} USD{often}"
    if fastest is None:
        return "no number of devices: all that there are do not hold the state" + often
    latency, wanted = way["latency_alone"]["p50"], document["wanted"]["p50"]
    why = ""
    if wanted is not None and latency > wanted:
        why = f"latency alone takes {latency:.2g} s for a second of life on the fewest; "
    return (
        f"no number of devices: {why}the fastest is {fastest:.3g} s for a second of life, on "
        f"{short(way['fastest_devices']['p50'])}, for {way['limits']}{often}"
    )


def _taken(way: Document, prefix: str) -> str:
    energy, money = way[f"{prefix}energy_joule"], way[f"{prefix}money_usd"]
    parts = [prefixed(energy["p50"] / 3600, "Wh")] if energy and energy["p50"] else []
    parts += [f"{short(money['p50'])} USD"] if money and money["p50"] else []
    return " and ".join(parts) or "what is not known"


def _and(taken: str) -> str:
    return "" if taken == "what is not known" else f", {taken}"


def _levers(document: Document) -> Table:
    table = plain_table(
        f"\nWhat would move it ({document['ways'][0]['name']})", "change", "gives", "", "enough in"
    )
    for lever in document["levers"]:
        what, better = _GAINS[lever["gains"]]
        table.add_row(
            lever["name"],
            f"{short(lever['after'])} {what}",
            f"{short(lever['factor'])} times {better}",
            f"{100 * lever['possible']:.0f} % of draws",
        )
    return table


def _notes(document: Document) -> list[str]:
    share = document["share"]["p50"]
    one = "all of it together" if document["there"] else "one"
    holds = (
        f"{short(100 * share)} % of the state" if share < 1 else f"the state {short(share)} times"
    )
    lines = [f"{document['machine']}: {one} holds {holds}"]
    if document["there"]:
        lines[0] += f"; it has {short(document['there']['p50'])} devices"
    lines += [f"{document['machine']}: {note}" for note in document["notes"]]
    names = {"precision", "utilisation"}
    shown = []
    for name, figure in document["assumptions"].items():
        low, high = short(figure["low"]), short(figure["high"])
        value = low if low == high else f"{low} to {high}"
        unit = "" if figure["unit"] == "dimensionless" else f" {figure['unit']}"
        shown.append(
            f"{name.partition('.')[2] if name.partition('.')[2] in names else name} {value}{unit}"
        )
    lines.append("assumed: " + ", ".join(shown))
    return lines
