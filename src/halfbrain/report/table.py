"""A table as all of the terminal has them: no lines, figures to the right."""

from __future__ import annotations

from rich.table import Table


def plain_table(title: str, first: str, *columns: str) -> Table:
    """An empty table; ``first`` is the column of names."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table
