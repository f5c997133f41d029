"""The names that a model's statements set, and under which its variables are held."""

from __future__ import annotations

from collections.abc import Iterable

from halfbrain.nmodl.tree import (
    Assign,
    Binary,
    Call,
    Declared,
    Expression,
    From,
    If,
    Initial,
    Local,
    Model,
    Rate,
    Statement,
    Statements,
    Unary,
    Variable,
    While,
)


def keys_of(declared: Iterable[Declared]) -> list[str]:
    """The names under which variables are held: of an array, those of its elements."""
    return [
        key
        for d in declared
        for key in ([d.name] if d.length is None else [f"{d.name}[{i}]" for i in range(d.length)])
    ]


def all_statements(statements: Statements) -> Iterable[Statement]:
    """The statements of a block, and those inside them."""
    for statement in statements:
        yield statement
        if isinstance(statement, If):
            yield from all_statements(statement.then)
            yield from all_statements(statement.otherwise)
        elif isinstance(statement, From | Initial | While):
            yield from all_statements(statement.body)


def mentions(expression: Expression, name: str) -> bool:
    """Whether a variable's name stands in an expression."""
    match expression:
        case Variable(found, index):
            return found == name or (index is not None and mentions(index, name))
        case Unary(_, operand):
            return mentions(operand, name)
        case Binary(_, left, right):
            return mentions(left, name) or mentions(right, name)
        case Call(_, arguments):
            return any(mentions(argument, name) for argument in arguments)
    return False


def targets(model: Model) -> Iterable[str]:
    """The mechanism's variables that some statement sets: not what is LOCAL, or an argument."""
    yield from _set(model.initial, set())
    yield from _set(model.breakpoint, set())
    for body in model.moments.values():
        yield from _set(body, set())
    for block in (*model.blocks.values(), *([model.receive] if model.receive else ())):
        yield from _set(block.body, {*block.parameters, block.name})


def _set(statements: Statements, own: set[str]) -> Iterable[str]:
    """Names that statements set and that are not the block's ``own``."""
    own = own | {n for s in statements if isinstance(s, Local) for n, _ in s.names}
    for statement in statements:
        name = ""
        match statement:
            case Assign(target, _) | Rate(target, _):
                name = target.name
            case Call("state_discontinuity", (Variable(target), *_)):
                name = target
            case If(_, then, otherwise):
                yield from _set(then, own)
                yield from _set(otherwise, own)
            case From(counter, body=body):
                yield from _set(body, own | {counter})
            case Initial(body) | While(body=body):
                yield from _set(body, own)
        if name and name not in own:
            yield name
