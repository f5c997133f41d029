"""The chances that a contender works, as data and in a terminal of 80 columns."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from halfbrain.facts.draws import Draws
from halfbrain.forecast.beliefs import Beliefs
from halfbrain.forecast.odds import Odds, at_least_one, odds
from halfbrain.forecast.scenario import Scenario
from halfbrain.report.document import Document, figure_document
from halfbrain.report.numbers import percent
from halfbrain.report.table import plain_table

NO_MEASUREMENTS = (
    "Beliefs, not measurements: only that there is enough compute is computed; "
    "each other step is somebody's chance that it holds, given that those above it do."
)


def odds_document(beliefs: Beliefs, scenario: Scenario, samples: int, seed: int) -> Document:
    """The chances of every contender that the beliefs speak of."""
    draws = Draws(samples, seed)
    found = odds(beliefs, scenario, draws)
    together = at_least_one(found, draws) if len(found) > 1 else None
    return {
        "no_measurements": NO_MEASUREMENTS,
        "beliefs": {"name": beliefs.name, "title": beliefs.title, "about": beliefs.about},
        "scenario": {"name": scenario.name, "title": scenario.heading},
        "samples": samples,
        "seed": seed,
        "contenders": [_contender(each) for each in found],
        "at_least_one": together and asdict(together),
    }


def _contender(found: Odds) -> Document:
    return {
        "name": found.contender,
        "trainings": asdict(found.trainings),
        "steps": [
            {
                "branch": step.branch,
                "about": step.about,
                "name": step.belief.chance.name,
                "figure": figure_document(step.belief.chance),
                "chance": asdict(step.chance),
                "basis": step.belief.basis,
                "quote": step.belief.quote,
                "why": step.belief.why,
                "bears": step.bears,
                "share_of_spread": step.share_of_spread,
            }
            for step in found.steps
        ],
        "works": asdict(found.works),
        "hangs_on": list(found.hangs_on),
        "takes_most": list(found.takes_most),
        "total": found.total
        and {
            "chance": figure_document(found.total.chance),
            "quote": found.total.quote,
        },
    }


def print_odds(console: Console, document: Document) -> None:
    """The chain of each contender beside the others, and what it hangs on."""
    _print_heading(console, document)
    contenders = document["contenders"]
    table = plain_table("", "chance in %", *(each["name"] for each in contenders))
    table.title = None
    for steps in zip(*(each["steps"] for each in contenders), strict=True):
        table.add_row(steps[0]["branch"], *(_ends(step["figure"]) for step in steps))
    table.add_row(
        Text("it works", style="bold"),
        *(Text(percent(each["works"]["p50"]), style="bold cyan") for each in contenders),
    )
    table.add_row("  90 % interval", *(_range(each["works"]) for each in contenders))
    if any(each["total"] for each in contenders):
        table.add_row("  given as a total", *(_total(each) for each in contenders))
    console.print(table)
    if document["at_least_one"]:
        as_one, alone = (document["at_least_one"][key] for key in ("as_one", "each_alone"))
        console.print(
            Text(
                f"at least one: {percent(as_one['p50'])} % ({_range(as_one)}) if all stand or fall "
                f"together, {percent(alone['p50'])} % ({_range(alone)}) if each on its own"
            )
        )
    console.print(Text("\nWhat it hangs on", style="bold"))
    for each in contenders:
        console.print(Text(f"{each['name']}: {_hangs(each)}"))
    console.print()
    for step in contenders[0]["steps"]:
        console.print(Text(f"{step['branch']}: {step['about']}", style="dim"))
    console.print(
        Text("what was said, and what bears on it: halfbrain odds CONTENDER", style="dim")
    )


def print_chain(console: Console, document: Document) -> None:
    """One contender's chain, each step with what was said and what of ours bears on it."""
    _print_heading(console, document)
    (each,) = document["contenders"]
    for step in each["steps"]:
        head = f"{_ends(step['figure'])} %"
        console.print(
            Text.assemble((f"{step['branch']}: {step['about']}", "bold"), "  ", (head, "cyan"))
        )
        if step["quote"]:
            console.print(Text(f"  “{step['quote']}”"))
        why = f"{step['basis']}: {step['why']}" if step["why"] else step["basis"]
        console.print(Text(f"  {why}", style="dim"))
        if step["bears"]:
            console.print(Text(f"  of ours: {step['bears']}", style="dim"))
    console.print(
        Text(f"\n{each['name']} works: {percent(each['works']['p50'])} % ", style="bold").append(
            f"({_range(each['works'])})", style="not bold"
        )
    )
    if each["total"]:
        console.print(Text(f"given as a total: {_total(each)} %, “{each['total']['quote']}”"))
    console.print(Text(f"it hangs on {_hangs(each)}"))


def _print_heading(console: Console, document: Document) -> None:
    console.print(Text(document["no_measurements"], style="bold"))
    beliefs = document["beliefs"]
    console.print(Text(f"{beliefs['title']}: {beliefs['about']}".rstrip(": "), style="dim"))
    console.print()


def _hangs(contender: Document) -> str:
    """The branch that makes most of the spread, and the one that takes most away."""
    on, most = contender["hangs_on"], contender["takes_most"]
    if not on:
        return f"{', '.join(most)}, which takes most away" if most else "nothing: all is certain"
    shares = {step["branch"]: step["share_of_spread"] for step in contender["steps"]}
    each = " each" if len(on) > 1 else ""
    text = f"{', '.join(on)} ({percent(shares[on[0]])} % of the spread{each})"
    if on == most:
        return text + (", which also takes most away" if not each else "; each takes as much away")
    return text + (f"; {', '.join(most)} takes most away" if most else "")


def _ends(figure: Document) -> str:
    return _range({"p5": figure["low"], "p95": figure["high"]})


def _range(chance: Document) -> str:
    low, high = percent(chance["p5"]), percent(chance["p95"])
    return low if low == high else f"{low} to {high}"


def _total(contender: Document) -> str:
    if not contender["total"]:
        return "-"
    return _ends(contender["total"]["chance"])
