"""The brackets of a Neurolucida ASC file, with their lines; how deep they go has no bound."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from halfbrain.errors import DataError

_TOKEN = re.compile(
    r"""(?P<line>\n) | (?P<space>[^\S\n]+|,|;[^\n]*) | (?P<quoted>"[^"\n]*") | (?P<open>[(<])
    | (?P<close>[)>]) | (?P<bar>\|) | (?P<word>[^\s(),;"<>|]+) | (?P<wrong>.)""",
    re.VERBOSE,
)
_PAIRS = {"(": ")", "<": ">"}
BAR = "|"


class Word(NamedTuple):
    """A number, name, quoted text (``quoted``) or bar, and its line."""

    text: str
    line: int
    quoted: bool = False


@dataclass
class Group:
    """What is between two brackets: ``kind`` is the opening one, ``(`` or ``<``."""

    kind: str
    line: int
    items: list[Word | Group] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The name that it begins with, unquoted; empty if it begins with anything else."""
        first = self.items[0] if self.items else None
        return first.text if isinstance(first, Word) and not first.quoted else ""

    @property
    def title(self) -> str | None:
        """The quoted text that it begins with."""
        first = self.items[0] if self.items else None
        return first.text if isinstance(first, Word) and first.quoted else None

    @property
    def branches(self) -> list[list[Word | Group]]:
        """Its items, parted at the bars."""
        parts: list[list[Word | Group]] = [[]]
        for item in self.items:
            if isinstance(item, Word) and item.text == BAR and not item.quoted:
                parts.append([])
            else:
                parts[-1].append(item)
        return parts


def groups(text: str, name: str) -> list[Group]:
    """The outermost brackets of a text; ``;`` begins a comment.

    Raises
    ------
    DataError
        one line for a bracket without its partner, or a word outside of all brackets.
    """
    whole = Group("", 0)
    inside = [whole]
    line = 1
    for found in _TOKEN.finditer(text):
        kind, word = found.lastgroup, found.group()
        if kind == "line":
            line += 1
        elif kind == "open":
            opened = Group(word, line)
            inside[-1].items.append(opened)
            inside.append(opened)
        elif kind == "close":
            closed = inside.pop()
            if _PAIRS.get(closed.kind) != word:
                what = (
                    f"'{closed.kind}' of line {closed.line}" if closed.kind else "none that is open"
                )
                raise DataError(f"{name}:{line}: '{word}' closes {what}; mend the brackets")
        elif kind == "wrong":
            raise DataError(f"{name}:{line}: a quoted text does not end in its line")
        elif kind != "space":
            if len(inside) == 1:
                raise DataError(f"{name}:{line}: {word[:30]!r} is outside of all brackets")
            quoted = kind == "quoted"
            inside[-1].items.append(Word(word[1:-1] if quoted else word, line, quoted))
    if len(inside) > 1:
        opened = inside[-1]
        raise DataError(
            f"{name}:{opened.line}: '{opened.kind}' is never closed; is the file truncated?"
        )
    return [item for item in whole.items if isinstance(item, Group)]
