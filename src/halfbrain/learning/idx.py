"""IDX files: arrays of numbers with their shape in front, as MNIST is published in.

Two zero bytes, a type, the number of dimensions, each dimension in four bytes, then the numbers,
all with the highest byte first; the format is described at http://yann.lecun.com/exdb/mnist.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_LARGEST = 2**31  # bytes; MNIST is 47 million
_GZIP = b"\x1f\x8b"


def read_idx(path: Path, sha256: str | None = None) -> NDArray[Any]:
    """The array of an IDX file, compressed by gzip or not.

    Parameters
    ----------
    path
        the file; whether it is compressed is seen from its content.
    sha256
        what the SHA-256 of the uncompressed file must be.

    Returns
    -------
    array
        of the file's shape, in the machine's order of bytes.

    Raises
    ------
    DataError
        one line, if it cannot be read, is no IDX file, is cut short or too long, or is another.
    """
    try:
        with path.open("rb") as file:
            start = file.read(2)
            file.seek(0)
            if start == _GZIP:
                with gzip.GzipFile(fileobj=file) as inside:
                    return _array(path, cast(BinaryIO, inside), sha256)
            return _array(path, file, sha256)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise DataError(f"{path}: is cut short or damaged; get it again") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def _array(path: Path, file: BinaryIO, sha256: str | None) -> NDArray[Any]:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _TYPES or not head[3]:
        raise DataError(f"{path}: is no IDX file")
    sizes = file.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise DataError(f"{path}: is cut short or damaged; get it again")
    shape = [int(n) for n in np.frombuffer(sizes, ">u4")]
    kind = np.dtype(_TYPES[head[2]])
    wanted = math.prod(shape) * kind.itemsize
    if wanted > _LARGEST:
        raise DataError(f"{path}: says that it holds {wanted:,} bytes, which is too much")
    # One byte more, to see whether there is more; never all that a small file may unpack to.
    data = file.read(wanted + 1)
    if len(data) != wanted:
        more = "more" if len(data) > wanted else "less"
        raise DataError(f"{path}: holds {more} than its head says; get it again")
    if sha256 and hashlib.sha256(head + sizes + data).hexdigest() != sha256:
        raise DataError(f"{path}: its SHA-256 is not the published one; get it again")
    return np.frombuffer(data, kind).reshape(shape).astype(kind.newbyteorder("="))
