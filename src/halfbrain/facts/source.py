"""Where a figure came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Confidence = Literal[
    "read", "secondary", "computed", "recalled", "judgement", "counted", "measured", "user"
]
CONFIDENCES: tuple[str, ...] = ("read", "secondary", "computed", "recalled", "judgement")


@dataclass(frozen=True)
class Source:
    """A publication, data set or text that figures are taken from."""

    key: str
    authors: str
    year: int
    title: str
    link: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.authors} {self.year}"


@dataclass(frozen=True)
class Origin:
    """The origin of one figure: its sources, the place in them, and how sure we are."""

    confidence: Confidence
    sources: tuple[Source, ...] = ()
    where: str = ""
    note: str = ""
    fact: str = ""  # the name of the fact that a figure is, or was taken from

    def __str__(self) -> str:
        names = "; ".join(str(source) for source in self.sources)
        place = f", {self.where}" if self.where else ""
        return f"{names}{place} [{self.confidence}]".removeprefix(", ").strip()
