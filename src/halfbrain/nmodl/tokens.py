"""NMODL text as tokens, each with its line; comments and unit switches are left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from halfbrain.errors import ModelError

Kind = Literal["name", "number", "operator", "text", "verbatim", "end"]
LONGEST = 1_000_000  # characters; the largest published files have some 50,000
_LONGEST_NAME = 100  # of them; lines of error hold names


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or sign, the line that it stands in, and at which character it begins."""

    kind: Kind
    text: str
    line: int
    file: str
    at: int

    @property
    def place(self) -> str:
        """File and line, as an error names them."""
        return f"{self.file}:{self.line}"


_FORM = re.compile(
    r"""(?P<space>[^\S\n]+)
    |(?P<newline>\n)
    |(?P<comment>[:?][^\n]*)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<text>"[^"\n]*")
    |(?P<operator><->|->|<<|<=|>=|==|!=|&&|\|\||.)
    """,
    re.VERBOSE | re.ASCII,
)
_ENDS = {"COMMENT": "ENDCOMMENT", "VERBATIM": "ENDVERBATIM"}
_TERM = re.compile(r"[^\S\n]*(\[[^\]\n]*\]|\w+:\w+)?")
_LEFT_OUT = ("UNITSON", "UNITSOFF")


def tokens(text: str, file: str) -> list[Token]:
    """The text's tokens; the last is of kind "end".

    Raises
    ------
    ModelError
        for a comment or C text that does not end, a text that is far too long, and names that we
        keep for ourselves.
    """
    if len(text) > LONGEST:
        raise ModelError(f"{file}: over {LONGEST} characters long, which no mechanism is")
    found: list[Token] = []
    at, line = 0, 1
    while at < len(text):
        match = _FORM.match(text, at)
        assert match is not None
        kind, word = match.lastgroup, match.group()
        start, at = at, match.end()
        if kind == "newline":
            line += 1
        elif word == "TITLE":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif word == "REPRESENTS":  # an ontology's term, whose colon begins no comment
            at = _TERM.match(text, at).end()  # type: ignore[union-attr]
        elif word in _ENDS:
            match_end = re.compile(rf"\b{_ENDS[word]}\b").search(text, at)
            if match_end is None:
                raise ModelError(f"{file}:{line}: {word} has no {_ENDS[word]}; add it")
            if word == "VERBATIM":
                found.append(Token("verbatim", text[at : match_end.start()], line, file, start))
            line += text.count("\n", at, match_end.end())
            at = match_end.end()
        elif kind == "name":
            if re.fullmatch(r"_\d+", word):
                raise ModelError(
                    f"{file}:{line}: {word[:40]!r} is no name; let it begin with a letter"
                )
            if len(word) > _LONGEST_NAME:
                raise ModelError(
                    f"{file}:{line}: {word[:40]!r}... has {len(word)} characters; a name has at "
                    f"most {_LONGEST_NAME}"
                )
            if word not in _LEFT_OUT:
                found.append(Token("name", word, line, file, start))
        elif kind in ("number", "text", "operator"):
            found.append(Token(kind, word, line, file, start))  # type: ignore[arg-type]
    found.append(Token("end", "the end of the file", line, file, at))
    return found
