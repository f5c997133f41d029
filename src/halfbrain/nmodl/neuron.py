"""The NEURON block: what a mechanism is called, and what it shares with others."""

from __future__ import annotations

from halfbrain.nmodl.cursor import Cursor
from halfbrain.nmodl.tokens import Token
from halfbrain.nmodl.tree import Model, UseIon


def neuron(cursor: Cursor, model: Model) -> None:
    """Read a NEURON block."""
    start = cursor.expect("{", "NEURON")
    model.has_neuron = True
    lists = {
        "NONSPECIFIC_CURRENT": model.nonspecific,
        "ELECTRODE_CURRENT": model.electrode,
        "RANGE": model.ranges,
        "GLOBAL": model.globals,
        "BBCOREPOINTER": model.streams,
        "RANDOM": model.streams,
    }
    kinds = {"SUFFIX": "density", "POINT_PROCESS": "point", "ARTIFICIAL_CELL": "artificial"}
    while not cursor.maybe("}"):
        token = cursor.take()
        if token.text in kinds:
            model.kind, model.place = kinds[token.text], token.place
            model.name = cursor.name("a mechanism's name")
        elif token.text in ("POINTER", "EXTERNAL"):
            names = cursor.names(f"a name after {token.text}")
            model.pointers |= dict.fromkeys(names, token.place)
        elif token.text in lists:
            lists[token.text] += cursor.names(f"a name after {token.text}")
        elif token.text == "USEION":
            model.ions.append(_ion(cursor, token))
        elif token.kind == "end":
            raise cursor.fail("the file ends inside NEURON; '}' is missing", start)
        elif token.text != "THREADSAFE":
            raise cursor.fail(f"{token.text[:40]!r} is nothing that a NEURON block holds", token)


def _ion(cursor: Cursor, token: Token) -> UseIon:
    name = cursor.name("an ion's name")
    reads: list[str] = []
    writes: list[str] = []
    valence = None
    own = (f"e{name}", f"i{name}", f"{name}i", f"{name}o")
    while cursor.token.text in ("READ", "WRITE", "VALENCE"):
        word = cursor.take()
        if word.text == "VALENCE":
            valence = int(cursor.number("VALENCE"))
        else:
            found = cursor.names(f"a variable of the ion {name}")
            for variable in found:
                if variable not in own:
                    raise cursor.fail(
                        f"{variable!r} is no variable of the ion {name}: {', '.join(own)} are", word
                    )
            (reads if word.text == "READ" else writes).extend(found)
    return UseIon(name, tuple(reads), tuple(writes), valence, token.place)
