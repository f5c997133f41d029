"""A memory-mapped file without a name, whose parts are advised in and out of memory."""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from threading import Lock

import numpy as np

from halfbrain.engine.cable.memory import Use
from halfbrain.errors import RunError

Extent = tuple[int, int, Use]  # where in the file, bytes, what a run does with it

_PAGE = mmap.PAGESIZE
_POPULATE: dict[Use, int] = {"read": 22, "write": 23}  # of madvise; before Linux 5.14 faults do it
_BEGIN, _FINISH = 2, 7  # of sync_file_range: begin to write; wait, write, wait
_PUNCH = 3  # of fallocate: a hole, and the file as long as it was
_AROUND = 1 << 16  # bytes that one fault maps, if they have been read
_SPARE = 1 << 30  # bytes of a disk that are left free


class MappedFile:
    """The file, in a folder that is best on a disk: what lies in a tmpfs is memory.

    Raises
    ------
    RunError
        if none can be made there, or this is not Linux.
    """

    def __init__(self, folder: Path) -> None:
        if sys.platform != "linux":
            raise RunError("synapses in a file need Linux; leave out synapse_memory")
        try:
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as we do
            self._handle = self._file.fileno()
            # Addresses cost nothing, and those of what was given up are not used again.
            self._size = 4 * (shutil.disk_usage(folder).free // _PAGE * _PAGE)
            os.ftruncate(self._handle, self._size)
            self.map = mmap.mmap(self._handle, self._size)
            self.map.madvise(mmap.MADV_RANDOM)  # or a fault would read what nobody asked for
        except OSError as error:
            raise RunError(f"no synapses can be kept in {folder}: {error.strerror}") from None
        self._folder, self._end, self._lock = folder, 0, Lock()
        self._address = np.frombuffer(self.map, np.uint8, 1).ctypes.data
        self._c = ctypes.CDLL(None, use_errno=True)  # unlike mmap's, its calls let others go on

    def extent(self, size: int) -> tuple[int, int]:
        """New room in the file, whose pages no other's fault maps: where, and how much.

        Raises
        ------
        RunError
            if the disk has no more.
        """
        size = max(-(-size // _PAGE), 1) * _PAGE
        with self._lock:
            start, self._end = self._end, self._end + -(-size // _AROUND) * _AROUND
        try:
            if shutil.disk_usage(self._folder).free < size + _SPARE or start + size > self._size:
                raise OSError
            os.posix_fallocate(self._handle, start, size)
        except OSError:
            raise RunError(
                f"{self._folder}: synapses of more than {start / 1e9:.1f} GB do not fit on the "
                f"disk; give another folder"
            ) from None
        return start, size

    def free(self, start: int, size: int) -> None:
        """Give room in the file back to the disk."""
        offset, length = ctypes.c_int64(start), ctypes.c_int64(size)
        self._c.fallocate(ctypes.c_int(self._handle), ctypes.c_int(_PUNCH), offset, length)

    def bring(self, extents: Collection[Extent]) -> None:
        """Read what a run needs, and wait for it."""
        needed = [extent for extent in extents if extent[2] != "build"]
        for start, size, _ in needed:
            self._advise(start, size, mmap.MADV_WILLNEED)
        for start, size, use in needed:
            self._advise(start, size, _POPULATE[use])

    def begin_writing(self, extents: Collection[Extent]) -> None:
        """Begin to write what has changed, and do not wait."""
        self._write(extents, _BEGIN)

    def drop(self, extents: Collection[Extent]) -> None:
        """Write what has changed, and give the memory back."""
        self._write(extents, _FINISH)
        for start, size, _ in extents:
            self._advise(start, size, mmap.MADV_DONTNEED)
            os.posix_fadvise(self._handle, start, size, os.POSIX_FADV_DONTNEED)

    def _advise(self, start: int, size: int, advice: int) -> None:
        address, length = ctypes.c_void_p(self._address + start), ctypes.c_size_t(size)
        self._c.madvise(address, length, ctypes.c_int(advice))

    def _write(self, extents: Collection[Extent], how: int) -> None:
        for start, size, _ in extents:
            offset, length = ctypes.c_int64(start), ctypes.c_int64(size)
            self._c.sync_file_range(ctypes.c_int(self._handle), offset, length, ctypes.c_uint(how))
