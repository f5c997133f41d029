"""A table as all of the terminal has them: no lines, figures to the right, no figure cut."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

_WIDEST = 10_000


class FiguresTable(Table):
    """A table that is written row under row, a line for each figure, where it would be cut."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, or its rows as lists in a terminal that is too narrow for it."""
        whole = self.__rich_measure__(console, options.update_width(_WIDEST)).maximum
        if whole <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        if self.title:
            yield _text(console, self.title, "bold")
        names, *columns = self.columns
        cells = [list(column.cells) for column in columns]
        labels = [_text(console, " ".join(str(column.header).split()), "dim") for column in columns]
        for i, name in enumerate(names.cells):
            yield _text(console, name, "bold")
            for label, values in zip(labels, cells, strict=True):
                value = _text(console, values[i])
                if value.plain:
                    yield Text.assemble("  ", label, " ", value)
        if self.caption:
            yield _text(console, self.caption, "dim")


def _text(console: Console, what: object, style: str = "") -> Text:
    text = what.copy() if isinstance(what, Text) else console.render_str(str(what))
    if style:
        text.stylize_before(style)
    return text


def plain_table(title: str, first: str, *columns: str) -> Table:
    """An empty table; ``first`` is the column of names."""
    table = FiguresTable(
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
