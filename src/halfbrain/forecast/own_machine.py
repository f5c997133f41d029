"""Machines: those of the facts, and one's own, read from a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from halfbrain.errors import FactError, HalfbrainError, one_line
from halfbrain.facts.interval import parse_interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import Item, facts, read_toml
from halfbrain.facts.units import parse_unit

PEAKS = {8: "peak_fp8", 16: "peak_fp16", 32: "peak_fp32", 64: "peak_fp64"}  # by bits
KINDS = ("gpu", "cpu", "tpu", "fpga", "neuromorphic", "supercomputer")
_FIGURES = {
    **dict.fromkeys(PEAKS.values(), "FLOP/second"),
    "memory": "byte",
    "bandwidth": "byte/second",
    "power": "watt",
    "power_with_cooling": "watt",
    "price": "USD",
    "network_latency": "second",
    "network_bandwidth": "byte/second",
    "devices_per_node": "device",
}
_TEXTS = ("title", "kind", "date", "network", "inside")
_ENTRY_KEYS = ("value", "unit", "note")


def machine(name: str) -> Item:
    """A machine of the facts by name, or one from a TOML file.

    Raises
    ------
    HalfbrainError
        naming the machines there are, or the entry of the file that is wrong.
    """
    known = [key for key, item in facts().tables["hardware"].items() if _computes(item)]
    if name in known:
        return facts().item("hardware", name)
    path = Path(name)
    if not name.endswith(".toml") and not path.is_file():
        raise HalfbrainError(
            f"no machine {name[:40]!r}; there are {', '.join(known)}, or give a TOML file"
        )
    # With its ending, no file has the name of a machine of the facts.
    key = one_line(f"{path.name.removesuffix('.toml')}.toml")
    return _own(key, read_toml(path))


def peak_of(item: Item, wanted: str) -> str | None:
    """The peak that bounds arithmetic in the format of ``wanted``.

    That figure, or the next wider format's where the facts have none: wider arithmetic can do it.
    """
    names = list(PEAKS.values())
    return next((name for name in names[names.index(wanted) :] if name in item.figures), None)


def _computes(item: Item) -> bool:
    """Whether the facts have a peak of it in operations a second; trends have theirs in years."""
    rate = parse_unit("FLOP/second")
    peaks = (item.figures[name] for name in PEAKS.values() if name in item.figures)
    return any(peak.unit.is_compatible_with(rate) for peak in peaks)


def _own(key: str, entries: Mapping[str, Any]) -> Item:
    figures, attributes = {}, {}
    for name, value in entries.items():
        if name in _TEXTS:
            if not isinstance(value, str) or not value.strip():
                raise FactError(f"{key}: {name} must be text in quotes")
            attributes[name] = one_line(value)
        elif name in _FIGURES:
            figures[name] = _figure(key, name, value)
        else:
            close = get_close_matches(name, (*_TEXTS, *_FIGURES), n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(_FIGURES)}"
            raise FactError(f"{key}: unknown key {name[:40]!r}; {hint}")
    if attributes.get("kind", KINDS[0]) not in KINDS:
        raise FactError(f"{key}: kind must be one of {', '.join(KINDS)}")
    links = facts().tables["networks"]
    for name in ("network", "inside"):
        if attributes.get(name, "") not in ("", *links):
            raise FactError(f"{key}: {name} must be one of {', '.join(links)}")
    if not set(figures) & set(PEAKS.values()):
        raise FactError(f"{key}: has no peak; give one of {', '.join(PEAKS.values())}")
    return Item("hardware", key, attributes.get("title", key), attributes, figures)


def _figure(key: str, name: str, value: object) -> Quantity:
    """A number in the facts' unit, a text with or without its unit, or a table of both."""
    try:
        note, unit = "", ""
        if isinstance(value, dict):
            for part in value:
                if part not in _ENTRY_KEYS:
                    raise FactError(
                        f"unknown key {part[:40]!r}; known are {', '.join(_ENTRY_KEYS)}"
                    )
            note, unit = (value.get(part, "") for part in ("note", "unit"))
            if not isinstance(note, str) or not isinstance(unit, str):
                raise FactError("unit and note must be text in quotes")
            if "value" not in value:
                raise FactError("has no value")
            value = value["value"]
        interval, written = parse_interval(value)
        if unit and written:
            raise FactError("the unit stands twice")
        if interval.low <= 0:
            raise FactError(f"{interval} must be above zero")
        origin = Origin("user", where=key, note=one_line(note))
        target, source = parse_unit(_FIGURES[name]), parse_unit(unit or written or _FIGURES[name])
        if not source.is_compatible_with(target):
            raise FactError(f"{(unit or written)[:40]!r} is not a unit of {_FIGURES[name]}")
        factor = Quantity.leaf("", interval, source, origin).to(target).factor
        return Quantity.leaf(f"{key}.{name}", interval.scaled(factor), target, origin)
    except FactError as error:
        raise FactError(f"{key}: {name}: {error}") from None
