"""Circuits as data: JSON and arrays, from which the same circuit is made again, without pickle.

What can be written are the data classes of halfbrain and what they are of: numbers, texts, arrays,
tuples, lists, mappings. Whoever reads gets only those, however a file was made: a class is found by
name in halfbrain, must be a data class, and is made from its fields as anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError
from halfbrain.program.instructions import Program
from halfbrain.program.mechanism import Mechanism

Array = NDArray[Any]
_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Step:
    """A mechanism's step for one ``dt`` in ms, which is all that its circuit needs."""

    dt: float
    program: Program | None

    def __call__(self, dt: float) -> Program | None:
        """The program.

        Raises
        ------
        RunError
            one line, for another ``dt``.
        """
        if dt != self.dt:
            raise RunError(f"this mechanism was kept for a step of {self.dt} ms, not {dt} ms")
        return self.program


def to_data(thing: object, dt: float) -> tuple[Any, dict[str, Array]]:
    """A thing as JSON, and the arrays in it by name; mechanisms for steps of ``dt`` ms.

    Raises
    ------
    RunError
        one line that names what cannot be written, such as a function.
    """
    writer = _Writer(dt)
    return {"thing": writer.data(thing), "shared": writer.shared}, writer.arrays


def from_data(data: Any, arrays: Mapping[str, Array]) -> Any:  # noqa: ANN401
    """What :func:`to_data` wrote.

    Raises
    ------
    RunError
        one line, if it is of another version, or damaged.
    """
    try:
        reader = _Reader(arrays)
        for number, one in enumerate(data["shared"]):
            reader.shared[number] = reader.made(one)
        return reader.made(data["thing"])
    except (KeyError, TypeError, ValueError, AttributeError, ImportError, IndexError):
        raise RunError("its circuit is not as this version of halfbrain writes it") from None


class _Writer:
    """Things that are met again, as cells of populations are, are written once."""

    def __init__(self, dt: float) -> None:
        self.dt = dt
        self.arrays: dict[str, Array] = {}
        self.shared: list[Any] = []
        self._known: dict[int, tuple[object, int]] = {}  # with the thing, so that it stays

    def data(self, thing: object) -> Any:  # noqa: ANN401
        if isinstance(thing, np.generic):
            thing = thing.item()
        if isinstance(thing, _PLAIN):
            return thing
        if id(thing) in self._known:
            return {"again": self._known[id(thing)][1]}
        if isinstance(thing, tuple | list):
            return {type(thing).__name__: [self.data(one) for one in thing]}
        if isinstance(thing, range):
            return {"range": [thing.start, thing.stop, thing.step]}
        if isinstance(thing, np.ndarray) and thing.dtype.kind in "biuf":
            made: Any = {"array": (name := f"array{len(self.arrays)}")}
            self.arrays[name] = thing
        elif isinstance(thing, Mapping):
            pairs = [[self.data(key), self.data(value)] for key, value in thing.items()]
            made = {"mapping": pairs}
        elif is_dataclass(thing) and type(thing).__module__.startswith("halfbrain."):
            made = self._fields(thing)
        else:
            raise RunError(f"{str(thing)[:60]!r} cannot be written as data")
        self._known[id(thing)] = thing, len(self.shared)
        self.shared.append(made)
        return {"again": len(self.shared) - 1}

    def _fields(self, thing: object) -> Any:  # noqa: ANN401
        assert is_dataclass(thing)
        found = {f.name: getattr(thing, f.name) for f in fields(thing) if f.init}
        if isinstance(thing, Mechanism):
            found |= {"step": Step(self.dt, thing.step(self.dt)), "with_rounds": None}
        name = f"{type(thing).__module__}:{type(thing).__qualname__}"
        return {"class": name, "fields": {k: self.data(value) for k, value in found.items()}}


class _Reader:
    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.arrays = arrays
        self.shared: dict[int, Any] = {}

    def made(self, data: Any) -> Any:  # noqa: ANN401
        if isinstance(data, _PLAIN):
            return data
        ((kind, value), *_) = data.items()
        match kind:
            case "again":
                return self.shared[value]
            case "tuple":
                return tuple(self.made(one) for one in value)
            case "list":
                return [self.made(one) for one in value]
            case "range":
                return range(*value)
            case "array":
                return self.arrays[value]
            case "mapping":
                return {self.made(key): self.made(one) for key, one in value}
        module, _, name = data["class"].partition(":")
        if not module.startswith("halfbrain."):
            raise ValueError(module)
        found = getattr(import_module(module), name)
        if not (isinstance(found, type) and is_dataclass(found)):
            raise ValueError(name)
        return found(**{key: self.made(one) for key, one in data["fields"].items()})
