"""A scenario with what a question sets in it, on the command line or in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from halfbrain.contenders.registry import contender as known
from halfbrain.contenders.registry import rows
from halfbrain.contenders.runs.catalogue import ENGINES, measure
from halfbrain.errors import HalfbrainError, MissingError, warn
from halfbrain.forecast.assumption import assumptions
from halfbrain.forecast.scenario import Scenario, load_scenario
from halfbrain.forecast.unheard import bears_on, switched_off

Progress = Callable[[str, float], object]  # what is measured, and the share of it that is done


def scenario_of(
    named: str | Scenario,
    published: bool,
    settings: Mapping[str, object],
    names: list[str],
    ties: Iterable[tuple[str, object]] = (),
) -> Scenario:
    """A scenario with what is set in it; what bears on none of some contenders is said.

    Raises
    ------
    HalfbrainError
        one line: no such scenario, setting or tie, or a value that cannot be.
    """
    chosen = load_scenario(named) if isinstance(named, str) else named
    if published:
        chosen = chosen.published()
    shown = [row for row in rows().values() if {row.name, row.under} & set(names)]
    for name, value in settings.items():
        chosen = chosen.with_setting(name, value)
        if not any(bears_on(name, row) for row in shown):
            warn(f"{name} does not change anything of {', '.join(names)}")
    before = chosen.ties
    chosen = chosen.with_ties(ties)
    for tie in chosen.ties:
        meets = any(all(bears_on(name, row) for name in tie.names) for row in shown)
        if tie not in before and not meets:
            warn(f"the tie of {tie} does not change anything of {', '.join(names)}")
    for name in settings:
        if off := switched_off(name, chosen.inputs(), shown):
            warn(f"{name} does not change anything while {' and '.join(off)} = 0")
    return chosen


def tell_bill(settings: Iterable[str], machine: str | None) -> None:
    """Say what was set of a bill that is not asked for."""
    for name in settings:
        if machine is None and name in assumptions():
            warn(f"{name} changes the bill alone, which a machine asks for")


def measured(scenario: Scenario, names: list[str], progress: Progress | None = None) -> Scenario:
    """The scenario with the figures of those contenders that can be run, as they cost here.

    Raises
    ------
    HalfbrainError
        one line, where none of them can be run.

    Warns
    -----
    HalfbrainWarning
        where a package is missing; the contender's figures stay those that ship.
    """
    chosen = [name for name in ENGINES if name in families(names)]
    if not chosen:
        raise HalfbrainError(
            f"measure: nothing can be run of {', '.join(names)}; "
            f"there is an engine for {', '.join(ENGINES)}"
        )
    for name in chosen:
        try:
            found = measure(name, progress or (lambda what, done: None))
            scenario = scenario.with_measured(found)
        except MissingError as error:
            warn(f"measure: {error}; its figures stay those that ship")
    return scenario


def families(names: Iterable[str]) -> list[str]:
    """The contenders of rows, an alternative's among them, each once."""
    return list(dict.fromkeys(known(name).under or name for name in names))
