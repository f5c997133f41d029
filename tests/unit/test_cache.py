"""A cache that is damaged, full or not to be had costs time and nothing else."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from numba.core.caching import IndexDataCacheFile

from halfbrain.codegen import compiled
from halfbrain.metering import known
from halfbrain.metering.ceilings import Ceilings

SOURCE = "import numba\n\n@numba.njit(cache=True)\ndef twice(x):\n    return 2 * x\n"


def run(cache):
    """What the source comes to in a process that has not seen it, and how often it was kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALFBRAIN_CACHE", str(cache))
        made = compiled.module.__wrapped__(SOURCE)
    return made.twice(21), sum(made.twice.stats.cache_hits.values())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    assert run(cache) == (42, 0)
    assert run(cache) == (42, 1)
    return cache


@pytest.mark.parametrize("ending", ["py", "nbi", "nbc"])
@pytest.mark.parametrize("kept", [0, 1, 0.5, -1])
def test_a_damaged_file_is_made_again(whole, ending, kept):
    (path,) = whole.rglob(f"*.{ending}")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept) if kept in (0, 0.5) else kept])
    assert run(whole)[0] == 42
    assert run(whole) == (42, 1)
    if ending == "py":
        assert path.read_bytes() == content


def test_rubbish_in_place_of_a_pickle_is_made_again(whole):
    for ending in ("nbi", "nbc"):
        (path,) = whole.rglob(f"*.{ending}")
        path.write_bytes(b"\x80\x04K\x01." * 3)
        assert run(whole)[0] == 42


def test_processes_that_keep_a_function_at_once_do_not_mix_its_codes(tmp_path):
    """Both find nothing, and each keeps its own; the index of one is lost, and no code is wrong."""
    one, other, later = (IndexDataCacheFile(str(tmp_path), "f", "stamp") for _ in range(3))
    one._load_index = other._load_index = dict
    write = one._save_data

    def late(name, data):
        other.save("float64", "code for float64")
        write(name, data)

    one._save_data = late
    one.save("float32", "code for float32")
    assert later.load("float64") == "code for float64"
    assert later.load("float32") in (None, "code for float32")


def test_without_a_cache_nothing_is_left_behind(tmp_path):
    none, temporary = tmp_path / "file", tmp_path / "tmp"
    none.write_text("no folder")
    temporary.mkdir()
    code = f"from halfbrain.codegen.compiled import module\nprint(module({SOURCE!r}).twice(21))"
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HALFBRAIN_CACHE": str(none), "TMPDIR": str(temporary)},
    )
    assert (found.stdout, found.stderr) == ("42\n", "")
    assert list(temporary.iterdir()) == []


def test_where_there_is_no_room_at_all_is_a_line(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiled, "_whole", full)
    with pytest.raises(compiled.RunError, match="No space left on device; name a folder with"):
        compiled._written("kernel_x.py", "x = 1\n")


GOOD = Ceilings(
    "cpu", 1, 10, {"float32": 1.0, "float64": 1.0}, {"float32": 1.0, "float64": 1.0},
    {"float32": 1.0, "float64": 1.0}, 1.0, 1.0, 1.0, 1.0, 1.0, 0,
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        "[]",
        "3",
        json.dumps(asdict(GOOD) | {"by": known._by(), "bytes_per_second": "fast"}),
        json.dumps(asdict(GOOD) | {"by": known._by(), "bytes_per_second": 0}),
        json.dumps(asdict(GOOD) | {"by": known._by(), "flop_per_second": {"float32": 1.0}}),
        json.dumps(asdict(GOOD) | {"by": known._by(), "flop_per_second": 1.0}),
        json.dumps(
            asdict(GOOD) | {"by": known._by(), "exp_per_second": {"float32": None, "float64": 1.0}}
        ),
        json.dumps(asdict(GOOD) | {"by": known._by(), "random_reads_per_second": float("nan")}),
        json.dumps(asdict(GOOD) | {"by": known._by(), "processor": 3}),
    ],
)
def test_damaged_ceilings_are_measured_again(tmp_path, monkeypatch, text):
    monkeypatch.setenv("HALFBRAIN_CACHE", str(tmp_path))
    monkeypatch.setattr(known, "measure", lambda *_: GOOD)
    known._path(1).write_text(text, "utf-8")
    assert known.ceilings(1) == GOOD
    assert json.loads(known._path(1).read_text("utf-8")) == asdict(GOOD) | {"by": known._by()}
    monkeypatch.setattr(known, "measure", None)
    assert known.ceilings(1) == GOOD
    assert Path(known._path(1)).is_file()
