"""What a scenario can set: every input by name, its unit and range, and how a figure is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from halfbrain.contenders.model import Range
from halfbrain.contenders.registry import derived, inputs, rows
from halfbrain.errors import FactError, one_line
from halfbrain.facts.interval import Interval, parse_interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import facts
from halfbrain.facts.units import parse_unit
from halfbrain.forecast.assumption import assumptions

USER = Origin("user", note="Set by the user.")
_WIDTHS = (8, 16, 32, 64)
_ENTRY_KEYS = {"value", "unit", "fact", "note", "shape"}
# In a scenario all times are biological, so 'ms/step' and '15 year' mean what they say.
_WALL_TIME = re.compile(r"\b(?:(s|second|seconds)|(ms|millisecond|milliseconds)|(y|year|years))\b")


@dataclass(frozen=True)
class Setting:
    """What can be set: an input, an assumption of a bill, or a value that is worked out."""

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
        for entry in (*inputs().values(), *assumptions().values())
    }
    for value in derived().values():
        out[value.name] = Setting(value.name, value.unit, value.about)
    for contender in rows().values():
        name = contender.flop_per_neuron_second.name
        out[name] = Setting(
            name,
            "FLOP/neuron/bio_second",
            "operations for each neuron and second of biological time",
        )
    return out


@lru_cache(maxsize=1024)
def as_published(name: str) -> Quantity:
    """An input as the facts have it."""
    return from_fact(inputs()[name].fact, settings()[name])


def setting(name: str) -> Setting:
    """What can be set under a name.

    Raises
    ------
    FactError
        if there is nothing.
    """
    if name not in settings():
        hint = _nearest(name)
        raise FactError(f"no input {name[:60]!r}{hint}; `halfbrain explain CONTENDER` shows them")
    return settings()[name]


def read(name: str, value: object) -> Quantity:
    """A setting's figure from text, a number, a fact, or a table as a scenario's file has it.

    Raises
    ------
    FactError
        if there is no such name, or the value is no figure in its unit and range.
    """
    known = setting(name)
    try:
        if isinstance(value, Quantity):
            return from_fact(value.name, known)
        if not isinstance(value, dict):
            return figure(value, "", known, USER)
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
            quantity = from_fact(value["fact"], known)
            if note:
                assert quantity.origin is not None
                quantity = replace(quantity, origin=replace(quantity.origin, note=note))
            return quantity
        if "value" not in value:
            raise FactError("has neither a value nor a fact")
        if value.get("shape", "lognormal") not in ("lognormal", "fraction"):
            raise FactError("shape must be 'lognormal' or 'fraction'")
        return figure(
            value["value"],
            value.get("unit", ""),
            known,
            Origin("user", note=note or USER.note),
            value.get("shape", ""),
        )
    except FactError as error:
        raise FactError(f"{name}: {error}") from None


def figure(value: object, unit: str, setting: Setting, origin: Origin, shape: str = "") -> Quantity:
    """A setting's figure from a number or text, in ``unit`` where the text has none.

    Raises
    ------
    FactError
        if it is no figure in the setting's unit and range.
    """
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
    if setting.range == "8, 16, 32 or 64" and not (interval.certain and interval.low in _WIDTHS):
        raise FactError(f"{interval} must be {setting.range}")
    if setting.range == "one or more" and interval.low < 1:
        raise FactError(f"{interval} must be one or more")
    lowest = 0.0 if setting.range in ("zero or more", "at most one") else 5e-324
    if interval.low < lowest:
        raise FactError(f"{interval} must be {'zero or more' if lowest == 0 else 'above zero'}")
    return interval


def _factor(written: str, unit: str) -> float:
    target = parse_unit(unit)
    for text in (written, _WALL_TIME.sub(_biological, written)):
        source = parse_unit(text)
        if source.is_compatible_with(target):
            return float(Quantity.leaf("", Interval(1, 1), source, USER).to(target).factor)
    raise FactError(f"{written[:40]!r} is not a unit of {unit or 'a pure number'}")


def _biological(match: re.Match[str]) -> str:
    second, millisecond, _ = match.groups()
    return "bio_second" if second else "bio_millisecond" if millisecond else "bio_year"


def from_fact(fact: str, setting: Setting) -> Quantity:
    """A setting's figure as a fact has it.

    Raises
    ------
    FactError
        if there is no such fact, or the setting may not have it.
    """
    figure = facts().get(fact)
    assert figure.interval is not None
    assert figure.origin is not None
    interval = _within(figure.interval.scaled(figure.to(setting.unit).factor), setting)
    return Quantity.leaf(setting.name, interval, setting.unit, figure.origin)


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, settings(), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
