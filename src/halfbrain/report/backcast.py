"""The cost model held against published runs, in a terminal."""

from __future__ import annotations

import math

from rich.console import Console
from rich.text import Text

from halfbrain.report.document import Document
from halfbrain.report.numbers import interval, prefixed, short, spread
from halfbrain.report.table import plain_table

_UNSURE = ("recalled", "judgement")
_NAMES = 32  # columns of the plot that the names take


def print_backcast(console: Console, document: Document) -> None:
    """The runs, largest first; the memory; the fit on half of the studies and its test."""
    _print_times(console, document)
    _print_memory(console, document)
    _print_fit(console, *document["fits"])


def _print_times(console: Console, document: Document) -> None:
    table = plain_table(
        "Wall seconds for a second of life",
        "run",
        "neurons",
        "published",
        "predicted",
        "peak",
        "traffic",
    )
    for run in document["runs"]:
        table.add_row(
            run["run"],
            short(run["neurons"]),
            _marked(interval(run), run) if run["published"] is not None else "-",
            spread(run["predicted"]) if run["predicted"] else "-",
            *(_percent(run[share]) for share in ("peak_share", "bandwidth_share")),
        )
    table.caption = "peak, traffic: the share of each that the work needs; *: recalled, not read"
    table.caption_justify = "left"
    console.print(table)
    known = [run for run in document["runs"] if run["predicted"] and run["published"] is not None]
    inside = sum(run["verdict"].startswith("inside") for run in known)
    told = f"\n{inside} of {len(known)} published speeds lie inside the predicted 90 % interval"
    console.print(Text(told, style="bold"))
    for run in known:
        if not run["verdict"].startswith("inside"):
            console.print(f"  {run['run']}: {run['verdict']}")
    for run in document["runs"]:
        if run["published"] is None:
            bracket = f"; our judgement is {interval(run)}" if run["low"] is not None else ""
            console.print(f"  {run['run']}: {run['verdict']}{bracket}")


def _print_memory(console: Console, document: Document) -> None:
    known = [run for run in document["runs"] if run["published_memory"] is not None]
    table = plain_table("Memory", "run", "published", "predicted")
    for run in known:
        low, high = (prefixed(run["memory"][end], "B") for end in ("p5", "p95"))
        table.add_row(run["run"], prefixed(run["published_memory"], "B"), f"{low} to {high}")
    console.print()
    console.print(table)
    inside = sum(
        run["memory"]["p5"] <= run["published_memory"] <= run["memory"]["p95"] for run in known
    )
    held = [run for run in document["runs"] if run["machine_memory"] is not None]
    over = [run for run in held if run["memory"]["p5"] > run["machine_memory"]]
    console.print(
        Text(f"\n{inside} of {len(known)} lie inside the predicted 90 % interval", style="bold")
    )
    console.print(
        f"  {len(held) - len(over)} of {len(held)} machines have the least that is predicted for "
        "what ran on them"
    )
    for run in over:
        console.print(
            f"  {run['run']}: at least {prefixed(run['memory']['p5'], 'B')} predicted, "
            f"{prefixed(run['machine_memory'], 'B')} there"
        )


def _print_fit(console: Console, fit: Document, other: Document) -> None:
    """The fit, a line for each class, and each tested run as a line of a plot."""
    console.print(Text("\nFitted on half of the studies, tested on the other half", style="bold"))
    console.print("  Times beyond what the machine's peaks allow:")
    for found in fit["fitted"]:
        studies = f"{found['studies']} stud{'y' if found['studies'] == 1 else 'ies'}"
        console.print(f"  {found['title']:<24}{short(found['beyond']):>8}   ({studies})")
    console.print()
    _plot(console, fit["tested"])
    console.print(Text(f"\n{_told(fit)}", style="bold"))
    console.print(f"  The other way round: {_told(other)}")


def _told(fit: Document) -> str:
    inside = sum(run["inside"] for run in fit["tested"])
    return (
        f"{inside} of {len(fit['tested'])} tested speeds inside their 90 % interval, "
        f"median factor {short(fit['median_factor'])}"
    )


def _plot(console: Console, tested: list[Document]) -> None:
    """Interval, median and published speed of each run on one logarithmic axis.

    Names stand beside the picture, or above it in a terminal that is too narrow.
    """
    beside = _NAMES if console.width >= 2 * _NAMES else 0
    width = min(console.width, 100) - beside - 1
    ends = [run["published"] for run in tested]
    ends += [run["predicted"][end] for run in tested for end in ("p5", "p95")]
    low, high = math.floor(math.log10(min(ends))), math.ceil(math.log10(max(ends)))

    def place(value: float) -> int:
        return round((math.log10(value) - low) / (high - low) * (width - 1))

    def write(name: str, picture: list[str], style: str = "") -> None:
        lines = "".join(picture)
        told = f"{name:<{beside}}{lines}" if beside else f"{name}\n{lines}"
        console.print(Text(told.rstrip(), style=style), overflow="crop", no_wrap=True)

    for run in tested:
        picture = [" "] * width
        first, middle, last = (place(run["predicted"][end]) for end in ("p5", "p50", "p95"))
        picture[first : last + 1] = "-" * (last + 1 - first)
        picture[middle] = "|"
        picture[place(run["published"])] = "o"
        write(_marked(run["run"], run), picture)
    ticks = [" "] * width
    for exponent in range(low, high + 1, 2):
        label = f"1e{exponent}"
        at = min(place(10.0**exponent), width - len(label))
        ticks[at : at + len(label)] = label
    write("o published, | predicted", ticks, "dim")


def _marked(text: str, run: Document) -> str:
    """The text with a star where the published speed is not from something that was read."""
    return f"{text} *" if run["confidence"] in _UNSURE else text


def _percent(share: Document | None) -> str:
    return "-" if share is None else f"{short(100 * share['p50'])} %"
