"""Mechanisms are compiled for NEURON once, whoever asks, and again where they differ."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from halfbrain.cells.detailed.neuron import compiling
from halfbrain.errors import RunError

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
    monkeypatch.setattr(compiling, "version", lambda name: "99")
    found.append(compiling.compile_mechanisms([tmp_path / "a/leak.mod"]))
    assert len(set(found)) == len(made) == 5


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


def test_nrnivmodl_compiles_and_says_what_is_wrong(tmp_path, monkeypatch):
    if not (shutil.which("nrnivmodl") and shutil.which("gcc")):
        pytest.skip("NEURON or a compiler is not installed")
    monkeypatch.setenv("HALFBRAIN_CACHE", str(tmp_path / "cache"))
    wrong = mod(tmp_path / "wrong", LEAK.replace("BREAKPOINT", "BREAKPINT"))
    with pytest.raises(RunError, match="nrnivmodl failed on"):
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
