"""C text that says what NMODL could: assignments, if and switch over the file's own variables."""

from __future__ import annotations

import re

from halfbrain.nmodl.verbatim import code

# What means something else in C, or names of what NEURON makes of the file. Declarations and
# pointers are left to the parser, which finds no statement in them.
_OTHER = re.compile(
    r"""->|(?<!&)&(?!&)|[\^%#~?'"]|\+\+|--|[-+*/]=|\b_(?!l)\w|[A-Za-z_]\s*\.\s*[A-Za-z_]"""
)
_WHOLE_QUOTIENT = re.compile(r"/\s*\d+(?![\d.eE])")  # of whole numbers, perhaps
_SET_INSIDE = re.compile(r"if\s*\(\s*\((\w+(?:\[\w+\])?)\s*=(?!=)\s*([^=;]*?)\)\s*([<>])")
_SWITCH = re.compile(r"switch\s*\(\s*(\w+)\s*\)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")


def as_nmodl(text: str) -> str | None:
    """The same as NMODL statements, or None where it is more than that."""
    text = code(text)
    if _OTHER.search(text) or _WHOLE_QUOTIENT.search(text) or "=" not in text:
        return None
    text = _SET_INSIDE.sub(r"\1 = \2; if (\1 \3", re.sub(r"\b_l(?=\w)", "", text))
    text = _SWITCH.sub(lambda match: _branches(match[1], match[2]), text)
    if re.search(r"[:]|\b(?:switch|case|break|return|goto|for|while|do)\b", text):
        return None
    return text.replace(";", " ")


def _branches(by: str, body: str) -> str:
    """Cases that each end in a break, as an if; what is otherwise is left as it was."""
    before, *parts = re.split(r"\bcase\s+(-?\d+)\s*:", body)
    ends = [re.sub(r"\s*\bbreak\s*;\s*$", "", part) for part in parts[1::2]]
    broken = [end != part for end, part in zip(ends, parts[1::2], strict=True)]
    if before.strip() or not all(broken[:-1]):
        return "switch"
    cases = [f"if ({by} == {n}) {{ {end} }}" for n, end in zip(parts[::2], ends, strict=True)]
    return " else ".join(cases)
