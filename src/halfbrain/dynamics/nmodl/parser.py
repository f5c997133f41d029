"""A .mod file's text -> its tree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from halfbrain.dynamics.nmodl.cursor import Cursor
from halfbrain.dynamics.nmodl.statements import length, statements
from halfbrain.dynamics.nmodl.tokens import Token, tokens
from halfbrain.dynamics.nmodl.tree import Block, Declared, Model, UseIon
from halfbrain.dynamics.nmodl.units import constant
from halfbrain.errors import ModelError

_MOST_INCLUDED = 20
_SKIPPED = ("INDEPENDENT", "CONSTRUCTOR", "DESTRUCTOR")
_NAMED = ("DERIVATIVE", "KINETIC", "LINEAR", "PROCEDURE", "FUNCTION")
_REFUSED = {
    "FUNCTION_TABLE": "a FUNCTION_TABLE is filled by the user's program, which is not read",
    "NONLINEAR": "NONLINEAR blocks are not read; write a DERIVATIVE or KINETIC block",
    "DISCRETE": "DISCRETE blocks are not read",
    "PARTIAL": "PARTIAL blocks are not read",
    "BEFORE": "BEFORE blocks are not read",
    "AFTER": "AFTER blocks are not read",
}


def parse(text: str, file: str, folder: Path | None) -> Model:
    """The tree of a file's text; files that it INCLUDEs lie in ``folder``.

    Raises
    ------
    ModelError
        one line with file and line.
    """
    cursor = Cursor(tokens(text, file))
    model = Model(file)
    included = 0
    while cursor.token.kind != "end":
        token = cursor.take()
        if token.kind == "verbatim":
            continue
        if token.text == "INCLUDE":
            included += 1
            if included > _MOST_INCLUDED:
                raise cursor.fail(f"over {_MOST_INCLUDED} files are included", token)
            cursor.tokens[cursor.at : cursor.at + 1] = _included(cursor, token, folder)
        elif token.text in _REFUSED:
            raise cursor.fail(_REFUSED[token.text], token)
        elif token.text in _SKIPPED:
            _skip(cursor, token)
        elif token.text in _NAMED:
            _block(cursor, model, token)
        elif token.text in _TOP:
            _TOP[token.text](cursor, model)
        else:
            raise cursor.fail(f"no block begins with {token.text[:40]!r}", token)
    if not model.name:
        raise ModelError(
            f"{file}:1: no SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL is named; add a NEURON block"
        )
    return model


def _included(cursor: Cursor, token: Token, folder: Path | None) -> list[Token]:
    if cursor.token.kind != "text":
        raise cursor.fail("INCLUDE needs a file's name in quotes", token)
    name = cursor.token.text.strip('"')
    if folder is None:
        raise cursor.fail(f"INCLUDE {name!r}: a text has no folder to look in", token)
    try:
        if not (folder / name).is_file():  # a device may have no end
            raise FileNotFoundError
        text = (folder / name).read_text("utf-8", errors="replace")
    except (OSError, ValueError):
        raise cursor.fail(f"INCLUDE {name!r}: no such file beside this one", token) from None
    return tokens(text, name)[:-1]


def _skip(cursor: Cursor, start: Token) -> None:
    cursor.expect("{", start.text)
    depth = 1
    while depth:
        token = cursor.take()
        if token.kind == "end":
            raise cursor.fail(f"the file ends inside {start.text}; '}}' is missing", start)
        depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "operator" else 0


def _block(cursor: Cursor, model: Model, token: Token) -> None:
    name = cursor.name(f"the name of a {token.text}")
    parameters = _parameters(cursor) if cursor.token.text == "(" else ()
    cursor.unit()
    if name in model.blocks:
        raise cursor.fail(f"{name!r} is there twice; take one away", token)
    body = statements(cursor, f"{token.text} {name}")
    model.blocks[name] = Block(token.text, name, parameters, body, token.place)


def _parameters(cursor: Cursor) -> tuple[str, ...]:
    cursor.expect("(", "a block")
    found: list[str] = []
    while not cursor.maybe(")"):
        if found:
            cursor.expect(",", "a list of parameters")
        found.append(cursor.name("a parameter's name"))
        cursor.unit()
    return tuple(found)


def _neuron(cursor: Cursor, model: Model) -> None:
    start = cursor.expect("{", "NEURON")
    lists = {
        "NONSPECIFIC_CURRENT": model.nonspecific,
        "ELECTRODE_CURRENT": model.electrode,
        "RANGE": model.ranges,
        "GLOBAL": model.globals,
        "POINTER": model.pointers,
        "BBCOREPOINTER": model.streams,
        "RANDOM": model.streams,
        "EXTERNAL": model.pointers,
    }
    kinds = {"SUFFIX": "density", "POINT_PROCESS": "point", "ARTIFICIAL_CELL": "artificial"}
    while not cursor.maybe("}"):
        token = cursor.take()
        if token.text in kinds:
            model.kind, model.place = kinds[token.text], token.place
            model.name = cursor.name("a mechanism's name")
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
    while cursor.token.text in ("READ", "WRITE", "VALENCE", "REPRESENTS"):
        word = cursor.take()
        if word.text == "VALENCE":
            valence = int(cursor.number("VALENCE"))
        elif word.text == "REPRESENTS":
            cursor.take()
        else:
            found = cursor.names(f"a variable of the ion {name}")
            for variable in found:
                if variable not in own:
                    raise cursor.fail(
                        f"{variable!r} is no variable of the ion {name}: {', '.join(own)} are", word
                    )
            (reads if word.text == "READ" else writes).extend(found)
    return UseIon(name, tuple(reads), tuple(writes), valence, token.place)


def _units(cursor: Cursor, model: Model) -> None:
    start = cursor.expect("{", "UNITS")
    while not cursor.maybe("}"):
        if cursor.token.kind == "end":
            raise cursor.fail("the file ends inside UNITS; '}' is missing", start)
        token = cursor.token
        if token.text == "(":
            cursor.unit()
            cursor.expect("=", "a unit")
            cursor.unit()
            continue
        name = cursor.name("a unit or a constant")
        cursor.expect("=", "a constant")
        if cursor.token.text == "(":
            source, target = cursor.unit(), cursor.unit()
            value = constant(source, target)
            if value is None:
                raise cursor.fail(f"({source}) in ({target}) is not known; write the number", token)
            model.constants[name] = value
        else:
            model.constants[name] = cursor.number("a constant")
            cursor.unit()


def _declared(cursor: Cursor, what: str) -> dict[str, Declared]:
    start = cursor.expect("{", what)
    found: dict[str, Declared] = {}
    while not cursor.maybe("}"):
        token = cursor.token
        if token.kind == "end":
            raise cursor.fail(f"the file ends inside {what}; '}}' is missing", start)
        name = cursor.name(f"a name in {what}")
        size = length(cursor)
        default = cursor.number(f"{name!r}") if cursor.maybe("=") else None
        if cursor.maybe("FROM"):
            cursor.number("FROM")
            cursor.expect("TO", "FROM")
            cursor.number("TO")
        if cursor.maybe("START"):
            default = cursor.number("START")
        unit = cursor.unit("/*-^.+")
        if cursor.maybe("<"):
            cursor.number("a bound")
            if cursor.maybe(","):
                cursor.number("a bound")
            cursor.expect(">", "bounds")
        cursor.maybe(",")
        if name in found:
            raise cursor.fail(f"{name!r} is there twice; take one away", token)
        found[name] = Declared(name, default, unit, size, token.place)
    return found


def _parameter(cursor: Cursor, model: Model) -> None:
    model.parameters |= _declared(cursor, "PARAMETER")


def _state(cursor: Cursor, model: Model) -> None:
    model.states |= _declared(cursor, "STATE")


def _assigned(cursor: Cursor, model: Model) -> None:
    model.assigned |= _declared(cursor, "ASSIGNED")


def _constant(cursor: Cursor, model: Model) -> None:
    for name, declared in _declared(cursor, "CONSTANT").items():
        model.constants[name] = declared.default or 0.0


def _local(cursor: Cursor, model: Model) -> None:
    while True:
        token = cursor.token
        name = cursor.name("a LOCAL name")
        model.assigned[name] = Declared(name, None, "", length(cursor), token.place)
        if not cursor.maybe(","):
            return


def _define(cursor: Cursor, model: Model) -> None:
    name = cursor.name("a name after DEFINE")
    cursor.defined[name] = int(cursor.number("DEFINE"))


def _initial(cursor: Cursor, model: Model) -> None:
    model.initial = (*model.initial, *statements(cursor, "INITIAL"))


def _breakpoint(cursor: Cursor, model: Model) -> None:
    if model.has_breakpoint:
        raise cursor.fail("a second BREAKPOINT; take one away")
    model.has_breakpoint = True
    model.breakpoint = statements(cursor, "BREAKPOINT")


def _receive(cursor: Cursor, model: Model) -> None:
    place = cursor.token.place
    parameters = _parameters(cursor)
    body = statements(cursor, "NET_RECEIVE")
    model.receive = Block("NET_RECEIVE", "NET_RECEIVE", parameters, body, place)


_TOP: dict[str, Callable[[Cursor, Model], None]] = {
    "NEURON": _neuron,
    "UNITS": _units,
    "PARAMETER": _parameter,
    "STATE": _state,
    "ASSIGNED": _assigned,
    "CONSTANT": _constant,
    "LOCAL": _local,
    "DEFINE": _define,
    "INITIAL": _initial,
    "BREAKPOINT": _breakpoint,
    "NET_RECEIVE": _receive,
}
