"""A .mod file's LINEAR blocks as PROCEDUREs in which the elimination is written out.

NEURON runs a mechanism with a LINEAR block on one thread only, and then keeps no voltage for each
place. CoreNEURON does, and so finds that NEURON's is another mechanism. Its translator (9.0.2)
besides writes a solver twice into the C++ of a file with a LINEAR block and a KINETIC or other
implicit one, where both have over three states, which no compiler takes. No option of either helps,
and as PROCEDUREs both take them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from halfbrain.nmodl.assembly import Assembly
from halfbrain.nmodl.parser import parse
from halfbrain.nmodl.printing import printed
from halfbrain.nmodl.reading import Reading
from halfbrain.nmodl.solving import Solver
from halfbrain.nmodl.tokens import Token, tokens
from halfbrain.nmodl.tree import Solve


def without_linear(text: str, file: Path) -> str:
    """The text with the same mechanism; all but those blocks, and what solves them, is as it was.

    Raises
    ------
    ModelError
        for a text that is not read.
    """
    words = tokens(text, file.name)
    blocks = {
        words[k + 1].text: (word, _end(words, k))
        for k, word in enumerate(words)
        if word.kind == "name" and word.text == "LINEAR"
    }
    changes = [
        (start.at, end.at + 1, _procedure(text, file, name))
        for name, (start, end) in blocks.items()
    ]
    for word, name in pairwise(words):
        if word.kind == "name" and word.text == "SOLVE" and name.text in blocks:
            changes.append((word.at, name.at + len(name.text), f"{name.text}()"))
    for start_at, end_at, new in sorted(changes, reverse=True):
        text = text[:start_at] + new + text[end_at:]
    return text


def _end(words: Sequence[Token], k: int) -> Token:
    """The brace that ends the block which begins with word ``k``."""
    depth = 0
    for word in words[k:]:
        depth += {"{": 1, "}": -1}.get(word.text, 0) if word.kind == "operator" else 0
        if word.text == "}" and depth == 0:
            break
    return word


def _procedure(text: str, file: Path, name: str) -> str:
    """The block with its states as what they are in terms of all else."""
    model = parse(text, file.name, file.parent)
    assembly = Assembly(model, Reading())
    run, states = assembly.execution(), assembly.variables.states
    Solver(run, states, "dt").solve(Solve(name, None, False, model.blocks[name].place))
    program = run.values.program({k: run.held[k] for k in states if run.held.get(k, k) != k})
    found = printed(program, f"{name}_")
    return f"PROCEDURE {name}() {{\n{found.body(found.outputs)}}}"
