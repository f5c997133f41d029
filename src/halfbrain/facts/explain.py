"""Printing a quantity as a tree, down to its sources."""

from __future__ import annotations

from textwrap import wrap

import numpy as np

from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.units import unit_text


def explain(quantity: Quantity, draws: Draws | None = None, width: int = 80) -> str:
    """The tree of ``quantity``: each node's value (90 % interval) and unit, each leaf's source."""
    lines: list[str] = []
    _lines(quantity, draws or Draws(), ("", ""), lines, set(), width)
    return "\n".join(lines)


def _lines(
    node: Quantity,
    draws: Draws,
    prefix: tuple[str, str],
    lines: list[str],
    shown: set[str],
    width: int,
) -> None:
    head, tail = prefix
    again = bool(node.name) and node.name in shown
    shown.add(node.name)

    def write(text: str, first: str, rest: str) -> None:
        lines.extend(
            wrap(
                text,
                width,
                initial_indent=first,
                subsequent_indent=rest,
                break_on_hyphens=False,
                break_long_words=False,
            )
        )

    write(describe(node, draws) + (" (above)" if again else ""), head, tail + "    ")
    if again:
        return
    if node.interval is not None and node.origin is not None:
        for text in filter(None, (str(node.origin), node.origin.note)):
            write(text, tail + "    ", tail + "    ")
    parts = children(node)
    for i, part in enumerate(parts):
        last = i == len(parts) - 1
        _lines(
            part,
            draws,
            (tail + ("└─ " if last else "├─ "), tail + ("   " if last else "│  ")),
            lines,
            shown,
            width,
        )


def describe(node: Quantity, draws: Draws) -> str:
    """One line: name, value and unit."""
    name = node.name or {
        "*": "product",
        "/": "quotient",
        "+": "sum",
        "-": "difference",
        "**": f"to the power {node.exponent:g}",
        "max": "the larger of",
    }.get(node.operation, node.operation)
    unit = "" if node.unit.dimensionless else unit_text(node.unit)
    if node.interval is not None:
        value = str(node.interval)
    else:
        sample = node.sample(draws)
        low, mid, high = np.quantile(sample, (0.05, 0.5, 0.95))
        value = f"{mid:.3g}" if low == high else f"{mid:.3g} ({low:.3g} to {high:.3g})"
    return f"{name} = {value} {unit}".rstrip() if not name.replace(".", "").isdigit() else name


def children(node: Quantity) -> list[Quantity]:
    """The parts of a node, chains of one operation flattened and conversions passed over."""
    out: list[Quantity] = []
    for part in node.parts:
        while part.operation == "to" and not part.name:
            part = part.parts[0]
        if not part.name and part.operation == node.operation and node.operation in "+*":
            out.extend(children(part))
        else:
            out.append(part)
    return out
