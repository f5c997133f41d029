"""The names that a model's statements set, and under which its variables are held."""

from __future__ import annotations

from collections.abc import Iterable

from halfbrain.dynamics.nmodl.tree import (
    Assign,
    Call,
    Declared,
    From,
    If,
    Initial,
    Model,
    Rate,
    Statement,
    Statements,
    Variable,
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
        elif isinstance(statement, From | Initial):
            yield from all_statements(statement.body)


def targets(model: Model) -> Iterable[str]:
    """The names that some statement sets."""
    bodies = [model.initial, model.breakpoint, *(b.body for b in model.blocks.values())]
    if model.receive is not None:
        bodies.append(model.receive.body)
    for body in bodies:
        for statement in all_statements(body):
            if isinstance(statement, Assign | Rate):
                yield statement.target.name
            elif isinstance(statement, Call) and statement.name == "state_discontinuity":
                target = statement.arguments[0] if statement.arguments else None
                if isinstance(target, Variable):
                    yield target.name
