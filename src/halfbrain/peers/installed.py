"""Whether a peer's package is installed."""

from __future__ import annotations

import importlib.util


def missing(package: str, title: str) -> str | None:
    """None, or a line that says that a peer is not there, and how to get it."""
    if importlib.util.find_spec(package) is None:
        return f"{title} is not installed; pip install 'halfbrain[peers]'"
    return None
