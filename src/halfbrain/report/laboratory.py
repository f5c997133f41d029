"""Learners compared, and the text's claims judged, in 80 columns."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from halfbrain.report.numbers import short
from halfbrain.report.table import FiguresTable

Document = dict[str, Any]


def print_experiment(console: Console, document: Document) -> None:
    """One experiment: what each learner reached, what it cost, and each against the first."""
    plan, learners = document["plan"], document["learners"]
    console.print(f"[bold]{document['title']}[/bold]")
    console.print(f"{plan['samples']:,} samples, batches of {plan['batch']}, {plan['seeds']} seeds")
    console.print(_reached(learners))
    console.print()
    console.print(_cost(document))
    for entry in learners.values():
        for seed in entry["diverged"]:
            console.print(f"{entry['title']}: seed {seed} diverged; it is left out")
    if document["pairs"]:
        console.print()
        console.print(_pairs(document))


def _table(*columns: str) -> Table:
    table = FiguresTable(box=None, pad_edge=False)
    table.add_column(columns[0], no_wrap=True)
    for name in columns[1:]:
        table.add_column(name, justify="right")
    return table


def percent(found: Document | None) -> str:
    """A share with its interval."""
    if found is None:
        return "-"
    if found["low"] is None:
        return f"{found['mean']:.1%}"
    return f"{found['mean']:.1%} ({100 * found['low']:.1f}-{100 * found['high']:.1f})"


def _reached(learners: dict[str, Document]) -> Table:
    table = _table("\nlearner", "\nparameters", "\naccuracy (95 %)", "\nforgotten", "tuned\nto")
    for name, entry in learners.items():
        lost = entry["forgotten"]
        table.add_row(
            name,
            f"{entry['parameters']:,}",
            percent(entry["accuracy"]),
            f"{lost['mean']:.1%}" if lost and lost["mean"] else "-",
            f"{entry['chosen']:g}",
        )
    return table


def _cost(document: Document) -> Table:
    """Costs of a sample, and to the highest accuracy that all runs of all learners reached."""
    learners = document["learners"]
    level = shared_level(learners)
    to = f"to {level:.0%}" if level else "to -"
    table = _table(
        "\nlearner", "FLOP a\nsample", "without\nzeros", f"samples\n{to}", f"FLOP\n{to}",
        "s of life\n" + to, "at equal\nFLOP", "tuning\nFLOP",
    )  # fmt: skip
    for name, entry in learners.items():
        at: Document = next((r for r in entry["reached"] if r["accuracy"] == level), {})
        equal = (document["equal_flop"] or {"accuracy": {}})["accuracy"].get(name)
        table.add_row(
            name,
            *(_short(entry[k]) for k in ("flop_per_sample", "effective_flop_per_sample")),
            *(_short((at.get(k) or {}).get("mean")) for k in ("samples", "flop", "bio_seconds")),
            f"{equal['mean']:.1%}" if equal else "-",
            short(entry["tuning_flop"]),
        )
    return table


def shared_level(learners: dict[str, Document]) -> float | None:
    """The highest accuracy that every run of every learner reached."""
    sets = [
        {r["accuracy"] for r in entry["reached"] if r["runs"] == r["of"]}
        for entry in learners.values()
    ]
    return max(set.intersection(*sets), default=None) if sets else None


def _short(value: float | None) -> str:
    return "-" if value is None else short(value)


def _pairs(document: Document) -> Table:
    table = _table(
        "\nagainst the first",
        "accuracy,\npoints",
        "\np",
        "FLOP, orders\nof magnitude",
        "\np",
        "\nto",
    )
    for pair in document["pairs"]:
        right, cost = pair["accuracy"], pair.get("flop_orders")
        table.add_row(
            f"{pair['learner']} - {pair['against']}",
            interval(right, 100, 1),
            f"{right['holm_p']:.1g}",
            interval(cost, 1, 1) if cost else "-",
            f"{cost['holm_p']:.1g}" if cost else "-",
            f"{pair['level']:.0%}" if pair["level"] else "-",
        )
    return table


def interval(found: Document, times: float, digits: int) -> str:
    """A paired difference with Student's interval."""
    numbers = (found["difference"]["mean"], found["t_low"], found["t_high"])
    mean, low, high = (f"{times * x:.{digits}f}" for x in numbers)
    return f"{mean} ({low} to {high})"


MARKS = {"supported": "green", "not supported": "red", "undecided": "yellow"}


def print_verdicts(console: Console, document: Document) -> None:
    """The claims one by one."""
    for entry in document["verdicts"]:
        claim, found = entry["claim"], entry["found"]
        colour = MARKS[entry["verdict"]]
        console.print(
            f"[bold]{claim['key']}[/bold] {claim['says']}: [{colour}]{entry['verdict']}[/{colour}]"
        )
        console.print(f"   {effect(entry)}", highlight=False)
        seeds = f"; {found['difference']['n']} seeds; p {entry['holm_p']:.2g}" if found else ""
        console.print(f"   {document['scales'][claim['plan']]}{seeds}")
        console.print()
    lines = sorted({entry["claim"]["line"] for entry in document["verdicts"]})
    console.print(
        f"Quoted with --json: lines {', '.join(map(str, lines))} of the text. Intervals: 95 %, "
        f"Student's t of pairs; p: of the claim's nearest bound, all claims together (Holm)."
    )


def effect(entry: Document) -> str:
    """The effect in words."""
    claim, found = entry["claim"], entry["found"]
    a, b = claim["a"], claim["b"]
    if found is None:
        return entry["why"]  # type: ignore[no-any-return]
    mean, *ends = (found["difference"]["mean"], found["t_low"], found["t_high"])
    if claim["effect"] in ("flop", "samples"):
        what = "FLOP" if claim["effect"] == "flop" else "samples"
        low, high = (short(10**x) for x in ends)
        return (
            f"{a}: {short(10**mean)} times ({low} to {high}) the {what} of {b} "
            f"to reach {entry['level']:.0%}"
        )
    low, high = (f"{100 * x:+.1f}" for x in ends)
    if claim["effect"] == "accuracy":
        return f"{a} against {b}: {100 * mean:+.1f} points of accuracy ({low} to {high})"
    return f"{a} against {b}: {100 * mean:+.1f} points kept of what was learnt ({low} to {high})"
