"""The peers, and halfbrain itself, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Protocol, cast

from halfbrain.errors import RunError
from halfbrain.peers.job import Job, PeerResult

_MODULES = {
    "halfbrain": "halfbrain.peers.on_halfbrain",
    "brian2": "halfbrain.peers.on_brian2",
    "nest": "halfbrain.peers.on_nest",
    "nengo": "halfbrain.peers.on_nengo",
    "bindsnet": "halfbrain.peers.on_bindsnet",
}
PEERS = tuple(_MODULES)


class Peer(Protocol):
    """What the file of a peer offers."""

    available: Callable[[], str | None]
    run: Callable[[Job], PeerResult]


def peer(name: str) -> Peer:
    """The peer of that name; its simulator is imported only when it runs.

    Raises
    ------
    RunError
        for an unknown name.
    """
    if name not in _MODULES:
        raise RunError(f"no peer {name[:40]!r}; there are {', '.join(PEERS)}")
    return cast(Peer, importlib.import_module(_MODULES[name]))
