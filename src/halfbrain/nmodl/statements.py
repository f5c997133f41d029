"""The statements of a block."""

from __future__ import annotations

import re
from collections.abc import Sequence

from halfbrain.errors import ModelError
from halfbrain.nmodl.cursor import Cursor
from halfbrain.nmodl.plain_c import as_nmodl
from halfbrain.nmodl.tokens import Token, tokens
from halfbrain.nmodl.tree import (
    Assign,
    Call,
    Compartment,
    Conductance,
    Conserve,
    Equation,
    Expression,
    From,
    If,
    Initial,
    Local,
    Number,
    Rate,
    Reaction,
    Return,
    Solve,
    Statement,
    Statements,
    Table,
    Variable,
    Verbatim,
    Watch,
    While,
)
from halfbrain.nmodl.verbatim import without_delay_vectors

_REFUSED = {
    "LONGITUDINAL_DIFFUSION": "LONGITUDINAL_DIFFUSION is not done: compartments do not exchange "
    "what diffuses; without the statement each has its own",
    "FOR_NETCONS": "FOR_NETCONS reaches into other connections, which is not read",
    "PARTIAL": "PARTIAL differential equations are not read",
    "LAG": "LAG asks what was some time ago, which is not kept; take it out",
}

_LONGEST = 10_000  # elements of an array


def statements(cursor: Cursor, what: str) -> Statements:
    """Read ``{ ... }``."""
    start = cursor.expect("{", what)
    cursor.deeper()
    found: list[Statement] = []
    while not cursor.maybe("}"):
        if cursor.token.kind == "end":
            raise cursor.fail(f"the file ends inside {what}; '}}' is missing", start)
        statement = _statement(cursor)
        if statement is not None:
            found.append(statement)
    cursor.shallower()
    return without_delay_vectors(tuple(found))


def _statement(cursor: Cursor) -> Statement | None:
    token = cursor.token
    if token.kind == "verbatim":
        cursor.take()
        if re.fullmatch(r"\s*(\}\s*)?return\s*;\s*", token.text):
            return Return()
        return _plain_c(token) or Verbatim(token.text, token.place)
    if token.kind == "operator" and token.text == "~":
        cursor.take()
        return _tilde(cursor, token.place)
    if token.kind == "operator" and token.text == "{":
        return If(Number(1.0), statements(cursor, "a block"), (), token.place)
    if token.kind != "name":
        raise cursor.fail(f"a statement is wanted here, not {token.text[:40]!r}")
    if token.text in _REFUSED:
        raise cursor.fail(_REFUSED[token.text])
    if token.text in _KEYWORDS:
        cursor.take()
        return _KEYWORDS[token.text](cursor, token.place)
    if cursor.ahead().text == "(":
        cursor.take()
        return Call(token.text, cursor.arguments(), token.place)
    target = cursor.variable("a name")
    if cursor.maybe("'"):
        cursor.expect("=", "a rate of change")
        return Rate(target, cursor.expression())
    cursor.expect("=", f"{target.name!r}")
    return Assign(target, cursor.expression())


def _plain_c(token: Token) -> Statement | None:
    """What C text says, if it says no more than NMODL could."""
    text = as_nmodl(token.text)
    if text is None:
        return None
    lines = "\n" * (token.line - 1)
    try:
        inside = Cursor(tokens(f"{lines}{{{text}}}", token.file))
        body = statements(inside, "VERBATIM")
    except ModelError:
        return None
    return None if inside.token.kind != "end" else If(Number(1.0), body, (), token.place)


def _local(cursor: Cursor, place: str) -> Statement:
    found = [_local_name(cursor)]
    while cursor.maybe(","):
        found.append(_local_name(cursor))
    return Local(tuple(found))


def _local_name(cursor: Cursor) -> tuple[str, int | None]:
    return cursor.name("a LOCAL name"), length(cursor)


def length(cursor: Cursor) -> int | None:
    """Read an array's length in brackets, if one comes next."""
    if not cursor.maybe("["):
        return None
    token = cursor.token
    value = cursor.number("an array")
    if value != int(value) or not 0 < value <= _LONGEST:
        raise cursor.fail(f"an array has 1 to {_LONGEST} elements, not {value:g}", token)
    cursor.expect("]", "an array's length")
    return int(value)


def _if(cursor: Cursor, place: str) -> Statement:
    cursor.expect("(", "if")
    condition = cursor.expression()
    cursor.expect(")", "if")
    then = statements(cursor, "if")
    otherwise: Statements = ()
    if cursor.maybe("else") or cursor.maybe("ELSE"):
        second = cursor.token
        if second.text in ("if", "IF"):
            cursor.take()
            cursor.deeper()
            otherwise = (_if(cursor, second.place),)
            cursor.shallower()
        else:
            otherwise = statements(cursor, "else")
    return If(condition, then, otherwise, place)


def _from(cursor: Cursor, place: str) -> Statement:
    counter = cursor.name("a loop's counter")
    cursor.expect("=", "FROM")
    first = cursor.expression()
    cursor.expect("TO", "FROM")
    last = cursor.expression()
    by: Expression = cursor.expression() if cursor.maybe("BY") else Number(1.0)
    return From(counter, first, last, by, statements(cursor, "FROM"), place)


def _solve(cursor: Cursor, place: str) -> Statement:
    block = cursor.name("a block's name")
    steady = cursor.maybe("STEADYSTATE")
    method = cursor.name("a method") if steady or cursor.maybe("METHOD") else None
    if cursor.maybe("IFERROR"):
        statements(cursor, "IFERROR")
    return Solve(block, method, steady, place)


def _table(cursor: Cursor, place: str) -> Statement:
    names: Sequence[str] = ()
    if cursor.token.text not in ("DEPEND", "FROM"):
        names = cursor.names("a table's name")
    if cursor.maybe("DEPEND"):
        cursor.names("a name that a table depends on")
    cursor.expect("FROM", "TABLE")
    first = cursor.expression()
    cursor.expect("TO", "TABLE")
    last = cursor.expression()
    cursor.expect("WITH", "TABLE")
    return Table(tuple(names), first, last, cursor.expression(), place)


def _watch(cursor: Cursor, place: str) -> Statement:
    cursor.expect("(", "WATCH")
    condition = cursor.expression()
    cursor.expect(")", "WATCH")
    return Watch(condition, cursor.expression(), place)


def _while(cursor: Cursor, place: str) -> Statement:
    cursor.expect("(", "while")
    condition = cursor.expression()
    cursor.expect(")", "while")
    return While(condition, statements(cursor, "while"), place)


def _conductance(cursor: Cursor, place: str) -> Statement:
    name = cursor.name("a conductance")
    if cursor.maybe("USEION"):
        cursor.name("an ion's name")
    return Conductance(name, place)


def _protected(cursor: Cursor, place: str) -> Statement | None:
    """What one thread at a time does; here no two share a variable that is set."""
    return _statement(cursor)


def _nothing(cursor: Cursor, place: str) -> None:
    return None


def _compartment(cursor: Cursor, place: str) -> Statement:
    index = None
    if cursor.token.kind == "name" and cursor.ahead().text == ",":
        index = cursor.take().text
        cursor.take()
    volume = cursor.expression()
    cursor.expect("{", "COMPARTMENT")
    names: list[Variable] = []
    while not cursor.maybe("}"):
        cursor.maybe(",")
        names.append(cursor.variable("a state"))
    return Compartment(index, volume, tuple(names), place)


def _terms(cursor: Cursor) -> tuple[tuple[float, Variable], ...]:
    found = []
    while True:
        many = cursor.finite(cursor.take()) if cursor.token.kind == "number" else 1.0
        cursor.maybe("*")
        found.append((many, cursor.variable("a state")))
        if not cursor.maybe("+"):
            return tuple(found)


def _conserve(cursor: Cursor, place: str) -> Statement:
    terms = _terms(cursor)
    cursor.expect("=", "CONSERVE")
    return Conserve(terms, cursor.expression(), place)


def _tilde(cursor: Cursor, place: str) -> Statement:
    """A reaction, or an equation between states: what comes first, = or an arrow, tells."""
    ahead = cursor.at
    while cursor.tokens[ahead].text not in ("=", "<->", "->", "<<", "~", "{", "}"):
        if cursor.tokens[ahead].kind == "end":
            break
        ahead += 1
    if cursor.tokens[ahead].text == "=":
        left = cursor.expression()
        cursor.expect("=", "an equation")
        return Equation(left, cursor.expression(), place)
    left_terms = _terms(cursor)
    sign = cursor.take().text
    if sign not in ("<->", "->", "<<"):
        raise cursor.fail(f"a reaction needs '<->', '->' or '<<', not {sign[:40]!r}")
    right = _terms(cursor) if sign == "<->" else ()
    if sign == "->" and cursor.token.kind == "name":
        right = _terms(cursor)
    cursor.expect("(", "a reaction")
    forward = cursor.expression()
    backward = None
    if sign == "<->":
        cursor.expect(",", "a reaction")
        backward = cursor.expression()
    cursor.expect(")", "a reaction")
    return Reaction(sign, left_terms, right, forward, backward, place)


def _initial(cursor: Cursor, place: str) -> Statement:
    return Initial(statements(cursor, "INITIAL"))


_KEYWORDS = {
    "LOCAL": _local,
    "if": _if,
    "IF": _if,
    "FROM": _from,
    "SOLVE": _solve,
    "TABLE": _table,
    "WATCH": _watch,
    "COMPARTMENT": _compartment,
    "CONSERVE": _conserve,
    "INITIAL": _initial,
    "while": _while,
    "WHILE": _while,
    "CONDUCTANCE": _conductance,
    "PROTECT": _protected,
    "MUTEXLOCK": _nothing,
    "MUTEXUNLOCK": _nothing,
}
