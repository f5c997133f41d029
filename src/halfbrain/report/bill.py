"""The bill on a machine, as tables of 80 columns."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from halfbrain.report.document import Document
from halfbrain.report.lives import shown_rows
from halfbrain.report.numbers import prefixed, short, years
from halfbrain.report.table import plain_table

_LESS_THAN_ONE = {
    "devices_for_memory": "less than one device would hold the state; one is counted",
    "devices_in_real_time": "less than one device would keep pace with life; one is counted",
}


def machine_tables(document: Document) -> Group:
    """What training takes on a machine, and a year of running in real time after it."""
    shown = dict(shown_rows(document))
    bills = {name: row["machine"] for name, row in shown.items()}
    name = next(iter(bills.values()))["machine"]
    table = plain_table(
        f"\nOn {name}", "contender", "devices", "years on those", "for real time", "energy", "USD"
    )
    notes: dict[str, list[str]] = {}
    for row, contender in shown.items():
        bill = contender["machine"]
        table.add_row(
            row,
            _median(bill["devices_for_memory"]),
            years(bill["years_on_those"]["p50"]) if bill["years_on_those"] else "-",
            _median(bill["devices_in_real_time"]),
            *_bought(bill),
        )
        for note in _notes(contender):
            notes.setdefault(note, []).append(contender["name"])
    lines = [f"{', '.join(names)}: {note}" for note, names in notes.items()]
    lines.append(
        "devices: as many as hold the state; for real time: at least those, if the work divides "
        "perfectly and no network is in its way (halfbrain plan); assumptions and their sources: "
        "halfbrain explain CONTENDER --machine"
    )
    said = Text("\n".join(lines), style="dim")
    running = {name: bill["year_running"] for name, bill in bills.items() if bill["year_running"]}
    return Group(table, said, _year_table(running)) if running else Group(table, said)


def _year_table(running: dict[str, Document]) -> Table:
    table = plain_table(
        "\nA year of running in real time, nothing learnt",
        "contender",
        "devices",
        "asked for by",
        "energy",
        "USD",
    )
    for name, year in running.items():
        table.add_row(name, _median(year["devices"]), year["bound_by"], *_bought(year))
    return table


def _bought(bill: Document) -> tuple[str, str]:
    energy = bill["energy_joule"]
    return (
        prefixed(energy["p50"] / 3600, "Wh") if energy else "-",
        _median(bill["money_usd"]),
    )


def _notes(contender: Document) -> list[str]:
    """What is to be said of a contender's bill."""
    bill = contender["machine"]
    notes = []
    if bill["missing"]:
        notes.append(f"there is no {', '.join(bill['missing'])} of {bill['machine']}")
    wanted = f"peak_fp{bill['assumptions'][contender['name'] + '.precision']['low']:g}"
    if bill["peak"] not in (None, wanted):
        notes.append(f"at the {bill['peak']}, as there is no {wanted}")
    if bill["bound_by"] == "machine time":
        notes.append("the machine's time as it was counted, at all of the peak")
    return [*notes, *bill["notes"], *(_LESS_THAN_ONE[what] for what in bill["less_than_one"])]


def _median(spread_: Document | None) -> str:
    return short(spread_["p50"]) if spread_ else "-"
