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
    if found["speed"]:
        _print_speed(console, found["speed"])


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


def _print_speed(console: Console, speed: Document) -> None:
    table = plain_table(
        "\nTime at several sizes", "run", "neurons", "synapses", "seconds", "share of peak", "fit"
    )
    for run in speed["runs"]:
        table.add_row(
            run["circuit"],
            f"{run['neurons']:,}",
            f"{run['synapses']:,}" if run["synapses"] else "-",
            short(run["wall_seconds"]),
            f"{short(100 * run['share_of_peak'])} %",
            f"{100 * run['residual']:+.0f} %",
        )
    console.print(table)
    console.print(Text("\n".join((_told(speed), _unlike(speed))), style="dim"))
    times = plain_table("\nTime of each kind of work, as fitted", "work", "ns")
    for kind, nanoseconds in speed["nanoseconds"].items():
        times.add_row(kind, short(nanoseconds) if nanoseconds else "too little to be seen")
    console.print(times)


def _told(speed: Document) -> str:
    """What the residuals allow."""
    most = f"{100 * speed['largest_residual']:.0f} %"
    if not speed["holds_beyond"]:
        return (
            f"fit: its time over the run's, up to {most} apart (a cache outgrown, a busy machine): "
            "do not take these times beyond the measured sizes"
        )
    return f"fit: its time over the run's, {most} apart at most"


def _unlike(speed: Document) -> str:
    """Which counts for a piece of work are other ones at another size."""
    found = [
        f"{one['name'].partition('.')[2]} in {one['circuit']} ({_ends(one)})"
        for one in speed["differing"]
    ]
    same = "operations and bytes for a piece of work are the same at all sizes"
    return f"{same}, but: {'; '.join(found)}" if found else same


def _ends(one: Document) -> str:
    """The least and the most, in as many digits as tell them apart."""
    for digits in range(2, 17):
        least, most = (f"{one[end]:.{digits}g}" for end in ("least", "most"))
        if least != most:
            break
    return f"{least} to {most}"


def _times(ratio: float) -> str:
    return f"{short(ratio)} times"
