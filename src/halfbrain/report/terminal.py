"""The estimate in a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from halfbrain.report.beside import against_table, published_table
from halfbrain.report.bill import machine_tables
from halfbrain.report.document import Document
from halfbrain.report.left_out import left_out_table
from halfbrain.report.lives import more_runs, once_trained_table, shown_rows
from halfbrain.report.measured_tables import print_measurements
from halfbrain.report.numbers import interval, prefixed, short, signed, spread
from halfbrain.report.table import plain_table

if TYPE_CHECKING:  # Numba is slow to import, and no estimate needs it
    from halfbrain.metering.ceilings import Ceilings

_SHOWN_RUNS = (("gpt-3", "GPT-3"), ("palm", "PaLM"))


def print_estimate(console: Console, document: Document) -> None:
    """The estimate as tables, widest question first."""
    scenario = document["scenario"]
    console.print(Text(_headline(document), style="bold"))
    console.print(Text(f"{scenario['title']}: {scenario['about']}", style="dim"))
    console.print()
    console.print(_main_table(document))
    for contender in document["contenders"]:
        if contender["yardstick"]:
            console.print(Text(_yardstick(contender), style="dim"))
    console.print(Text(more_runs(document), style="dim"))
    if any(contender["published"] for contender in document["contenders"]):
        console.print(published_table(document))
    if document["against"]:
        console.print(against_table(document))
    console.print(_budget_table(document))
    if _learns(document) and any(contender["once_trained"] for contender in document["contenders"]):
        console.print(once_trained_table(document))
    if any(contender["left_out"] for contender in document["contenders"]):
        console.print(left_out_table(document))
    if any(contender["machine"] for contender in document["contenders"]):
        console.print(machine_tables(document))
    console.print(_sensitivities(document))
    for contender in document["contenders"]:
        if contender["measurements"]:
            print_measurements(console, contender)


def _headline(document: Document) -> str:
    inputs = document["scenario"]["inputs"]
    if "training_seconds" in inputs:
        life = f"{interval(inputs['training_seconds'])} seconds of life"
    else:
        life = f"{interval(inputs['years'])} years of life"
    awake = inputs["awake_share"]
    if "training_seconds" not in inputs and awake["low"] != 1:
        life += f", {interval(awake)} of them awake"
    task = "To train" if _learns(document) else "To run"
    runs = interval(inputs["runs"])
    often = "" if runs == "1" else f", {runs} times"
    return f"{task} {interval(inputs['neurons'])} neurons through {life}{often}"


def _learns(document: Document) -> bool:
    return bool(document["scenario"]["inputs"]["learning"]["high"] > 0)


def _main_table(document: Document) -> Table:
    table = plain_table(
        "",
        "contender",
        "FLOP",
        "90 % interval",
        "over " + _SHOWN_RUNS[0][1],
        "over " + _SHOWN_RUNS[1][1],
        "memory",
    )
    table.title = None
    for name, row in shown_rows(document):
        table.add_row(
            name,
            Text(short(row["flop"]["p50"]), style="bold cyan"),
            spread(row["flop"]),
            *(signed(row["orders_over"][run]) for run, _ in _SHOWN_RUNS),
            prefixed(row["memory_bytes"]["p50"], "B"),
        )
    table.caption = "medians; 'over' in orders of magnitude"
    for basis, words in (("counted", "counted"), ("measured", "measured here")):
        names = [c["name"] for c in document["contenders"] if c["basis"] == basis]
        if names:
            table.caption += f"; {words}: {', '.join(names)}"
    if any(contender["alternatives"] for contender in document["contenders"]):
        table.caption += "; beneath its contender, the same with another rule of learning"
    table.caption_justify = "left"
    return table


def _yardstick(contender: Document) -> str:
    """That the yardstick is none of capability, and how its compute would be spent best."""
    found = contender["yardstick"]
    each, size, tokens = (
        short(found[key]["p50"])
        for key in ("tokens_per_parameter", "flop_best_for_size", "flop_best_for_tokens")
    )
    return (
        f"{contender['name']}: no claim of what it could do. It has {each} tokens a parameter, "
        f"where {short(found['best_tokens_per_parameter'])} are best (Chinchilla): of its size, "
        f"the best training would take {size} FLOP; with its tokens, {tokens}"
    )


def _budget_table(document: Document) -> Table:
    """What the text's budget pays for; of the compute alone, which it says."""
    table = plain_table(
        "\nWhat PaLM's compute and 12 orders of magnitude more would pay for",
        "contender",
        "trainings" if _learns(document) else "runs",
        "largest brain, neurons",
        "enough compute in",
    )
    for contender in document["contenders"]:
        budget = contender["twelve_orders_over_palm"]
        table.add_row(
            contender["name"],
            short(budget["times"]["p50"]),
            spread(budget["largest_brain_neurons"]),
            f"{100 * budget['share_with_enough_compute']:.0f} % of draws",
        )
    table.caption = "of the compute alone: whether it would work is `halfbrain odds`"
    table.caption_justify = "left"
    return table


def _sensitivities(document: Document) -> Table:
    table = Table(
        title="\nWhat the answer hangs on (share of the spread, Sobol total index)",
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        show_header=False,
    )
    table.caption = dependence(document["scenario"]["ties"])
    table.caption_justify = "left"
    for contender in document["contenders"]:
        top = [entry for entry in contender["sensitivity"] if entry["index"] >= 0.05][:3]
        prefix = f"{contender['name']}."
        text = ", ".join(
            f"{' with '.join(name.removeprefix(prefix) for name in entry['names'])} "
            f"{100 * min(entry['index'], 1):.0f} %"
            for entry in top
        )
        table.add_row(contender["name"], text or "nothing is uncertain")
    return table


def dependence(ties: list[Document]) -> str:
    """Which inputs depend on each other, and that the others do not."""
    told = [
        f"{' and '.join(tie['names'])} are "
        + ("one draw, of one fact" if tie["fact"] else f"tied ({tie['correlation']:g})")
        for tie in ties
    ]
    return "; ".join(
        [*told, "all other inputs are independent" if told else "inputs are independent"]
    )


def print_audit(console: Console, document: Document) -> None:
    """The audit, a row a step, and the mended totals."""
    marks = {"agrees": "green", "differs": "red", "cannot be checked": "yellow"}
    row = ""
    for step in document["steps"]:
        if step["contender"] != row:
            row = step["contender"]
            console.print(Text(f"\n{row}", style="bold"))
        console.print(Text.assemble((step["verdict"], marks[step["verdict"]]), f"  {step['id']}"))
        console.print(Text(f"  “{step['text']}”", style="dim"))
        if step["recomputed"] is not None:
            console.print(Text("  " + _comparison(step)))
        if step["why"] and step["verdict"] != "agrees":
            console.print(Text(f"  {step['why']}"))
    counts = {verdict: sum(s["verdict"] == verdict for s in document["steps"]) for verdict in marks}
    console.print(
        Text(
            "\n" + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()),
            style="bold",
        )
    )
    for name, total in document["corrected"].items():
        console.print(f"{name}, mended: {total['flop']:.3g} FLOP")


def _comparison(step: Document) -> str:
    said = f"{step['published']:.4g}" if step["published"] is not None else "-"
    text = f"says {said}, its inputs give {step['recomputed']:.4g}"
    if step["verdict"] == "differs" and step["ratio"]:
        factor = max(step["ratio"], 1 / step["ratio"])
        amount = f"{factor:.3g} times" if factor >= 1.1 else f"{100 * (factor - 1):.1g} %"
        text += f" ({amount} too {'much' if step['ratio'] > 1 else 'little'})"
    if step["meant"] is not None and abs(step["meant"] / step["recomputed"] - 1) > 1e-3:
        text += f"; it meant {step['meant']:.4g}"
    return text


def print_facts(console: Console, document: Document) -> None:
    """Figures with their sources, item by item."""
    item = ""
    for figure in document["facts"]:
        owner, name = figure["name"].rsplit(".", 1)
        if owner != item:
            item = owner
            console.print(Text(f"\n{item}", style="bold"))
        value = f"{figure['low']:.4g}"
        if figure["high"] != figure["low"]:
            value += f" to {figure['high']:.4g}"
        sources = "; ".join(source["text"] for source in figure["sources"])
        place = f", {figure['where']}" if figure["where"] else ""
        console.print(Text.assemble(f"  {name} = ", (value, "cyan"), f" {figure['unit']}"))
        console.print(Text(f"    {sources}{place} [{figure['confidence']}]", style="dim"))
        if figure["note"]:
            console.print(Text(f"    {figure['note']}", style="dim"))


def print_ceilings(console: Console, ceilings: Ceilings) -> None:
    """What this machine can do at most."""
    console.print(Text(f"{ceilings.processor}, {ceilings.threads} threads", style="bold"))
    table = plain_table("", "ceiling", "float32", "float64")
    table.title = None
    for name, rates, unit in (
        ("arithmetic", ceilings.flop_per_second, "FLOP/s"),
        ("exponentials", ceilings.exp_per_second, "exp/s"),
        ("divisions", ceilings.divisions_per_second, "div/s"),
    ):
        table.add_row(name, *(prefixed(rates[key], unit) for key in ("float32", "float64")))
    console.print(table)
    for name, rate, unit in (
        ("random numbers", ceilings.draws_per_second, "words/s"),
        ("memory bandwidth", ceilings.bytes_per_second, "B/s"),
        ("bandwidth in the cache", ceilings.cached_bytes_per_second, "B/s"),
        ("random reads of memory", ceilings.random_reads_per_second, "reads/s"),
        ("scattered additions", ceilings.scattered_adds_per_second, "adds/s"),
    ):
        console.print(f"{name:23} {prefixed(rate, unit)}")
