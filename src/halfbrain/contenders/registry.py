"""The contenders: every module of this folder that has a ``CONTENDER``, least detailed first.

A contender that is ``under`` another is an alternative of it: a row beneath that, none of its own.
"""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module

import halfbrain.contenders as room
from halfbrain.contenders.model import Contender, Derived, Input
from halfbrain.contenders.question import QUESTION, WORKED_OUT
from halfbrain.errors import HalfbrainError


@lru_cache(maxsize=1)
def rows() -> dict[str, Contender]:
    """Every contender by name, each before its alternatives."""
    modules = [
        import_module(f"{room.__name__}.{module.name}")
        for module in pkgutil.iter_modules(room.__path__)
        if module.name != "registry"
    ]
    found = [module.CONTENDER for module in modules if hasattr(module, "CONTENDER")]
    return {
        entry.name: entry
        for entry in sorted(found, key=lambda entry: (entry.detail, entry.under != ""))
    }


@lru_cache(maxsize=1)
def contenders() -> dict[str, Contender]:
    """Every contender by name, without alternatives."""
    return {name: entry for name, entry in rows().items() if not entry.under}


def alternatives(name: str) -> dict[str, Contender]:
    """The alternatives of the contender called ``name``, by their names."""
    return {row: entry for row, entry in rows().items() if entry.under == name}


def contender(name: str) -> Contender:
    """The contender, or the alternative of one, called ``name``."""
    if name not in rows():
        raise HalfbrainError(f"no contender {name[:40]!r}; there are {', '.join(rows())}")
    return rows()[name]


@lru_cache(maxsize=1)
def inputs() -> dict[str, Input]:
    """Every input by name: the question's, then each contender's."""
    own = (entry for each in rows().values() for entry in each.inputs)
    return {entry.name: entry for entry in (*QUESTION, *own)}


@lru_cache(maxsize=1)
def derived() -> dict[str, Derived]:
    """Every derived value by name, each after those that it is worked out from."""
    own = (entry for each in rows().values() for entry in each.derived)
    return {entry.name: entry for entry in (*WORKED_OUT, *own)}
