"""An answer beside another: the published figures', or another scenario's."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from halfbrain.forecast.reported import hanging
from halfbrain.report.document import Document
from halfbrain.report.numbers import interval, short
from halfbrain.report.table import plain_table

_NAMED = 1  # inputs that a row has room for


def published_table(document: Document) -> Group:
    """What published figures give instead, and which counts lie outside them."""
    table = _beside("\nBeside published figures", "published", document, "published")
    lines = []
    for contender in document["contenders"]:
        outside = [r for r in (contender["published"] or {}).get("reasons", ()) if r["outside"]]
        if outside:
            figures = ", ".join(
                f"{own_name(r['name'])} {interval(r['here'])} ({interval(r['there'])})"
                for r in outside
            )
            lines.append(f"{contender['name']}, counted outside what is published: {figures}")
    lines.append("why: halfbrain explain CONTENDER; --published rests on published figures alone")
    return Group(table, Text("\n".join(lines), style="dim"))


def against_table(document: Document) -> Table:
    """What another scenario gives."""
    return _beside(f"\nAgainst: {document['against']['title']}", "there", document, "against")


def _beside(title: str, head: str, document: Document, key: str) -> Table:
    table = plain_table(title, "contender", "here", head, "ratio", "mostly by")
    for contender in document["contenders"]:
        found = contender[key]
        if found:
            table.add_row(
                contender["name"],
                short(contender["flop"]["p50"]),
                short(found["flop"]["p50"]),
                _times(found["ratio"]),
                ", ".join(_factors(found)[:_NAMED]) or "-",
            )
    return table


def _factors(found: Document) -> list[str]:
    """What makes the difference, each with its factor."""
    parts = [(own_name(r["name"]), r["factor"]) for r in found["reasons"] if r["matters"]]
    if found["counting"] != 1:
        parts.insert(0, ("way of counting", found["counting"]))
    return [f"{name} x {_times(factor)}" for name, factor in parts]


def told(found: Document, width: int) -> str:
    """Every counted figure beside the published one, and why they differ, as lines of text."""
    return hanging(
        (
            f"{reason['name']}: {interval(reason['here'])} counted, {interval(reason['there'])} "
            f"published ({reason['here']['unit']}); FLOP x {_times(reason['factor'])}. "
            f"Why: {reason['why']}."
            for reason in found["reasons"]
            if reason["here"] is not None and reason["there"] is not None
        ),
        width,
    )


def own_name(name: str) -> str:
    """An input's name without its contender's."""
    return name.partition(".")[2] or name


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else short(ratio)
