"""Mechanisms are compiled for NEURON once, whoever asks, and again where they differ."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from halfbrain.cells.detailed.neuron import compiling
from halfbrain.errors import HalfbrainWarning, RunError

LEAK = """
NEURON { SUFFIX leaky NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 1e-4 (S/cm2) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = g*(v + 65) }
"""


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A cache of the test's own, with a compiler that writes down what it was given."""
    monkeypatch.setenv("HALFBRAIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(compiling, "_program", lambda: str(tmp_path))
    calls = []

    def compile_(files, into, program, coreneuron):
        calls.append([file.name for file in files])
        (into / "x86_64").mkdir()
        (into / "x86_64" / "libnrnmech.so").write_text(files[0].read_text())

    monkeypatch.setattr(compiling, "_compile", compile_)
    return calls


def mod(folder, text=LEAK, name="leak.mod"):
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(text)
    return file


def test_the_same_files_are_compiled_once_wherever_they_lie(tmp_path, made):
    one = compiling.compile_mechanisms([mod(tmp_path / "a")])
    other = compiling.compile_mechanisms([mod(tmp_path / "b")])
    assert one == other
    assert Path(one).read_text() == LEAK
    assert len(made) == 1


def test_other_contents_names_options_and_versions_are_others(tmp_path, made, monkeypatch):
    found = [compiling.compile_mechanisms([mod(tmp_path / "a")])]
    found.append(compiling.compile_mechanisms([mod(tmp_path / "b", LEAK + " ")]))
    found.append(compiling.compile_mechanisms([mod(tmp_path / "c", name="other.mod")]))
    found.append(compiling.compile_mechanisms([tmp_path / "a/leak.mod"], coreneuron=True))
    monkeypatch.setenv("CXXFLAGS", "-O3 -g")
    found.append(compiling.compile_mechanisms([tmp_path / "a/leak.mod"]))
    monkeypatch.setattr(compiling, "version", lambda name: "99")
    found.append(compiling.compile_mechanisms([tmp_path / "a/leak.mod"]))
    assert len(set(found)) == len(made) == 6


def test_flags_are_those_of_the_environment_too(monkeypatch):
    monkeypatch.setenv("CXXFLAGS", "-O1 -g")
    assert compiling.options(coreneuron=False) == ("-incflags", "-O1 -g")
    assert compiling.options(coreneuron=True) == ("-coreneuron", "-incflags", "-DNDEBUG -O1 -g")
    monkeypatch.delenv("CXXFLAGS")
    assert compiling.options(coreneuron=False) == ()
    assert compiling.options(coreneuron=True) == ("-coreneuron", "-incflags", "-DNDEBUG")


def test_all_at_once_give_one_whole_library(tmp_path, made):
    file = mod(tmp_path / "a")
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: compiling.compile_mechanisms([file]), range(16)))
    (library,) = found
    assert Path(library).read_text() == LEAK
    assert len(list(Path(library).parents[2].iterdir())) == 1  # nothing is left beside it


def test_what_is_left_of_a_library_is_made_again(tmp_path, made):
    file = mod(tmp_path / "a")
    library = Path(compiling.compile_mechanisms([file]))
    library.unlink()
    assert compiling.compile_mechanisms([file]) == str(library)
    assert library.read_text() == LEAK
    assert len(made) == 2


def test_where_no_cache_can_be_written_it_works_all_the_same(tmp_path, made, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("HALFBRAIN_CACHE", str(tmp_path / "file"))
    assert Path(compiling.compile_mechanisms([mod(tmp_path / "a")])).read_text() == LEAK


NRNIVMODL = """#!/bin/sh
echo "run $MAKEFLAGS, $MAKELEVEL" >> "$LOG"
[ -e x86_64 ] && { echo "something is left of the first try"; exit 1; }
mkdir -p x86_64 tmp
echo "Translating leak.mod into leak.cpp"
if [ "$(wc -l < "$LOG")" -le "$FAILURES" ]; then
  printf '%s\n' "$SAYS" >&2
  echo "make: *** [nrnmech_makefile:12: leak.o] Error 1" >&2
  echo "make: *** Waiting for unfinished jobs...." >&2
  echo "Traceback (most recent call last):" >&2
  echo "subprocess.CalledProcessError: Command returned non-zero exit status 2." >&2
  exit 2
fi
echo library > x86_64/libnrnmech.so
"""


@pytest.fixture
def failing(tmp_path, monkeypatch):
    """Compile by a nrnivmodl that fails some times and says something; its runs."""
    program = tmp_path / "nrnivmodl"
    program.write_text(NRNIVMODL)
    program.chmod(0o755)
    log = tmp_path / "log"
    monkeypatch.setattr(compiling, "_program", lambda: str(program))
    monkeypatch.setattr(compiling.shutil, "which", lambda name: name)
    for name, value in {"HALFBRAIN_CACHE": tmp_path / "cache", "LOG": log}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("MAKEFLAGS", "n -j8")
    monkeypatch.setenv("MAKELEVEL", "1")

    def compile_(failures, says):
        monkeypatch.setenv("FAILURES", str(failures))
        monkeypatch.setenv("SAYS", says)
        try:
            return compiling.compile_mechanisms([mod(tmp_path / "a")])
        finally:
            assert len(list((tmp_path / "cache/nrnivmodl").iterdir())) <= 1
            compile_.runs = log.read_text().splitlines()

    return compile_


@pytest.mark.parametrize(
    "says",
    [
        "g++: fatal error: Killed signal terminated program cc1plus",
        "leak.cpp:12:3: internal compiler error: Segmentation fault",
        "terminate called without an active exception",
    ],
)
def test_a_compiler_that_fails_once_runs_once_more_with_one_job(failing, says):
    with pytest.warns(HalfbrainWarning, match=f"went well once more: .*{re.escape(says)}"):
        library = failing(1, says)
    assert Path(library).read_text() == "library\n"
    assert failing.runs == ["run , ", "run --max-load=0.001, "]


def test_a_compiler_that_fails_twice_gives_the_line_that_matters(failing):
    with pytest.raises(RunError) as found:
        failing(9, "a line before\nnmodl: cannot allocate memory")
    assert len(failing.runs) == 2
    assert str(found.value).endswith(
        "a: a line before; nmodl: cannot allocate memory; "
        "make: *** [nrnmech_makefile:12: leak.o] Error 1"
    )


def test_a_wrapper_that_fails_gives_its_exception():
    said = "Traceback (most recent call last):\n  File x\nValueError: no libpython"
    assert compiling._reason(said) == "ValueError: no libpython"
    assert compiling._reason(f"Mod files: a\n{said}") == "Mod files: a; ValueError: no libpython"


@pytest.mark.parametrize(
    ("says", "line"),
    [
        ("leak.cpp: In function 'f':\nleak.cpp:237:18: error: no w\n  237 | i", "leak.cpp:237:18:"),
        ("syntax error:\n Error: Illegal block at line 4 in file leak.mod\nX {", "Error: Illegal"),
    ],
)
def test_a_wrong_file_is_compiled_once_and_its_line_told(failing, says, line):
    with pytest.raises(RunError, match=f"nrnivmodl failed on .*: {line}"):
        failing(9, says)
    assert len(failing.runs) == 1


def test_nrnivmodl_compiles_and_says_what_is_wrong(tmp_path, monkeypatch):
    if not (shutil.which("nrnivmodl") and shutil.which("gcc")):
        pytest.skip("NEURON or a compiler is not installed")
    monkeypatch.setenv("HALFBRAIN_CACHE", str(tmp_path / "cache"))
    wrong = mod(tmp_path / "wrong", LEAK.replace("BREAKPOINT", "BREAKPINT"))
    with pytest.raises(RunError, match=r"Error: Illegal block at line 5 in file leak\.mod"):
        compiling.compile_mechanisms([wrong])
    assert list((tmp_path / "cache/nrnivmodl").iterdir()) == []
    right = mod(tmp_path / "right")
    library = compiling.compile_mechanisms([right])
    assert Path(library).stat().st_size > 1000
    monkeypatch.setattr(compiling, "_compile", None)
    assert compiling.compile_mechanisms([right]) == library


def test_without_nrnivmodl_a_line_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(compiling.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunError, match="install neuron and a C"):
        compiling.compile_mechanisms([mod(tmp_path / "a")])
