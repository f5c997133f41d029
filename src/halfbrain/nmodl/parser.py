"""A .mod file's text -> its tree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from halfbrain.errors import ModelError
from halfbrain.nmodl.cursor import Cursor
from halfbrain.nmodl.neuron import neuron
from halfbrain.nmodl.statements import length, statements
from halfbrain.nmodl.tokens import Token, tokens
from halfbrain.nmodl.tree import Block, Declared, Model
from halfbrain.nmodl.units import constant
from halfbrain.reading import file_text

_MOST_INCLUDED = 20
_SKIPPED = ("INDEPENDENT", "CONSTRUCTOR", "DESTRUCTOR")
_NAMED = ("DERIVATIVE", "KINETIC", "LINEAR", "NONLINEAR", "PROCEDURE", "FUNCTION")
_REFUSED = {
    "DISCRETE": "DISCRETE blocks are not read",
    "PARTIAL": "PARTIAL blocks are not read",
}
# When a BEFORE or AFTER block is run, by the names of NMODL.
_MOMENTS = (
    "BEFORE INITIAL",
    "AFTER INITIAL",
    "BEFORE BREAKPOINT",
    "AFTER SOLVE",
    "BEFORE STEP",
)


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
    if not model.name and model.has_neuron and folder is not None:
        # As NEURON has it: a density mechanism that is called like the file.
        model.kind, model.place, model.name = "density", f"{file}:1", Path(file).stem
    if not model.name:
        raise ModelError(
            f"{file}:1: no SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL is named; add a NEURON block"
        )
    return model


def _included(cursor: Cursor, token: Token, folder: Path | None) -> list[Token]:
    if cursor.token.kind != "text":
        raise cursor.fail("INCLUDE needs a file's name in quotes", token)
    name = cursor.token.text.strip('"').strip()
    if folder is None:
        raise cursor.fail(f"INCLUDE {name!r}: a text has no folder to look in", token)
    try:
        path = _beside(folder, name)
        if path is None:
            raise cursor.fail(
                f"INCLUDE {name!r}: it lies outside the folder of this file; copy it there", token
            )
        text = file_text(path, errors="replace")
    except (OSError, ValueError):
        raise cursor.fail(f"INCLUDE {name!r}: no such file beside this one", token) from None
    return tokens(text, name)[:-1]


def _beside(folder: Path, name: str) -> Path | None:
    """The file that is included; None if it lies outside the mechanism's folder.

    As NEURON does, a name that is not there is looked for one folder up.
    """
    folders = [folder.resolve()]
    if Path(name).name == name and name.endswith(".inc"):
        folders.append(folders[0].parent)
    for inside in folders:
        found = (inside / name).resolve()
        if not found.is_relative_to(inside):
            return None
        if found.is_file():  # a device may have no end
            return found
    raise FileNotFoundError


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
    parameters = tuple(_parameters(cursor)) if cursor.token.text == "(" else ()
    cursor.unit()
    if name in model.blocks:
        raise cursor.fail(f"{name!r} is there twice; take one away", token)
    if cursor.maybe("SOLVEFOR"):
        cursor.names("a state after SOLVEFOR")
    body = statements(cursor, f"{token.text} {name}")
    model.blocks[name] = Block(token.text, name, parameters, body, token.place)


def _function_table(cursor: Cursor, model: Model) -> None:
    place = cursor.token.place
    name = cursor.name("the name of a FUNCTION_TABLE")
    parameters = tuple(_parameters(cursor))
    cursor.unit()
    model.blocks[name] = Block("FUNCTION_TABLE", name, parameters, (), place)


def _moment(word: str) -> Callable[[Cursor, Model], None]:
    def read(cursor: Cursor, model: Model) -> None:
        token = cursor.token
        moment = f"{word} {cursor.name('a block after ' + word)}"
        if moment not in _MOMENTS:
            raise cursor.fail(f"{moment[:40]!r} is none of {', '.join(_MOMENTS)}", token)
        body = statements(cursor, moment)
        model.moments[moment] = (*model.moments.get(moment, ()), *body)

    return read


def _parameters(cursor: Cursor) -> dict[str, str]:
    """A block's parameters, each with its unit."""
    cursor.expect("(", "a block")
    found: dict[str, str] = {}
    while not cursor.maybe(")"):
        if found:
            cursor.expect(",", "a list of parameters")
        name = cursor.name("a parameter's name")
        found[name] = cursor.unit()
    return found


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
    model.has_breakpoint = True
    # Several are run one after the other, as in NEURON.
    model.breakpoint = (*model.breakpoint, *statements(cursor, "BREAKPOINT"))


def _receive(cursor: Cursor, model: Model) -> None:
    place = cursor.token.place
    model.weights = _parameters(cursor)
    body = statements(cursor, "NET_RECEIVE")
    model.receive = Block("NET_RECEIVE", "NET_RECEIVE", tuple(model.weights), body, place)


_TOP: dict[str, Callable[[Cursor, Model], None]] = {
    "NEURON": neuron,
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
    "FUNCTION_TABLE": _function_table,
    "BEFORE": _moment("BEFORE"),
    "AFTER": _moment("AFTER"),
}
