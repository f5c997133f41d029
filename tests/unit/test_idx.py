"""IDX files and MNIST: read whole, or one line; downloaded only when it is what was published."""

import gzip
import hashlib
import struct
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halfbrain.errors import DataError
from halfbrain.learning import mnist
from halfbrain.learning.idx import read_idx

REAL = Path(__file__).parents[3] / "shared" / "data"
CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx(array):
    array = np.asarray(array)
    head = bytes([0, 0, CODES[array.dtype.str[1:]], array.ndim])
    return (
        head
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


@pytest.mark.parametrize("kind", list(CODES))
@pytest.mark.parametrize("packed", [False, True])
def test_arrays_come_back_as_they_were_written(tmp_path, kind, packed):
    array = (np.arange(24) * 5 - 60 * (kind != "u1")).reshape(2, 3, 4).astype(kind)
    data = idx(array)
    (tmp_path / "a").write_bytes(gzip.compress(data) if packed else data)
    found = read_idx(tmp_path / "a", hashlib.sha256(data).hexdigest())
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


GOOD = idx(np.arange(12, dtype=np.uint8).reshape(3, 4))
PACKED = gzip.compress(GOOD, mtime=0)  # the same in each process, as xdist asks of names


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is no IDX file"),
        (b"\x89PNG\r\n\x1a\n", "is no IDX file"),
        (b"\0\0\x07\x01" + GOOD[4:], "is no IDX file"),
        (b"\0\0\x08\0", "is no IDX file"),
        (GOOD[:9], "is cut short"),
        (GOOD[:-1], "holds less than its head says"),
        (GOOD + b"!", "holds more than its head says"),
        (b"\0\0\x08\x02" + b"\xff" * 8, "which is too much"),
        (PACKED[:-9], "is cut short or damaged"),
        (PACKED[:-8] + b"????" + PACKED[-4:], "is cut short or damaged"),
        (gzip.compress(GOOD + bytes(50_000_000), mtime=0), "holds more than its head says"),
    ],
)
def test_what_is_no_such_file_is_one_line(tmp_path, data, message):
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(DataError) as caught:
        read_idx(tmp_path / "a")
    assert message in str(caught.value)
    assert str(tmp_path / "a") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there_or_are_other_ones_are_one_line(tmp_path):
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_idx(tmp_path / "none")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_idx(tmp_path)
    (tmp_path / "a").write_bytes(GOOD)
    with pytest.raises(DataError, match="SHA-256 is not the published one"):
        read_idx(tmp_path / "a", "0" * 64)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.booleans())
def test_a_changed_byte_gives_an_array_or_one_line(tmp_path_factory, at, byte, packed):
    path = tmp_path_factory.getbasetemp() / "changed"
    data = bytearray(gzip.compress(GOOD) if packed else GOOD)
    data[at] = byte
    path.write_bytes(data)
    try:
        assert read_idx(path).size <= 12
    except DataError as error:
        assert "\n" not in str(error)


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Four small files on a server of this machine, in place of MNIST's; how often each is got."""
    folder = tmp_path / "home"
    folder.mkdir()
    rng = np.random.default_rng(0)
    files = {}
    for role, file in mnist.FILES.items():
        images = "images" in role
        array = rng.integers(0, 255, (7, 28, 28) if images else 7, np.uint8)
        data = idx(array)
        packed = gzip.compress(data)
        (folder / f"{file.name}.gz").write_bytes(packed)
        sums = [hashlib.sha256(d).hexdigest() for d in (packed, data)]
        files[role] = mnist.File(file.name, *sums, 7)
    got = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            got.append(self.path)
            super().do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(mnist, "FILES", files)
    monkeypatch.setattr(mnist, "HOMES", (f"http://127.0.0.1:{server.server_port}/",))
    monkeypatch.setenv("HALFBRAIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HALFBRAIN_DATA", raising=False)
    yield folder, got
    server.shutdown()
    server.server_close()


def test_mnist_is_downloaded_once_and_told_of(published):
    _, got = published
    told = []
    digits = mnist.load_mnist(lambda name, done, total: told.append((name, done, total)))
    assert digits.train_images.shape == (7, 784)
    assert digits.test_labels.shape == (7,)
    assert len(got) == 4
    ends = {name: (done, total) for name, done, total in told}
    assert len(ends) == 4
    assert all(done == total > 0 for done, total in ends.values())
    again = mnist.load_mnist()
    np.testing.assert_array_equal(again.test_images, digits.test_images)
    assert len(got) == 4


def test_a_download_that_is_not_what_was_published_is_not_kept(published, tmp_path, monkeypatch):
    folder, got = published
    name = "train-labels-idx1-ubyte.gz"
    good = (folder / name).read_bytes()
    (folder / name).write_bytes(gzip.compress(GOOD))
    with pytest.raises(DataError, match=f"{name} cannot be downloaded .*not the published one"):
        mnist.load_mnist()
    assert not (tmp_path / "cache" / "mnist" / name).exists()
    # Where one home fails, the next is asked, and what was kept is not fetched again.
    (folder / name).write_bytes(good)
    monkeypatch.setattr(mnist, "HOMES", (f"{mnist.HOMES[0]}gone/", *mnist.HOMES))
    before = len(got)
    mnist.load_mnist()
    assert f"/gone/{name}" in got[before:]
    assert "/train-images-idx3-ubyte.gz" not in got[before:]


def test_a_home_that_does_not_answer_is_one_line(published, monkeypatch):
    monkeypatch.setattr(mnist, "HOMES", ("http://127.0.0.1:9/", f"{mnist.HOMES[0]}gone/"))
    with pytest.raises(DataError) as caught:
        mnist.load_mnist()
    assert "127.0.0.1:9/: no answer" in str(caught.value)
    assert "gone/: 404" in str(caught.value)
    assert "set HALFBRAIN_DATA" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("below", ["", "mnist"])
def test_mnist_is_found_where_the_environment_says(published, tmp_path, monkeypatch, packed, below):
    folder, got = published
    place = tmp_path / "data" / below
    place.mkdir(parents=True)
    for file in folder.iterdir():
        data = file.read_bytes()
        name = file.name if packed else file.stem
        (place / name).write_bytes(data if packed else gzip.decompress(data))
    monkeypatch.setenv("HALFBRAIN_DATA", str(tmp_path / "data"))
    assert mnist.load_mnist().train_images.shape == (7, 784)
    assert not got
    # A file that is another one is refused, though its shape is right.
    name = "t10k-labels-idx1-ubyte" + ".gz" * packed
    other = idx(np.zeros(7, np.uint8))
    (place / name).write_bytes(gzip.compress(other) if packed else other)
    with pytest.raises(DataError, match="SHA-256 is not the published one"):
        mnist.load_mnist()
    (place / name).unlink()
    with pytest.raises(DataError, match="neither it nor its folder mnist has"):
        mnist.load_mnist()


@pytest.mark.skipif(not (REAL / "mnist").is_dir(), reason="no shared/data/mnist beside the repo")
def test_the_real_mnist_is_what_was_published(monkeypatch):
    monkeypatch.setenv("HALFBRAIN_DATA", str(REAL))
    digits = mnist.load_mnist()
    assert digits.train_images.shape == (60_000, 784)
    assert digits.test_images.shape == (10_000, 784)
    # The published counts of digits, and the mean brightness that BindsNET's rates rest on.
    assert np.bincount(digits.train_labels)[:3].tolist() == [5923, 6742, 5958]
    assert digits.train_images.mean() / 255 == pytest.approx(0.1307, abs=1e-4)
