"""What can be recorded: the variables of compartments and of mechanisms that a user can name."""

from __future__ import annotations

from collections.abc import Sequence

from halfbrain.engine.cable.unit import Unit
from halfbrain.errors import RunError
from halfbrain.program.mechanism import Mechanism


def address_of(unit: Unit, lane: int, place: int, variable: str, mechanism: int | None) -> int:
    """Where a variable of a compartment is, or of a place of a mechanism of the cell in a lane.

    Raises
    ------
    RunError
        if there is no such variable. Sums of currents are the solver's, and are none.
    """
    if mechanism is not None:
        table = unit.table_of(lane, mechanism, place)
        return unit.row_address(mechanism, _row(table.mechanism, table.rows, variable), lane, place)
    known = "v", *unit.ions.kept
    if variable not in known:
        raise RunError(
            f"no variable {variable[:40]!r} of compartments is recorded; "
            f"of this cell {', '.join(known)} change"
        )
    return unit.node_address(variable, lane, place)


def _row(mechanism: Mechanism, rows: Sequence[str], variable: str) -> str:
    """The row of a variable by the name that the mechanism's file gives it.

    Raises
    ------
    RunError
        if it is none that is kept for each place.
    """
    names = {row: row for row in rows if " " not in row}  # rows with one are the engine's
    names |= {row.removeprefix("own_"): row for row in mechanism.rows}
    if variable not in names and variable not in names.values():
        raise RunError(
            f"no variable {variable[:40]!r} of {mechanism.name} is kept for each place; "
            f"there are: {', '.join(sorted(names)) or 'none'}; one that the file sets is with "
            "read_mechanism(..., keep=[...])"
        )
    return names.get(variable, variable)
