"""The README: its table is a real run's, its commands run."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from command import halfbrain
from halfbrain.metering import ceilings
from halfbrain.report.numbers import prefixed, short, signed, spread

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(bash|python)\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip()
    for language, text in BLOCKS
    if language == "bash"
    for line in text.splitlines()
    if line.strip()
]


@pytest.fixture(scope="module")
def contenders():
    return json.loads(halfbrain("estimate", "--json").stdout)["contenders"]


def test_the_table_is_that_of_a_real_run(contenders):
    rows = (
        f"| {c['name']} | {c['about']} | {short(c['flop']['p50'])} | {spread(c['flop'])} "
        f"| {signed(c['orders_over']['gpt-3'])} | {signed(c['orders_over']['palm'])} "
        f"| {prefixed(c['memory_bytes']['p50'], 'B')} |"
        for c in contenders
    )
    there = README.split("<!-- table: halfbrain estimate -->\n")[1].split("\n<!-- end")[0]
    assert there == "\n".join(rows)


def test_what_else_the_answer_may_be_is_that_of_the_run(contenders):
    text = " ".join(README.split())
    published, rules = (
        re.findall(r"\d\.\de\d\d", text.split(begin)[1].split(end)[0])
        for begin, end in (("(`--published`) they", "; "), ("Another rule", "And one run"))
    )
    assert published == [short(c["published"]["flop"]["p50"]) for c in contenders if c["published"]]
    assert rules == [short(a["flop"]["p50"]) for c in contenders for a in c["alternatives"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One for all commands, since some read what those before them wrote."""
    return tmp_path_factory.mktemp("readme")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(command, folder, monkeypatch):
    best = ceilings._best
    monkeypatch.setattr(ceilings, "_best", lambda work, seconds: best(work, seconds / 20))
    program, *words = shlex.split(command)
    if program == "make":  # it made what runs this test; here only that the target is there
        found = subprocess.run(
            ["make", "--dry-run", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
    else:
        assert program == ".venv/bin/halfbrain"
        found = halfbrain(*words, cwd=folder)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize(
    ("source", "said"),
    list(
        zip(
            (text for language, text in BLOCKS if language == "python"),
            ("blue-brain.flop = ", r"^\d+ Hz, \S+ FLOP$"),
            strict=True,
        )
    ),
)
def test_the_lines_of_python_run(source, said, tmp_path):
    found = subprocess.run(
        [sys.executable, "-c", source], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert re.search(said, found.stdout)


def test_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)", README):
        assert (ROOT / link).exists(), link
