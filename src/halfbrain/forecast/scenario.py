"""A scenario: what is asked (how large, how long) and what is assumed, over the facts' defaults."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from halfbrain.contenders.measured import Measured
from halfbrain.contenders.model import Range
from halfbrain.contenders.registry import contenders, derived, inputs
from halfbrain.errors import FactError, HalfbrainError, one_line, warn
from halfbrain.facts.interval import Interval, parse_interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import facts, read_toml
from halfbrain.facts.units import parse_unit, unit_text
from halfbrain.forecast.formula import COUNTINGS, Counting
from halfbrain.forecast.unheard import unheard

DEFAULT = "ours"
_USER = Origin("user", note="Set by the user.")
_ENTRY_KEYS = {"value", "unit", "fact", "note", "shape"}
# In a scenario all times are biological, so 'ms/step' and '15 year' mean what they say.
_WALL_TIME = re.compile(r"\b(?:(s|second|seconds)|(ms|millisecond|milliseconds)|(y|year|years))\b")


@dataclass(frozen=True)
class Setting:
    """What can be set: an input, or a value that is otherwise worked out."""

    name: str
    unit: str
    about: str
    range: Range = "positive"
    fact: str = ""


@lru_cache(maxsize=1)
def settings() -> dict[str, Setting]:
    """Everything that a scenario can set, by name."""
    out = {
        entry.name: Setting(entry.name, entry.unit, entry.about, entry.range, entry.fact)
        for entry in inputs().values()
    }
    for value in derived().values():
        out[value.name] = Setting(value.name, value.unit, value.about)
    for contender in contenders().values():
        name = contender.flop_per_neuron_second.name
        out[name] = Setting(
            name,
            "FLOP/neuron/bio_second",
            "operations for each neuron and second of biological time",
        )
    return out


@dataclass(frozen=True)
class Scenario:
    """Settings by name, and the way in which operations are counted.

    ``title`` and ``about`` are of the scenario as it was read; :attr:`heading` and :attr:`account`
    tell what was ``changed`` since. ``measured`` holds, by contender, what this machine's runs gave
    in place of the facts.
    """

    name: str
    title: str
    about: str = ""
    counting: Counting = "operations"
    given: Mapping[str, Quantity] = field(default_factory=dict)
    measured: Mapping[str, Measured] = field(default_factory=dict)
    changed: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The title, and whether the scenario is still that of the title."""
        return f"{self.title}, changed" if self.changed else self.title

    @property
    def account(self) -> str:
        """What the scenario is, what was changed in it first."""
        if not self.changed:
            return self.about
        changes = "; ".join(f"{name} = {_shown(name, self.given[name])}" for name in self.changed)
        return f"{changes}. {self.about}".strip()

    def inputs(self) -> dict[str, Quantity]:
        """Every input: as this scenario sets it, else as measured, else as the facts have it."""
        values = {
            entry.name: _from_fact(entry.fact, settings()[entry.name])
            for entry in inputs().values()
            if entry.name not in self.given
        }
        for found in self.measured.values():
            values |= found.inputs
        return {**values, **self.given}

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
        given = {**self.given, name: _read(name, value)}
        _tell_unheard(given, self.counting, before=self.given)
        others = tuple(other for other in self.changed if other != name)
        return replace(self, given=given, changed=(*others, name))

    def with_measured(self, found: Measured) -> Scenario:
        """The same scenario with one contender's figures as they were measured.

        Warns
        -----
        HalfbrainWarning
            where a figure that was measured hides what the scenario sets.
        """
        _tell_unheard(self.given, self.counting, before=self.given, measured=found.inputs)
        return replace(self, measured={**self.measured, found.contender: found})


def preset_names() -> list[str]:
    """The scenarios that halfbrain ships."""
    folder = files("halfbrain.forecast") / "scenarios"
    names = [
        path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml")
    ]
    return sorted(names, key=lambda name: (name != DEFAULT, name))


def load_scenario(name: str = DEFAULT) -> Scenario:
    """A shipped scenario by name, or one from a TOML file.

    Raises
    ------
    HalfbrainError
        in one line that names the file and the entry that is wrong.
    """
    if name in preset_names():
        file = f"{name}.toml"
        return _parse(name, file, read_toml(files("halfbrain.forecast") / "scenarios" / file))
    path = Path(name)
    if not name.endswith(".toml") and not path.exists():
        raise HalfbrainError(
            f"no scenario {name[:60]!r}; there are {', '.join(preset_names())}, or give a TOML file"
        )
    # With its ending, no file has the name of a scenario that halfbrain ships.
    return _parse(f"{path.name.removesuffix('.toml')}.toml", path.name, read_toml(path))


def _parse(name: str, file: str, entries: Mapping[str, Any]) -> Scenario:
    for key in entries:
        if key not in ("title", "about", "counting", "inputs"):
            raise FactError(
                f"{file}: unknown key {key[:40]!r}; known are title, about, counting, inputs"
            )
    for key in ("title", "about"):
        if not isinstance(entries.get(key, ""), str):
            raise FactError(f"{file}: {key} must be text in quotes")
    counting = entries.get("counting", "operations")
    if counting not in COUNTINGS:
        raise FactError(f"{file}: counting must be one of {', '.join(COUNTINGS)}")
    given = entries.get("inputs", {})
    if not isinstance(given, dict):
        raise FactError(f"{file}: inputs must be a table, [inputs]")
    try:
        values: dict[str, Quantity] = {}
        for key, value in _flat(given):
            if key in values:
                raise FactError(f"{key} stands twice, in two spellings; leave one of them")
            values[key] = _read(key, value)
    except FactError as error:
        raise FactError(f"{file}: {error}") from None
    _tell_unheard(values, counting, before=())
    return Scenario(
        name,
        one_line(entries.get("title", "")) or one_line(file),
        one_line(entries.get("about", "")),
        cast(Counting, counting),
        values,
    )


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


def _read(name: str, value: object) -> Quantity:
    if name not in settings():
        hint = _nearest(name)
        raise FactError(f"no input {name[:60]!r}{hint}; `halfbrain explain CONTENDER` shows them")
    setting = settings()[name]
    try:
        if not isinstance(value, dict):
            return _figure(value, "", setting, _USER)
        unknown = set(value) - _ENTRY_KEYS
        if unknown:
            raise FactError(
                f"unknown key {sorted(unknown)[0][:40]!r}; "
                f"known are {', '.join(sorted(_ENTRY_KEYS))}"
            )
        if any(
            not isinstance(value.get(key, ""), str) for key in ("unit", "fact", "note", "shape")
        ):
            raise FactError("unit, fact, note and shape must be text in quotes")
        note = one_line(value.get("note", ""))
        if "fact" in value:
            if {"value", "unit", "shape"} & set(value):
                raise FactError("give either a fact or a value, not both")
            quantity = _from_fact(value["fact"], setting)
            if note:
                assert quantity.origin is not None
                quantity = replace(quantity, origin=replace(quantity.origin, note=note))
            return quantity
        if "value" not in value:
            raise FactError("has neither a value nor a fact")
        if value.get("shape", "lognormal") not in ("lognormal", "fraction"):
            raise FactError("shape must be 'lognormal' or 'fraction'")
        return _figure(
            value["value"],
            value.get("unit", ""),
            setting,
            Origin("user", note=note or _USER.note),
            value.get("shape", ""),
        )
    except FactError as error:
        raise FactError(f"{name}: {error}") from None


def _figure(
    value: object, unit: str, setting: Setting, origin: Origin, shape: str = ""
) -> Quantity:
    interval, written = parse_interval(value)
    if unit and written:
        raise FactError("the unit stands twice")
    if unit or written:
        interval = interval.scaled(_factor(unit or written, setting.unit))
    if shape == "fraction":
        interval = replace(interval, shape="fraction")
    return Quantity.leaf(setting.name, _within(interval, setting), setting.unit, origin)


def _within(interval: Interval, setting: Setting) -> Interval:
    """The interval, if the setting may have it: wherever it came from."""
    if setting.range in ("share", "at most one"):
        interval = replace(interval, shape="fraction")
    lowest = 0.0 if setting.range in ("zero or more", "at most one") else 5e-324
    if interval.low < lowest:
        raise FactError(f"{interval} must be {'zero or more' if lowest == 0 else 'above zero'}")
    return interval


def _factor(written: str, unit: str) -> float:
    target = parse_unit(unit)
    for text in (written, _WALL_TIME.sub(_biological, written)):
        source = parse_unit(text)
        if source.is_compatible_with(target):
            return float(Quantity.leaf("", Interval(1, 1), source, _USER).to(target).factor)
    raise FactError(f"{written[:40]!r} is not a unit of {unit or 'a pure number'}")


def _biological(match: re.Match[str]) -> str:
    second, millisecond, _ = match.groups()
    return "bio_second" if second else "bio_millisecond" if millisecond else "bio_year"


def _from_fact(fact: str, setting: Setting) -> Quantity:
    figure = facts().get(fact)
    assert figure.interval is not None
    assert figure.origin is not None
    interval = _within(figure.interval.scaled(figure.to(setting.unit).factor), setting)
    return Quantity.leaf(setting.name, interval, setting.unit, replace(figure.origin, fact=fact))


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, settings(), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
