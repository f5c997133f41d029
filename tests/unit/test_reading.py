"""Pipes, devices, full disks, old code pages and control characters: one line, or shown as text."""

import os
import subprocess
import sys

import pytest

from halfbrain.circuits.from_toml import circuit_from_toml
from halfbrain.errors import HalfbrainError, escaped
from halfbrain.facts.table import read_toml
from halfbrain.io import archive
from halfbrain.io import sonata_file as sonata
from halfbrain.morphology import neurolucida, swc
from halfbrain.nmodl import read_mechanism

TITLE = 'title = "a\\u001b[31mred\\u0007"\n'


def halfbrain(*arguments, redirect="", cwd=None, **more):
    command = " ".join([sys.executable, "-m", "halfbrain", *map(str, arguments), redirect])
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, check=False, cwd=cwd, timeout=100,
        env=os.environ | {"COLUMNS": "80"} | more,
    )  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
@pytest.mark.parametrize(
    "read",
    [
        circuit_from_toml,
        read_mechanism,
        read_toml,
        swc.read,
        neurolucida.read,
        sonata.read,
        lambda path: archive.read(path, 1),
    ],
)
def test_what_never_ends_is_not_read(tmp_path, read):
    pipe = tmp_path / "pipe.mod"
    os.mkfifo(pipe)
    zero = tmp_path / "zero.mod"
    zero.symlink_to("/dev/zero")
    for path in (pipe, zero):
        with pytest.raises(HalfbrainError, match="is no plain file"):
            read(path)


def test_control_characters_are_shown():
    assert escaped("a\x1b[31mé\u202eb\n  c\u00a0d") == "a\\x1b[31mé\\u202eb\n  c\u00a0d"


def test_a_title_does_not_reach_the_terminal(tmp_path):
    (tmp_path / "t.toml").write_text(TITLE, "utf-8")
    found = halfbrain(
        "estimate", "--samples", "200", "--scenario", "t.toml", cwd=tmp_path, FORCE_COLOR="1"
    )
    assert found.returncode == 0, found.stderr
    assert b"\x07" not in found.stdout
    assert b"\x1b[31mred" not in found.stdout
    assert b"\\x1b[31mred\\x07" in found.stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("words", [("facts",), ("facts", "--json"), ("backcast",)])
def test_a_full_disk_behind_the_output_is_one_line(words):
    found = halfbrain(*words, redirect="> /dev/full")
    assert (found.returncode, found.stderr.count(b"\n")) == (2, 1), found.stderr
    assert b"cannot read or write the output: No space left on device" in found.stderr


def test_an_old_code_page_is_no_error():
    found = halfbrain("explain", "spiking", PYTHONIOENCODING="cp1252")
    assert (found.returncode, found.stderr) == (0, b"")
    assert len(found.stdout) > 1000
