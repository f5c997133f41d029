"""A circuit in a few letters, so that a run that goes on can tell whether it is still the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from weakref import WeakKeyDictionary

import numpy as np

from halfbrain.program.instructions import Program
from halfbrain.version import VERSION

# Where something is from, and what was said of it, is not what it is.
_SAID = {
    "Circuit": ("source",),
    "Neuron": ("source",),
    "DetailedCircuit": ("source", "notes"),
    "Mechanism": ("source", "notes", "with_rounds"),
    "Ion": ("place",),
}
WHO = "version of halfbrain"
_known = WeakKeyDictionary[object, dict[str, str]]()


def fingerprints(circuit: object) -> dict[str, str]:
    """What must be the same for a run to go on: each part of a circuit, and who runs it.

    Every equation, number, array and program of the circuit counts, whatever files it is from.
    """
    if circuit not in _known:
        assert is_dataclass(circuit)
        digests: _Digests = {}
        _known[circuit] = {WHO: VERSION} | {
            name: _digest(value, digests).hex() for name, value in _parts(circuit)
        }
    return _known[circuit]


def fingerprint(thing: object) -> str:
    """A hash of data classes, programs, mappings, sequences, arrays, numbers and texts."""
    return _digest(thing, {}).hex()


def differences(saved: object, now: Mapping[str, object]) -> str:
    """What differs, in words; empty if nothing does."""
    before = saved if isinstance(saved, Mapping) else {}
    names = [name for name in now if before.get(name) != now[name]]
    if WHO in names:
        return f"it was saved by halfbrain {before.get(WHO, 'of old')}, and this is {VERSION}"
    return f"{' and '.join(names)} changed" if names else ""


_Digests = dict[int, tuple[object, bytes]]  # by id; with the thing itself, so that it stays


def _parts(thing: object) -> list[tuple[str, object]]:
    """The fields that count; what a field computes is counted by its caller."""
    assert is_dataclass(thing)
    said = _SAID.get(type(thing).__name__, ())
    named = [(f.name, getattr(thing, f.name)) for f in fields(thing) if f.name not in said]
    return [(name, value) for name, value in named if not callable(value)]


def _digest(thing: object, known: _Digests) -> bytes:
    if id(thing) in known:  # populations share cells, and cells mechanisms
        return known[id(thing)][1]
    hashed = blake2b(type(thing).__name__.encode(), digest_size=16)
    if isinstance(thing, str):
        hashed.update(" ".join(thing.split()).encode("utf-8", "backslashreplace"))
    elif isinstance(thing, np.ndarray) and thing.dtype.kind != "O":
        hashed.update(f"{thing.shape} {thing.dtype.str}".encode() + thing.tobytes())
    elif isinstance(thing, np.ndarray | list | tuple):
        for one in thing:
            hashed.update(_digest(one, known))
    elif isinstance(thing, Program):
        hashed.update(repr(thing).encode())
    elif is_dataclass(thing):
        for name, value in _parts(thing):
            hashed.update(name.encode() + _digest(value, known))
    elif isinstance(thing, Mapping):
        for pair in sorted(_digest(k, known) + _digest(v, known) for k, v in thing.items()):
            hashed.update(pair)
    else:
        hashed.update(repr(thing).encode())
    known[id(thing)] = thing, hashed.digest()
    return hashed.digest()
