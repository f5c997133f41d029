"""The comparison with other simulators in a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from halfbrain.report.table import plain_table

_MOST_SHOWN = 12  # populations; the document has them all


def print_comparison(console: Console, document: dict[str, Any]) -> None:
    """What :func:`halfbrain.compare.compare.compare` found: times, rates, and what to know."""
    console.print(
        Text(
            f"{document['circuit']}: {document['neurons']:,} neurons, "
            f"{document['seconds']:g} s of biological time",
            style="bold",
        )
    )
    runs = [run for run in document["runs"] if run["failed"] is None]
    console.print(_times(runs))
    console.print(_rates(runs))
    console.print(Text(f"agree: {document['criterion']}", style="dim"))
    if document.get("shapes"):
        _print_shapes(console, document["shapes"])
    for run in document["runs"]:
        if run["failed"] is not None:
            console.print(Text.assemble(("no result  ", "red"), run["failed"]))
        else:
            how = f"{run['name']} {run['version']}, {run['precision']}: {run['compiled']}"
            console.print(Text("; ".join((how, *run["notes"])), style="dim"))


def _print_shapes(console: Console, alone: dict[str, Any]) -> None:
    """The shapes of the circuit's cells, with channels that all have."""
    table = plain_table("\nIts shapes alone", "simulator", "run s", "ours x", "spikes")
    ours = alone["wall_seconds"]
    table.add_row("halfbrain", _short(ours), "1", str(alone["spikes"]))
    for run in alone["runs"]:
        if run["failed"] is None:
            wall = run["wall_seconds"]
            table.add_row(run["name"], _short(wall), _short(wall / ours), str(run["spikes"]))
    console.print(table)
    console.print(
        Text(
            f"{alone['milliseconds']:g} ms of {alone['compartments']:,} compartments, Hodgkin and "
            "Huxley's channels in all, no synapses, a steady current into each soma",
            style="dim",
        )
    )
    for run in alone["runs"]:
        if run["failed"] is not None:
            console.print(Text.assemble(("no result  ", "red"), f"{run['name']}: {run['failed']}"))


def _times(runs: list[dict[str, Any]]) -> Table:
    table = plain_table(
        "", "simulator", "build s", "compile s", "run s", "RTF", "ours x", "MB", "spikes"
    )
    for run in runs:
        ratio = run["times_ours"]
        table.add_row(
            run["name"],
            _short(run["build_seconds"]),
            _short(run["compile_seconds"]),
            _short(run["wall_seconds"]),
            Text(_short(run["rtf"]), style="bold cyan"),
            "-" if ratio is None else _short(ratio),
            f"{run['peak_bytes'] / 1e6:.0f}",
            _verdict(run),
        )
    return table


def _verdict(run: dict[str, Any]) -> Text:
    if run["name"] == "halfbrain":
        return Text("-")
    if run["same_spikes"]:
        return Text("the same", style="green")
    return Text("agree", style="green") if run["agrees"] else Text("differ", style="red")


def _rates(runs: list[dict[str, Any]]) -> Table:
    table = plain_table("\nMean rate, Hz", "population", *(run["name"] for run in runs))
    shown = runs[0]["populations"][:_MOST_SHOWN] if runs else []
    for index, population in enumerate(shown):
        cells = [run["populations"][index] for run in runs]
        table.add_row(
            Text(population["name"]),
            *(Text(f"{cell['rate']:.4g}", style="" if cell["agrees"] else "red") for cell in cells),
        )
    if runs and len(runs[0]["populations"]) > len(shown):
        table.caption = f"and {len(runs[0]['populations']) - len(shown)} more"
        table.caption_justify = "left"
    return table


def _short(seconds: float) -> str:
    return f"{seconds:.3g}" if seconds < 1000 else f"{seconds:,.0f}"
