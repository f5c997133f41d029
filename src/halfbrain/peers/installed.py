"""Whether a peer's package is installed."""

from __future__ import annotations

from importlib.util import find_spec


def missing(package: str, title: str) -> str | None:
    """None, or a line that says that a peer is not there, and how to get it."""
    if find_spec(package) is None:
        return f"{title} is not installed; pip install 'halfbrain[peers]'"
    return None


def available(name: str) -> str | None:
    """None, or the line that says which package is missing."""
    package = {"neuron": "neuron", "coreneuron": "neuron"}.get(name, name)
    if find_spec(package) is None:
        return f"{package} is not installed; pip install {package} brings it"
    return None
