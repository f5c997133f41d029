"""What more runs would make of the answer, and what running takes once a network is trained."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from halfbrain.report.document import Document
from halfbrain.report.numbers import interval, short, spread
from halfbrain.report.table import plain_table


def shown_rows(document: Document) -> Iterator[tuple[str, Document]]:
    """Contenders by name, each with its alternatives beneath it, by what they add to its name."""
    for contender in document["contenders"]:
        yield contender["name"], contender
        for other in contender["alternatives"]:
            yield "  " + other["name"].removeprefix(f"{contender['name']}-"), other


def more_runs(document: Document) -> str:
    """What all the runs that it may take would make of the answer."""
    each = ", ".join(
        f"{contender['name']} {spread(contender['flop_with_runs'])}"
        for contender in document["contenders"]
    )
    now = interval(document["scenario"]["inputs"]["runs"])
    counted = "One run is counted" if now == "1" else f"{now} runs are counted"
    return (
        f"{counted}. {interval(document['runs_it_may_take'])} of them, for failures, tuning and a "
        f"curriculum (judgement), would make it {each}"
    )


def once_trained_table(document: Document) -> Table:
    """What running in real time takes, beside learning."""
    table = plain_table(
        "\nOnce trained, in real time",
        "contender",
        "FLOP/s to run",
        "times dearer to learn",
        "FLOP for a year",
    )
    for name, row in shown_rows(document):
        found = row["once_trained"]
        if found:
            table.add_row(
                name,
                *(
                    short(found[key]["p50"])
                    for key in ("flop_per_bio_second", "learning_over_running", "flop_per_year")
                ),
            )
    return table
