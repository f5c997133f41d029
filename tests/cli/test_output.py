"""What a command writes is looked at before the work: nothing of a user's is written over."""

import json
import os
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from halfbrain.cli import app
from halfbrain.cli.output import check_output
from halfbrain.engine.point.session import checkpoint_of
from halfbrain.errors import RunError
from halfbrain.io.sonata.config import files_read, read_config
from halfbrain.written import replacing, write_text

CIRCUIT = "[populations.p]\nsize = 2\nequations = 'dv/dt = -v/(10*ms) : 1'\n"


def command(*words):
    return CliRunner().invoke(app, [str(word) for word in words], standalone_mode=False)


def told(*words):
    error = command(*words).exception
    assert isinstance(error, RunError), error
    assert "\n" not in str(error)
    return str(error)


@pytest.fixture
def circuit(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(CIRCUIT, "utf-8")
    return path


def run(circuit, out, *more):
    return ("run", circuit, "--threads", 1, "--seconds", 0.01, "--json", "--out", out, *more)


def test_a_run_does_not_write_over_its_circuit_or_a_folder(tmp_path, circuit):
    assert "is read by this command" in told(*run(circuit, circuit, "--force"))
    link = tmp_path / "link.h5"
    link.symlink_to(circuit)
    assert "is read by this command" in told(*run(circuit, link, "--force"))
    assert circuit.read_text() == CIRCUIT
    (tmp_path / "d").mkdir()
    assert "d: is a folder" in told(*run(circuit, tmp_path / "d"))
    assert "there is no folder" in told(*run(circuit, tmp_path / "no" / "o.h5"))
    assert "is no plain file" in told(*run(circuit, "/dev/null"))
    assert {path.name for path in tmp_path.iterdir()} == {"c.toml", "d", "link.h5"}


def test_a_file_that_is_there_asks_for_force(tmp_path, circuit):
    out = tmp_path / "o.h5"
    assert command(*run(circuit, out)).exception is None
    before = out.read_bytes()
    assert "is there already; --force writes over it" in told(*run(circuit, out))
    out.write_text("mine")
    assert "is there already" in told(*run(circuit, out))
    assert out.read_text() == "mine"
    assert command(*run(circuit, out, "--force")).exception is None
    assert out.read_bytes() == before


def test_a_run_that_was_cut_short_is_not_begun_anew_by_mistake(tmp_path, circuit):
    out = tmp_path / "o.h5"
    checkpoint_of(out).write_bytes(b"of a run of hours")
    assert f"--resume {out} goes on with it" in told(*run(circuit, out))
    assert command(*run(circuit, out, "--force")).exception is None
    assert not checkpoint_of(out).exists()


@pytest.mark.parametrize(
    "words",
    [
        ("estimate", "--samples", "200", "--report"),
        ("learn", "digits", "--report"),
        ("learn", "digits", "--out"),
        ("hypotheses", "--report"),
        ("hypotheses", "--out"),
    ],
)
def test_other_commands_ask_too(tmp_path, words):
    out = tmp_path / "mine.html"
    out.write_text("mine")
    assert "is there already; --force writes over it" in told(*words, out)
    assert out.read_text() == "mine"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_cannot_be_written_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="cannot be written: Permission denied"):
        check_output(tmp_path / "o.h5", "--out")


def test_a_configuration_s_inputs_are_found(tmp_path):
    (tmp_path / "mods").mkdir()
    for name in ("nodes.h5", "spikes.h5", "mods/a.mod", "out.h5"):
        (tmp_path / name).write_text("")
    (tmp_path / "c.json").write_text(
        json.dumps(
            {
                "components": {"mechanisms_dir": "mods"},
                "networks": {"nodes": [{"nodes_file": "nodes.h5"}]},
                "inputs": {"a": {"input_file": "spikes.h5"}},
                "output": {"spikes_file": "out.h5"},
            }
        )
    )
    found = {path.name for path in files_read(read_config(tmp_path / "c.json"))}
    assert found == {"c.json", "nodes.h5", "spikes.h5", "a.mod"}


def test_a_device_is_written_to_and_stays_one():
    write_text(Path(os.devnull), "gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_device_is_one_line(tmp_path):
    with pytest.raises(RunError, match="cannot write /dev/full: No space left on device"):
        write_text(Path("/dev/full"), "x" * 100)
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    with pytest.raises(OSError, match="No space left"), replacing(Path("/dev/full")) as file:
        file.write_text("x")
