"""The peers, and halfbrain itself, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Protocol, cast

from halfbrain.compare.job import Job, PeerResult
from halfbrain.errors import RunError
from halfbrain.processes.apart import Work

_MODULES = {
    "halfbrain": "halfbrain.compare.on_halfbrain",
    "brian2": "halfbrain.compare.on_brian2",
    "nest": "halfbrain.compare.on_nest",
    "nengo": "halfbrain.compare.on_nengo",
    "bindsnet": "halfbrain.compare.on_bindsnet",
}
PEERS = tuple(_MODULES)


class Peer(Work[Job, PeerResult], Protocol):
    """What the module of a peer offers."""

    available: Callable[[], str | None]


def peer(name: str) -> Peer:
    """The peer of that name for circuits; its simulator is imported only when it runs.

    Raises
    ------
    RunError
        for an unknown name.
    """
    if name not in _MODULES:
        raise RunError(f"no peer {name[:40]!r}; there are {', '.join(PEERS)}")
    return cast(Peer, importlib.import_module(_MODULES[name]))
