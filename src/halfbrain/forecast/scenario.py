"""A scenario: what is asked (how large, how long) and what is assumed, over the facts' defaults."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, cast, get_args

from halfbrain.contenders.counted import counted
from halfbrain.contenders.measured import Measured
from halfbrain.contenders.registry import contenders, derived, inputs
from halfbrain.errors import FactError, one_line, warn
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.units import unit_text
from halfbrain.forecast.formula import COUNTINGS, Counting
from halfbrain.forecast.setting import as_published, read
from halfbrain.forecast.shipped import Shelf
from halfbrain.forecast.ties import Tie, read_ties, tied
from halfbrain.forecast.unheard import unheard

DEFAULT = "ours"
_SHELF = Shelf("scenarios", "scenario", DEFAULT)
Figures = Literal["counted", "published"]
FIGURES: tuple[Figures, ...] = get_args(Figures)
_KEYS = ("title", "about", "counting", "figures", "inputs", "ties")


@dataclass(frozen=True)
class Scenario:
    """Settings by name, and the way in which operations are counted.

    ``figures`` says what the cost terms rest on where nothing is set: what was ``counted`` in the
    contenders' own runs, or what is ``published``. ``title`` and ``about`` are of the scenario as
    it was read; :attr:`heading` and :attr:`account` tell what was ``changed`` since. ``measured``
    holds, by contender, what this machine's runs gave in place of both. ``ties`` correlate inputs.
    """

    name: str
    title: str
    about: str = ""
    counting: Counting = "operations"
    figures: Figures = "counted"
    given: Mapping[str, Quantity] = field(default_factory=dict)
    measured: Mapping[str, Measured] = field(default_factory=dict)
    ties: tuple[Tie, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The title, and whether the scenario is still that of the title."""
        return f"{self.title}, changed" if self.changed else self.title

    def published(self) -> Scenario:
        """The same scenario resting on published figures alone, as before anything was counted."""
        if self.figures == "published":
            return self
        title = f"{self.title}, on published figures"
        return replace(self, name=f"{self.name}-published", title=title, figures="published")

    @property
    def account(self) -> str:
        """What the scenario is, what was changed in it first."""
        if not self.changed:
            return self.about
        ties = {tie.name: f"{tie.correlation:g}" for tie in self.ties}
        changes = "; ".join(
            f"{name} = {ties[name] if name in ties else _shown(name, self.given[name])}"
            for name in self.changed
        )
        return f"{changes}. {self.about}".strip()

    def inputs(self) -> dict[str, Quantity]:
        """Every input: as set here, else measured, else counted, else as the facts have it.

        Raises
        ------
        FactError
            if ties contradict each other.
        """
        return dict(self._inputs)

    @cached_property
    def _inputs(self) -> dict[str, Quantity]:
        values = {
            entry.name: as_published(entry.name)
            for entry in inputs().values()
            if entry.name not in self.given
        }
        if self.figures == "counted":
            values |= _counted(self.given)
        for found in self.measured.values():
            values |= found.inputs
        return tied({**values, **self.given}, self.ties)

    def with_setting(self, name: str, value: object) -> Scenario:
        """The same scenario with one value set, from text or a number.

        Raises
        ------
        HalfbrainError
            if there is no such name, or the value is no figure in its unit and range.

        Warns
        -----
        HalfbrainWarning
            where this, or a setting that this one hides, does not change a result.
        """
        given = {**self.given, name: read(name, value)}
        _tell_unheard(given, self.counting, before=self.given)
        others = tuple(other for other in self.changed if other != name)
        chosen = replace(self, given=given, changed=(*others, name))
        for tie in self.ties:
            if name in tie.names and not given[name].uncertain:
                warn(f"{name} is certain now, so it is not tied: {tie}")
        return chosen

    def with_ties(self, given: Iterable[tuple[str, object]]) -> Scenario:
        """The same scenario with inputs tied, as ``("firing_rate, spiking.step", -0.5)``.

        Raises
        ------
        FactError
            if these are not two uncertain inputs each, or cannot be tied so.
        """
        new = read_ties(given, self.inputs())
        names = [tie.name for tie in new]
        kept = tuple(tie for tie in self.ties if tie.name not in names)
        others = tuple(name for name in self.changed if name not in names)
        chosen = replace(self, ties=(*kept, *new), changed=(*others, *names))
        chosen.inputs()  # ties that contradict each other are refused here, not later
        return chosen

    def with_measured(self, found: Measured) -> Scenario:
        """The same scenario with one contender's figures as they were measured.

        Warns
        -----
        HalfbrainWarning
            where a figure that was measured hides what the scenario sets.
        """
        _tell_unheard(self.given, self.counting, before=self.given, measured=found.inputs)
        return replace(self, measured={**self.measured, found.contender: found})


def _counted(given: Collection[str]) -> dict[str, Quantity]:
    """Every figure that was counted, but those worked out from what is ``given``."""
    found: dict[str, Quantity] = {}
    for contender in contenders().values():
        counts = counted(contender)
        found |= counts.inputs if counts else {}
    hidden = {name for name, value in derived().items() if set(value.names) & set(given)}
    return {name: value for name, value in found.items() if name not in hidden}


def preset_names() -> list[str]:
    """The scenarios that halfbrain ships."""
    return _SHELF.names()


def load_scenario(name: str = DEFAULT) -> Scenario:
    """A shipped scenario by name, or one from a TOML file.

    Raises
    ------
    HalfbrainError
        in one line that names the file and the entry that is wrong.
    """
    found = _SHELF.read(name)
    scenario = _parse(found.name, found.file, found.entries)
    if not found.ships:
        _tell_unheard(scenario.given, scenario.counting, before=())
    return scenario


def _parse(name: str, file: str, entries: Mapping[str, Any]) -> Scenario:
    for key in entries:
        if key not in _KEYS:
            raise FactError(f"{file}: unknown key {key[:40]!r}; known are {', '.join(_KEYS)}")
    for key in ("title", "about"):
        if not isinstance(entries.get(key, ""), str):
            raise FactError(f"{file}: {key} must be text in quotes")
    counting = entries.get("counting", "operations")
    if counting not in COUNTINGS:
        raise FactError(f"{file}: counting must be one of {', '.join(COUNTINGS)}")
    figures = entries.get("figures", "counted")
    if figures not in FIGURES:
        raise FactError(f"{file}: figures must be one of {', '.join(FIGURES)}")
    given, between = entries.get("inputs", {}), entries.get("ties", {})
    for key, table in (("inputs", given), ("ties", between)):
        if not isinstance(table, dict):
            raise FactError(f"{file}: {key} must be a table, [{key}]")
    try:
        values: dict[str, Quantity] = {}
        for key, value in _flat(given):
            if key in values:
                raise FactError(f"{key} stands twice, in two spellings; leave one of them")
            values[key] = read(key, value)
        scenario = Scenario(
            name,
            one_line(entries.get("title", "")) or one_line(file),
            one_line(entries.get("about", "")),
            cast(Counting, counting),
            cast(Figures, figures),
            values,
        )
        ties = read_ties(between.items(), scenario.inputs())
        scenario = replace(scenario, ties=tuple(ties))
        scenario.inputs()
    except FactError as error:
        raise FactError(f"{file}: {error}") from None
    return scenario


def _tell_unheard(
    given: Collection[str],
    counting: Counting,
    before: Collection[str],
    measured: Collection[str] = (),
) -> None:
    """Warn of what is set in vain, but was not ``before``."""
    known = unheard(before, counting)
    for name, message in unheard({*given, *measured}, counting).items():
        if name in given and known.get(name) != message:
            warn(message)


def _shown(name: str, figure: Quantity) -> str:
    """A figure as one writes it: ``0.1 to 1 per second``; the unit where the name has it not."""
    unit = re.sub(r"^1/", "per ", unit_text(figure.unit).replace("bio_", ""))
    number = re.sub(r"e\+?(-?)0*", r"e\1", str(figure.interval))
    return number if unit in name or unit == "dimensionless" else f"{number} {unit}"


def _flat(table: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """``spiking.step = ...`` and ``[inputs.spiking] step = ...`` alike, by full name."""
    out: list[tuple[str, Any]] = []
    for key, value in table.items():
        if isinstance(value, dict) and not (set(value) & {"value", "fact"}):
            out += [(f"{key}.{inner}", entry) for inner, entry in value.items()]
        else:
            out.append((key, value))
    return out
