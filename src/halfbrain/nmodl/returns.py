"""A return in the middle of a block, as branches."""

from __future__ import annotations

from halfbrain.nmodl.tree import If, Return, Statements


def until_return(statements: Statements) -> Statements:
    """The statements with what stands behind a return put into the branches that do not return."""
    for i, statement in enumerate(statements):
        if isinstance(statement, Return):
            return statements[:i]
        if isinstance(statement, If) and (
            _returns(statement.then) or _returns(statement.otherwise)
        ):
            rest = statements[i + 1 :]
            moved = If(
                statement.condition,
                until_return((*statement.then, *rest)),
                until_return((*statement.otherwise, *rest)),
                statement.place,
            )
            return (*statements[:i], moved)
    return statements


def _returns(statements: Statements) -> bool:
    return any(
        isinstance(s, Return) or (isinstance(s, If) and (_returns(s.then) or _returns(s.otherwise)))
        for s in statements
    )
