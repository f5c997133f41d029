"""Reading the tables of facts: TOML in, checked figures out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, cast

from halfbrain.errors import FactError
from halfbrain.facts.interval import Shape, parse_interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import CONFIDENCES, Confidence, Origin, Source
from halfbrain.reading import file_bytes

_ITEM_TEXTS = {"title", "date", "hardware", "inside", "kind", "level", "network", "simulator"}
_ITEM_KEYS = _ITEM_TEXTS | {"plasticity", "source", "where", "confidence", "note"}
_FIGURE_KEYS = {"value", "unit", "source", "where", "confidence", "note", "shape"}


@dataclass(frozen=True)
class Item:
    """One thing in a table, such as a machine or a training run, with its figures by name."""

    table: str
    key: str
    title: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Quantity] = field(default_factory=dict)

    def figure(self, name: str) -> Quantity:
        """The figure called ``name``."""
        if name not in self.figures:
            raise FactError(
                f"{self.table}.{self.key} has no figure {name!r}; "
                f"it has {', '.join(self.figures) or 'none'}"
            )
        return self.figures[name]


class Facts:
    """All tables of facts; a figure's name is ``table.item.figure``."""

    def __init__(
        self, tables: Mapping[str, Mapping[str, Item]], sources: Mapping[str, Source]
    ) -> None:
        self.tables = tables
        self.sources = sources

    def item(self, table: str, key: str) -> Item:
        """One item, such as ``item("hardware", "h100")``."""
        items = self.tables.get(table, {})
        if key not in items:
            raise FactError(f"no {key!r} in {table}; there are {', '.join(items) or 'none'}")
        return items[key]

    def get(self, name: str) -> Quantity:
        """The figure called ``table.item.figure``."""
        parts = name.split(".")
        if len(parts) != 3:
            raise FactError(f"{name!r} is not the name of a figure; names are TABLE.ITEM.FIGURE")
        return self.item(parts[0], parts[1]).figure(parts[2])

    def find(self, name: str) -> list[Quantity]:
        """The figures of a table or item, or those whose name holds ``name``.

        Raises
        ------
        FactError
            if there are none.
        """
        figures = list(self.figures())
        if not name:
            return figures
        for chosen in (
            [f for f in figures if f"{f.name}.".startswith(f"{name}.")],
            [f for f in figures if name.lower() in f.name],
        ):
            if chosen:
                return chosen
        raise FactError(f"no facts under {name[:60]!r}; the tables are {', '.join(self.tables)}")

    def figures(self) -> Iterator[Quantity]:
        """Every figure, table by table."""
        for items in self.tables.values():
            for item in items.values():
                yield from item.figures.values()


@lru_cache(maxsize=1)
def facts() -> Facts:
    """The facts that halfbrain ships."""
    return load(files("halfbrain.facts") / "data")


def load(folder: Traversable | Path) -> Facts:
    """Read every ``*.toml`` file of a folder.

    ``sources*.toml`` hold sources; of the others, ``hardware.toml`` and ``hardware-more.toml``
    both add to the table ``hardware``.

    Raises
    ------
    FactError
        naming the file and the figure, if anything is missing, misspelt or out of range.
    """
    paths = sorted(
        (path for path in folder.iterdir() if path.name.endswith(".toml")),
        key=lambda path: path.name,
    )
    sources: dict[str, Source] = {}
    for path in paths:
        if path.name.startswith("sources"):
            for key, entry in read_toml(path).items():
                if key in sources:
                    raise FactError(f"{path.name}: source {key!r} is there already")
                sources[key] = _source(path.name, key, entry)
    tables: dict[str, dict[str, Item]] = {}
    for path in paths:
        if not path.name.startswith("sources"):
            table = path.name.removesuffix(".toml").split("-")[0]
            items = tables.setdefault(table, {})
            for key, entry in read_toml(path).items():
                if key in items:
                    raise FactError(f"{path.name}: {key!r} is there already")
                items[key] = _item(path.name, table, key, entry, sources)
    return Facts(tables, sources)


def read_toml(path: Traversable | Path) -> dict[str, Any]:
    """Parse a TOML file; a fault is one line that names the file and the place."""
    try:
        content = file_bytes(path) if isinstance(path, Path) else path.read_bytes()
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise FactError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise FactError(f"{path.name}: is not UTF-8 text") from None
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else "nested too deeply"
        raise FactError(f"{path.name}: is not TOML: {reason}") from None


def _item(file: str, table: str, key: str, entry: object, sources: Mapping[str, Source]) -> Item:
    place = f"{file}: {key}"
    if not isinstance(entry, dict):
        raise FactError(f"{place}: must be a table with a title and figures")
    title = entry.get("title")
    if not isinstance(title, str) or not title:
        raise FactError(f"{place}: has no title")
    attributes = {}
    figures = {}
    for name, value in entry.items():
        if name in _ITEM_KEYS:
            if name in _ITEM_TEXTS and not isinstance(value, str):
                raise FactError(f"{place}.{name}: must be text in quotes")
            attributes[name] = value
        elif isinstance(value, dict):
            figures[name] = figure(
                f"{place}.{name}", f"{table}.{key}.{name}", {**_defaults(entry), **value}, sources
            )
        else:
            raise FactError(
                f"{place}.{name}: a figure is written {{ value = ..., unit = ..., source = ... }}"
            )
    return Item(table, key, title, attributes, figures)


def _defaults(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("source", "where", "confidence") if name in entry}


def figure(
    place: str, name: str, entry: Mapping[str, Any], sources: Mapping[str, Source]
) -> Quantity:
    """Check one figure; ``place`` begins the message if something is wrong with it."""
    for key in entry:
        if key not in _FIGURE_KEYS:
            raise FactError(
                f"{place}: unknown key {key!r}; known are {', '.join(sorted(_FIGURE_KEYS))}"
            )
    for key in ("value", "unit", "source", "confidence"):
        if key not in entry:
            raise FactError(f"{place}: has no {key}")
    for key in ("unit", "where", "note"):
        if not isinstance(entry.get(key, ""), str):
            raise FactError(f"{place}: {key} must be text in quotes")
    if entry["confidence"] not in CONFIDENCES:
        raise FactError(f"{place}: confidence must be one of {', '.join(CONFIDENCES)}")
    shape = entry.get("shape", "lognormal")
    if shape not in ("lognormal", "fraction"):
        raise FactError(f"{place}: shape must be 'lognormal' or 'fraction'")
    keys = entry["source"] if isinstance(entry["source"], list) else [entry["source"]]
    for key in keys:
        if not isinstance(key, str) or key not in sources:
            raise FactError(f"{place}: source {str(key)[:40]!r} is not in sources.toml")
    if not keys:
        raise FactError(f"{place}: has no source")
    try:
        interval, written = parse_interval(entry["value"], cast(Shape, shape))
        if written:
            raise FactError("the unit belongs in 'unit', not in 'value'")
        origin = Origin(
            cast(Confidence, entry["confidence"]),
            tuple(sources[key] for key in keys),
            entry.get("where", ""),
            entry.get("note", ""),
            fact=name,
        )
        return Quantity.leaf(name, interval, entry["unit"], origin)
    except FactError as error:
        raise FactError(f"{place}: {error}") from None


def _source(file: str, key: str, entry: object) -> Source:
    place = f"{file}: {key}"
    if not isinstance(entry, dict):
        raise FactError(f"{place}: must be a table with authors, year and title")
    known = {"authors": str, "year": int, "title": str, "doi": str, "url": str, "note": str}
    for name, value in entry.items():
        if name not in known:
            raise FactError(f"{place}: unknown key {name!r}; known are {', '.join(known)}")
        if not isinstance(value, known[name]) or isinstance(value, bool):
            raise FactError(
                f"{place}.{name}: must be {'a whole number' if name == 'year' else 'text'}"
            )
    for name in ("authors", "year", "title"):
        if name not in entry:
            raise FactError(f"{place}: has no {name}")
    if not entry.get("doi") and not entry.get("url"):
        raise FactError(f"{place}: has no doi and no url")
    link = f"https://doi.org/{entry['doi']}" if entry.get("doi") else entry["url"]
    return Source(key, entry["authors"], entry["year"], entry["title"], link, entry.get("note", ""))
