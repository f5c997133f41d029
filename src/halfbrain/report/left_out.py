"""What is left out, and what it would add to the answer, in a terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from halfbrain.report.document import Document
from halfbrain.report.numbers import short
from halfbrain.report.table import plain_table

_LEAST = 0.1  # per cent that are worth a number


def left_out_table(document: Document) -> Group:
    """Per cent of the FLOP that each would add, for the contenders that it can be added to."""
    rows = [contender for contender in document["contenders"] if contender["left_out"]]
    names = list(dict.fromkeys(one["name"] for row in rows for one in row["left_out"]))
    table: Table = plain_table(
        "\nLeft out, and what it would add to the FLOP in %",
        "contender",
        *(name.replace("_", " ") for name in names),
    )
    for row in rows:
        added = {one["name"]: one["flop"] for one in row["left_out"]}
        table.add_row(row["name"], *(_percent(added.get(name)) for name in names))
    told = f"our judgement of costs, 90 % intervals; --set {names[0]}=1 counts it in"
    return Group(table, Text(told, style="dim"))


def _percent(share: Document | None) -> str:
    if share is None:
        return "-"
    low, mid, high = (_short(100 * share[key]) for key in ("p5", "p50", "p95"))
    return mid if low == high else f"{mid} ({low} to {high})"


def _short(share: float) -> str:
    return short(share) if share >= _LEAST else f"< {_LEAST}"
