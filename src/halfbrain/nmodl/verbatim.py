"""The few C texts in .mod files whose meaning is known: messages, stream bookkeeping, returns."""

from __future__ import annotations

import re

from halfbrain.nmodl.tree import LeftOut, Return, Statements, Verbatim

# Calls that change no variable of the mechanism.
_HARMLESS = (
    "if",
    "printf",
    "fprintf",
    "debug_printf",
    "fopen",
    "fclose",
    "fflush",
    "hoc_execerror",
    "nrnran123_setseq",
    "nrn_random_play",
    "return",
)
_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*|^\s*#[^\n]*$", re.DOTALL | re.MULTILINE)
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_WALKS = re.compile(r"\bIvocVect\b|\bvector_vec\b")
_PICKS = re.compile(r"\b(?:nrnran123_dblpick|nrn_random_pick|scop_random)\s*\(")


def code(text: str) -> str:
    """C text less comments and what stands in quotes."""
    return _STRINGS.sub('""', _COMMENTS.sub("", text))


def means_nothing(text: str) -> bool:
    """Whether C text only prints, or sets a random stream back to its start."""
    c = code(text)
    for file in re.findall(r"\bFILE\s*\*\s*(\w+)", c):
        c = re.sub(rf"\b{file}\s*=(?!=)", "", c)
    calls = set(re.findall(r"\b([A-Za-z_]\w*)\s*\(", c))
    sets = re.search(r"(?<![=!<>])=(?!=)|\+\+|--", c)
    return calls <= set(_HARMLESS) and sets is None and "goto" not in c


def taken_from_ions(text: str) -> list[str]:
    """The names that C text sets to the ions' variables of the same names, if it does only that.

    Before STATE variables were read so, files wrote ``cai = _ion_cai;`` in INITIAL.
    """
    parts = [part.strip() for part in code(text).split(";") if part.strip()]
    found = [re.fullmatch(r"(\w+)\s*=\s*_ion_(\w+)", part) for part in parts]
    names = [match[1] for match in found if match is not None and match[1] == match[2]]
    return names if len(names) == len(parts) else []


def draws_uniform(text: str) -> bool:
    """Whether C text picks a number of a stream."""
    return _PICKS.search(code(text)) is not None


def without_delay_vectors(statements: Statements) -> Statements:
    """Statements less the C that walks over vectors of delayed weights, to the end of that C.

    Such text (Blue Brain's synapses have it) opens a C loop in one VERBATIM block and closes it in
    another, so all between them goes. Without such vectors, as is usual, it does nothing.
    """
    walks = [
        i for i, s in enumerate(statements) if isinstance(s, Verbatim) and _WALKS.search(s.text)
    ]
    if not walks:
        return statements
    last = max(i for i, s in enumerate(statements) if isinstance(s, Verbatim | Return))
    begin, end = statements[walks[0]], statements[last]
    assert isinstance(begin, Verbatim)
    gone = LeftOut("vectors of delayed weights are taken as empty", begin.place)
    rest = (end,) if isinstance(end, Return) else ()
    return (*statements[: walks[0]], gone, *rest, *statements[last + 1 :])
