"""The command line: tables of 80 columns, one JSON schema, one line for a mistake."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from command import halfbrain

SPREAD = {"p5", "p50", "p95"}


def apart(*arguments, cwd=None):
    """As a user runs it, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "halfbrain", *arguments],
        cwd=cwd,
        text=True,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"COLUMNS": "80", "PYTHONWARNINGS": "error::ResourceWarning"},
    )


def as_json(*arguments):
    found = halfbrain(*arguments, "--json")
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def test_estimate_prints_the_table_and_writes_the_page(tmp_path):
    found = apart("estimate", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert found.stderr == ""
    for name in ("transformer", "numenta", "spiking", "blue-brain", "GPT-3", "PaLM"):
        assert name in found.stdout
    assert max(map(len, found.stdout.splitlines())) <= 80
    assert [path.name for path in tmp_path.iterdir()] == ["halfbrain-report.html"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("estimate", "--machine", "h100", "--report", os.devnull + ".html"),
        ("audit",),
        ("facts", "hardware.h100"),
        ("explain", "spiking"),
        ("backcast",),
    ],
)
def test_nothing_is_wider_than_a_terminal(arguments, tmp_path):
    if arguments[0] == "estimate":
        arguments = (*arguments[:-1], str(tmp_path / "page.html"))
    found = halfbrain(*arguments, cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert max(map(len, found.stdout.splitlines())) <= 80
    assert "…" not in found.stdout


@pytest.mark.parametrize("columns", [60, 40])
@pytest.mark.parametrize("arguments", [("estimate", "--machine", "h100"), ("backcast",)])
def test_no_figure_is_cut_in_a_narrow_terminal(arguments, columns, tmp_path):
    wide = halfbrain(*arguments, cwd=tmp_path).stdout
    found = halfbrain(*arguments, cwd=tmp_path, columns=columns).stdout
    assert max(map(len, found.splitlines())) <= columns
    assert "…" not in found
    figures = re.compile(r"[+-]?\d[\d.]*(?:e\d+)?")
    assert set(figures.findall(found)) == set(figures.findall(wide))


def test_running_is_not_called_training(tmp_path):
    found = halfbrain("estimate", "--set", "learning=0", cwd=tmp_path)
    assert found.stdout.startswith("To run 1.3e10 neurons")
    assert "trainings" not in found.stdout
    changed = halfbrain("estimate", "--neurons", "5e9", cwd=tmp_path)
    assert "13 billion" not in changed.stdout
    assert "Ours, changed: neurons = 5e9." in changed.stdout


def test_a_setting_that_does_nothing_is_told(tmp_path):
    arguments = ("--set", "training_seconds=1e6", "--years", "3")
    found = halfbrain("estimate", *arguments, cwd=tmp_path)
    assert found.returncode == 0
    assert found.stderr == (
        "halfbrain: note: years does not change the FLOP and bytes moved of transformer, numenta, "
        "spiking, blue-brain, as training_seconds is set outright\n"
    )
    found = halfbrain(
        "estimate", "--contender", "spiking", "--set", "numenta.epochs=3", cwd=tmp_path
    )
    assert "numenta.epochs does not change anything of spiking" in found.stderr


def test_the_schema_of_estimate():
    document = as_json("estimate", "--samples", "5000", "--machine", "h100")
    keys = {"scenario", "samples", "seed", "against", "runs_it_may_take", "contenders"}
    assert set(document) == keys
    assert document["scenario"]["inputs"]["neurons"]["low"] == 13e9
    assert [entry["name"] for entry in document["contenders"]] == [
        "transformer",
        "numenta",
        "spiking",
        "blue-brain",
    ]
    for entry in document["contenders"]:
        assert entry["basis"] == ("published" if entry["name"] == "transformer" else "counted")
        for key in (
            "flop",
            "flop_per_neuron_bio_second",
            "flop_per_bio_second",
            "memory_bytes",
            "bytes_moved",
        ):
            assert set(entry[key]) == SPREAD
            assert 0 < entry[key]["p5"] <= entry[key]["p50"] <= entry[key]["p95"]
        assert {"gpt-3", "gopher", "chinchilla", "palm"} <= set(entry["orders_over"])
        assert entry["orders_over"]["gpt-3"] > entry["orders_over"]["palm"]
        assert {"name", "index"} <= set(entry["sensitivity"][0])
        assert set(entry["twelve_orders_over_palm"]) == {
            "budget_flop",
            "times",
            "largest_brain_neurons",
            "share_with_enough_compute",
        }
        assert set(entry["machine"]["device_years"]) == SPREAD


def test_the_schema_of_audit():
    document = as_json("audit")
    assert {"id", "contender", "text", "published", "recomputed", "ratio", "verdict"} <= set(
        document["steps"][0]
    )
    assert {step["verdict"] for step in document["steps"]} == {
        "agrees",
        "differs",
        "cannot be checked",
    }
    assert document["corrected"]["spiking"]["flop"] == pytest.approx(3.687e27, rel=1e-3)
    assert document["corrected"]["blue-brain"]["flop"] == pytest.approx(2.356e34, rel=1e-3)


def test_the_schemas_of_facts_explain_and_backcast():
    fact = as_json("facts", "hardware.h100.peak_fp16")["facts"][0]
    assert fact["unit"] == "FLOP/second"
    assert fact["sources"][0]["link"].startswith("https://")
    assert len(as_json("facts")["facts"]) > 500
    tree = as_json("explain", "numenta")["tree"]
    assert tree["name"] == "numenta.flop"
    assert tree["parts"]
    found = as_json("backcast")
    assert {"verdict", "memory", "machine_memory", "simulator"} <= set(found["runs"][0])
    assert {"fitted", "tested", "inside", "median_factor"} == set(found["fits"][0])


def test_explain_is_of_what_an_estimate_is_of():
    given = ("--set", "firing_rate=0.5", "--neurons", "5e9", "--samples", "5000", "--seed", "3")
    tree = as_json("explain", "spiking", *given)["tree"]
    (entry,) = as_json("estimate", "--contender", "spiking", *given)["contenders"]
    assert {name: tree[name] for name in ("p5", "p50", "p95")} == {
        name: entry["flop"][name] for name in ("p5", "p50", "p95")
    }
    assert entry["flop"]["p50"] != as_json("explain", "spiking", "--samples", "5000")["tree"]["p50"]


def test_the_seeds_scenario_from_the_command_line():
    found = {
        entry["name"]: entry["flop"]["p50"]
        for entry in as_json("estimate", "--scenario", "seed-2022")["contenders"]
    }
    assert found["spiking"] == pytest.approx(3.82e24, rel=0.01)
    assert found["blue-brain"] == pytest.approx(2.37e33, rel=0.01)


def test_options_set_what_they_name():
    document = as_json(
        "estimate",
        "--contender",
        "spiking",
        "--contender",
        "numenta",
        "--neurons",
        "1e6 to 2e6",
        "--years",
        "1",
        "--set",
        "firing_rate=2",
        "--set",
        "spiking.step=1 ms",
        "--samples",
        "1000",
    )
    assert [entry["name"] for entry in document["contenders"]] == ["numenta", "spiking"]
    inputs = document["scenario"]["inputs"]
    assert (inputs["neurons"]["low"], inputs["neurons"]["high"]) == (1e6, 2e6)
    assert inputs["spiking.step"]["low"] == pytest.approx(1e-3)
    assert inputs["years"]["low"] == 1


def test_the_same_seed_gives_the_same_output_byte_for_byte(tmp_path):
    given = ("estimate", "--json", "--report")
    first = halfbrain(*given, str(tmp_path / "1.html"))
    second = apart(*given, str(tmp_path / "2.html"))
    assert first.stdout == second.stdout
    assert (tmp_path / "1.html").read_bytes() == (tmp_path / "2.html").read_bytes()
    assert halfbrain("estimate", "--json", "--seed", "1").stdout != first.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("estimate", "--contender", "gpt"), "no contender 'gpt'"),
        (("estimate", "--neurons", "5 to 2"), "runs backwards"),
        (("estimate", "--neurons", "nan"), "finite"),
        (("estimate", "--neurons", "-3"), "above zero"),
        (("estimate", "--neurons", "1e400"), "finite"),
        (("estimate", "--neurons", "1e300", "--set", "synapses_per_neuron=1e300"), "too large"),
        (("estimate", "--years", "15 FLOP"), "is not a unit of bio_year"),
        (("estimate", "--set", "colour=3"), "no input 'colour'"),
        (("estimate", "--set", "neurons"), "NAME=VALUE"),
        (("estimate", "--set", "firing_rate="), "is not a figure"),
        (("estimate", "--scenario", "nowhere.toml"), "No such file"),
        (("estimate", "--scenario", "nowhere"), "no scenario 'nowhere'"),
        (("estimate", "--machine", "abacus"), "no machine 'abacus'"),
        (("estimate", "--samples", "3"), "--samples"),
        (("estimate", "--samples", "x"), "--samples"),
        (
            ("estimate", "--report", "/nowhere/page.html"),
            "page.html: there is no folder /nowhere",
        ),
        (("estimate", "--colour"), "--colour"),
        (("estimate", "--set", "years=3", "--set", "years=4"), "years is set twice"),
        (("estimate", "--set", "neurons=3", "--neurons", "4"), "neurons is set twice"),
        (("estimate", "--machine", "trends"), "no machine 'trends'"),
        (("facts", "colours"), "no facts under 'colours'"),
        (("explain", "gpt"), "no contender 'gpt'"),
        (("explain",), "contender"),
        (("fly",), "fly"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments, message, tmp_path):
    found = halfbrain(*arguments, cwd=tmp_path)
    assert found.returncode == 2
    assert found.stdout == ""
    assert message in found.stderr
    assert found.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_mistake_is_one_line_and_status_2_in_a_process_of_its_own(tmp_path):
    found = apart("estimate", "--colour", cwd=tmp_path)
    assert (found.returncode, found.stdout) == (2, "")
    assert "--colour" in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_scenario_file_cut_in_half_is_one_line(tmp_path):
    (tmp_path / "half.toml").write_text('title = "Half"\n[inputs]\nneurons = "9e9 to', "utf-8")
    found = halfbrain("estimate", "--scenario", "half.toml", cwd=tmp_path)
    assert found.returncode == 2
    assert "half.toml" in found.stderr
    assert found.stderr.count("\n") == 1


@pytest.mark.parametrize("flag", ["", "--json"])
def test_a_closed_pipe_makes_no_noise(flag, tmp_path):
    command = f"{sys.executable} -m halfbrain facts {flag} | head -1"
    found = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert found.stderr == ""


def test_the_installed_command_is_the_same():
    script = Path(sys.executable).parent / "halfbrain"
    assert (
        "estimate"
        in subprocess.run([script, "--help"], capture_output=True, text=True, check=True).stdout
    )
