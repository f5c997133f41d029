"""halfbrain: how much compute would it take to train half a human neocortex?

``import halfbrain as hb`` has all that most programs need; each name loads what it needs when it is
first used. ``help(hb.NAME)`` has an example of each.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from halfbrain.version import VERSION as __version__

if TYPE_CHECKING:  # for editors and type checkers; a test holds it to the table below
    from halfbrain.errors import HalfbrainError, HalfbrainWarning
    from halfbrain.report.answers import (
        audit,
        backcast,
        estimate,
        explain,
        fact,
        find_facts,
        odds,
        plan,
        when,
    )

__all__ = [
    "HalfbrainError",
    "HalfbrainWarning",
    "__version__",
    "audit",
    "backcast",
    "estimate",
    "explain",
    "fact",
    "find_facts",
    "odds",
    "plan",
    "when",
]

# Names by the module, after ``halfbrain.``, that has them.
_NAMES = {
    "errors": "HalfbrainError HalfbrainWarning",
    "report.answers": "audit backcast estimate explain fact find_facts odds plan when",
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'halfbrain' has no attribute {name!r}")
    found: object = getattr(import_module(f"halfbrain.{_MODULE_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
