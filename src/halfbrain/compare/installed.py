"""Whether a peer's package is installed."""

from __future__ import annotations

from importlib.util import find_spec

# Titles, and the extra that brings each.
_PACKAGES = {
    "arbor": ("Arbor", "peers"),
    "bindsnet": ("BindsNET", "peers"),
    "brian2": ("Brian2", "peers"),
    "jaxley": ("Jaxley", "peers"),
    "nengo": ("Nengo", "peers"),
    "nest": ("NEST", "peers"),
    "neuron": ("NEURON", "cells"),
}


def missing(name: str) -> str | None:
    """None, or a line that says that a peer is not there, and how to get it."""
    package = "neuron" if name == "coreneuron" else name
    title, extra = _PACKAGES[package]
    if find_spec(package) is None:
        return f"{title} is not installed; pip install 'halfbrain[{extra}]' brings it"
    return None
