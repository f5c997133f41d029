"""What was measured on this machine, in a terminal of 80 columns."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from halfbrain.report.document import Document
from halfbrain.report.numbers import short
from halfbrain.report.table import plain_table


def print_measurements(console: Console, contender: Document) -> None:
    """A contender's runs, what they cost, and the same of the text of 2022."""
    found = contender["measurements"]
    title = f"\nMeasured here: {contender['name']}, FLOP for each neuron and second of life"
    table = plain_table(title, "run", "neurons", "counted", "peak x time", "ratio", "share of peak")
    for run in found["runs"]:
        table.add_row(
            run["circuit"],
            f"{run['neurons']:,}",
            short(run["flop_per_neuron_bio_second"]),
            short(run["machine_time_flop_per_neuron_bio_second"]),
            short(run["ratio"]),
            f"{short(100 * run['share_of_peak'])} %",
        )
    seed, mended = (found[f"{name}_flop_per_neuron_bio_second"] for name in ("seed", "seed_mended"))
    each = contender["flop_per_neuron_bio_second"]["p50"]
    lines = []
    if seed is not None:
        table.add_row("the text of 2022", "", "", short(seed), "", "")
        table.add_row("  mended", "", "", short(mended), "", "")
        lines.append(
            f"the estimate's median, {short(each)}, is {_times(found['ratio_to_seed'])} the text's "
            f"({_times(found['ratio_to_seed_mended'])} when mended)"
        )
    console.print(table)
    lines.append(
        f"{found['machine']}, {found['threads']} thread{'s' * (found['threads'] != 1)}, "
        f"{found['precision']}, halfbrain {found['version']}, seed {found['seed']}; "
        f"peak {short(found['peak_flop_per_second'])} FLOP/s"
    )
    if contender["basis"] != "measured":
        lines.append("the scenario sets the operations itself, so the estimate does not use these")
    if not found["utilisation_measured"]:
        lines.append(
            "a run outdid the peak, so the machine was busy: shares of peaks stay the facts'"
        )
    console.print(Text("\n".join(lines), style="dim"))
    _print_figures(console, found)


def _print_figures(console: Console, found: Document) -> None:
    circuits = [run["circuit"] for run in found["runs"]]
    table = plain_table("\nCost terms, as measured", "figure", *circuits, "unit")
    for figure in found["figures"]:
        values = figure["values"]
        table.add_row(
            figure["name"].partition(".")[2],
            *(f"{values[name]:.3g}" if name in values else "-" for name in circuits),
            figure["unit"],
        )
    console.print(table)


def _times(ratio: float) -> str:
    return f"{short(ratio)} times"
