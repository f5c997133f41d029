"""Which units' synapses are in memory, when not all fit: the others are in a mapped file.

A unit's synapses and connections are a region. The region of the unit that is stepped, of those
that come next and of some that were stepped are in memory, never more than was given. Between two
exchanges of spikes each unit is stepped once, for all the steps in between, so that a region comes
and goes once in the shortest delay. The units are taken from first to last and then from last to
first: what is still there is what comes next, and what leaves is what is needed last.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from threading import Condition
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from halfbrain.engine.cable.mapped import Extent, MappedFile
from halfbrain.engine.cable.memory import Memories, Memory, T, Use
from halfbrain.errors import RunError


class State(Enum):
    """Of a region; what is used, and what moves, stays as it is."""

    OUT, MOVING, IN, USED = range(4)


class Store(Memories):
    """Which regions of a mapped file are in memory.

    Parameters
    ----------
    folder
        where the file is; on a disk, for what lies in a tmpfs is memory.
    bound
        bytes of all regions that are in memory at a time.

    Raises
    ------
    RunError
        if no file can be made there, or nothing fits into that little memory.
    """

    def __init__(self, folder: Path, bound: float) -> None:
        self.file, self.bound, self.moved = MappedFile(folder), int(bound), 0  # bytes brought in
        if not bound >= mmap.PAGESIZE:
            raise RunError(f"synapse_memory is in bytes, at least {mmap.PAGESIZE}, not {bound}")
        self._held, self._back = 0, False
        self._regions: list[Region] = []
        self._changed = Condition()
        self._last: dict[Region, None] = {}  # those that are in, the one used longest ago first
        self._coming: dict[Region, None] = {}  # of this sweep, in order
        self._ahead = ThreadPoolExecutor(1)

    def part(self) -> Region:
        """See :meth:`Memories.part`."""
        self._regions.append(Region(self))
        return self._regions[-1]

    def sweep(self) -> range:
        """See :meth:`Memories.sweep`."""
        order = range(len(self._regions))[:: -1 if self._back else 1]
        self._back = not self._back
        with self._changed:
            self._coming = {self._regions[k]: None for k in order}
        self._look_ahead()
        return order

    def use(self, region: Region) -> None:
        """Have a region in memory until :meth:`leave`."""
        while True:
            self._admit(region, wait=True)
            with self._changed:
                if region.state is State.IN:
                    region.state = State.USED
                    self._coming.pop(region, None)
                    break
        self._look_ahead()

    def leave(self, region: Region) -> None:
        """A region is not used any more for now."""
        with self._changed:
            region.state = State.IN
            self._last.pop(region, None)
            self._last[region] = None
            done = sum(r.size for r in self._last if r not in self._coming)
            needed = sum(r.size for r in self._coming if r.state is State.OUT)
            self._changed.notify_all()
        if needed > done - region.size:  # it will have to go
            self.file.begin_writing(region.extents.values())
        self._look_ahead()

    def open(self, region: Region) -> None:
        """Take a region out of the others' hands, and out of memory, until :meth:`close`."""
        with self._changed:
            while region.state in (State.MOVING, State.USED):
                self._changed.wait()
            inside, region.state = region.state is State.IN, State.MOVING
        if inside:
            self.file.drop(region.extents.values())
            with self._changed:
                self._held -= region.counted
                self._last.pop(region)
                self._changed.notify_all()

    def close(self, region: Region) -> None:
        """Whatever was touched is out of memory again.

        Raises
        ------
        RunError
            if the region is too large to ever come back.
        """
        self.file.drop(region.extents.values())
        with self._changed:
            region.state = State.OUT
            self._changed.notify_all()
        if region.size > self.bound:
            raise RunError(
                f"cells that are stepped together have {region.size / 1e6:.1f} MB of synapses, "
                f"more than the {self.bound / 1e6:.1f} MB that were given; give more"
            )

    def _look_ahead(self) -> None:
        if any(r.state is State.OUT for r in self._coming.copy()):
            self._ahead.submit(self._bring_what_comes)

    def _bring_what_comes(self) -> None:
        for region in self._coming.copy():
            if region.state is State.OUT and not self._admit(region, wait=False):
                return

    def _admit(self, region: Region, *, wait: bool) -> bool:
        """Bring a region in, in place of others; whether it is in. To wait is for one in use."""
        with self._changed:
            while region.state not in (State.IN, State.USED):
                going = self._in_place_of(region, ahead=not wait)
                if region.state is State.OUT and going is not None:
                    break
                if not wait:
                    return False
                self._changed.wait()
            else:
                return True
            for other in going:
                self._last.pop(other)
            for each in (*going, region):
                each.state = State.MOVING
            region.counted = region.size
            self._held += region.size - sum(other.counted for other in going)
        for other in going:
            self.file.drop(other.extents.values())
        self.file.bring(region.extents.values())
        self.moved += region.size
        with self._changed:
            for other in going:
                other.state = State.OUT
            region.state = State.IN
            self._last[region] = None
            self._changed.notify_all()
        return True

    def _in_place_of(self, region: Region, *, ahead: bool) -> list[Region] | None:
        """Whom to take out for a region; None if there are not enough who may go."""
        room, going = self.bound - self._held, list[Region]()
        # Those whose turn is past, and if need be those whose turn is last.
        past = [r for r in self._last if r.state is State.IN and r not in self._coming]
        late = [r for r in reversed(self._coming) if r.state is State.IN]
        for other in past if ahead else [*past, *late]:
            if room >= region.size:
                break
            going.append(other)
            room += other.counted
        return going if room >= region.size else None


class Region(Memory):
    """What is in memory together. ``extents``: by address, where in the file, bytes, what for."""

    def __init__(self, store: Store) -> None:
        self.store, self.state, self.size = store, State.OUT, 0
        self.extents: dict[int, Extent] = {}
        self.counted = 0  # of its bytes, as in memory

    def array(self, shape: tuple[int, ...], dtype: DTypeLike, use: Use) -> NDArray[Any]:
        """See :meth:`Memory.array`."""
        number, count = np.dtype(dtype), math.prod(shape)
        start, size = self.store.file.extent(count * number.itemsize)
        array = np.frombuffer(self.store.file.map, number, count, start).reshape(shape)
        self.extents[array.ctypes.data] = start, size, use
        self.size += size if use != "build" else 0
        return array

    def joined(self, old: NDArray[T], new: NDArray[T], use: Use) -> NDArray[T]:
        """See :meth:`Memory.joined`."""
        total, row = len(old) + len(new), new.shape[1:]
        start, room, _ = self.extents.get(old.ctypes.data, (0, 0, use))
        if total * new.dtype.itemsize * math.prod(row) > room:
            larger = self.array((max(total, 2 * len(old)), *row), new.dtype, use)
            larger[: len(old)] = old
            self.given_up(old)
            start, _, _ = self.extents[larger.ctypes.data]
        count = total * math.prod(row)
        whole = np.frombuffer(self.store.file.map, new.dtype, count, start).reshape(total, *row)
        whole[len(old) :] = new
        return whole

    def kept(self, numbers: NDArray[T], use: Use) -> NDArray[T]:
        """See :meth:`Memory.kept`."""
        copy = self.array(numbers.shape, numbers.dtype, use)
        copy[...] = numbers
        return copy

    def given_up(self, *arrays: NDArray[Any]) -> None:
        """See :meth:`Memory.given_up`."""
        for array in arrays:
            if extent := self.extents.pop(array.ctypes.data, None):
                start, size, use = extent
                self.size -= size if use != "build" else 0
                self.store.file.free(start, size)

    @contextmanager
    def building(self) -> Iterator[None]:
        """See :meth:`Memory.building`."""
        self.store.open(self)
        try:
            yield
        finally:
            self.store.close(self)

    @contextmanager
    def used(self) -> Iterator[None]:
        """See :meth:`Memory.used`."""
        self.store.use(self)
        try:
            yield
        finally:
            self.store.leave(self)
