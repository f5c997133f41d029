"""Installed morphologies and mechanisms broken at random; the whole of it is `mutated.py 2000`."""

import pytest

from halfbrain.cells.detailed.installed import detailed_cell
from halfbrain.errors import HalfbrainError
from halfbrain.nmodl import read_mechanism
from mutated import cases, installed, mutated


@pytest.mark.parametrize(("kind", "count"), [(".mod", 200), (".swc", 100), (".asc", 100)])
def test_a_broken_file_is_read_or_refused_in_one_line(tmp_path, kind, count):
    files = [file for file in installed(kind) if file.stat().st_size < 200_000]
    if not files:
        pytest.skip("no package with such files is installed")
    found = cases(files, count, 7, tmp_path)
    assert [(case, case.wrong) for case in found if case.wrong] == []
    ends = [case.end for case in found]
    # Neither all so broken that nothing behind the first line is tried, nor all left whole.
    assert min(ends.count("read"), ends.count("refused")) > 0.2 * count
    if kind != ".asc":
        assert all(case.has_line for case in found if case.end == "refused")


def test_a_broken_hdf5_file_is_read_or_refused(tmp_path):
    pytest.importorskip("morphio")
    from morphio.mut import Morphology

    files = [file for file in installed(".asc") if file.stem in ("SC", "BC", "GoC")]
    if not files:
        pytest.skip("no package with morphologies is installed")
    sources = [tmp_path / f"source{i}.h5" for i in range(len(files))]
    for source, file in zip(sources, files, strict=True):
        Morphology(str(file)).write(str(source))
    found = cases(sources, 60, 1, tmp_path)
    assert [(case, case.wrong) for case in found if case.wrong] == []
    assert {case.end for case in found} == {"read", "refused"}


def test_the_same_seed_breaks_a_file_in_the_same_way():
    text = b"1 1 0 0 0 5 -1\n2 3 0 5 0 1 1\n"
    assert [mutated(text, 1, n) for n in range(50)] == [mutated(text, 1, n) for n in range(50)]
    assert len({mutated(text, 1, n) for n in range(50)}) > 30


CHANNEL = """NEURON { SUFFIX S USEION k READ ek WRITE ik RANGE g }
PARAMETER { g = 0.001 }
ASSIGNED { v ek ik }
BREAKPOINT { ik = g*(v - ek) }
"""
WITHOUT_READ = CHANNEL.replace("READ ek ", "")
ALONE = CHANNEL.replace("USEION k READ ek WRITE ik ", "")
UNDECLARED = WITHOUT_READ.replace(" ek ik }", " ik }")


@pytest.mark.parametrize("text", [ALONE, CHANNEL.replace("WRITE ik ", "")])
def test_a_current_that_flows_nowhere_is_said(text):
    with pytest.warns(UserWarning, match="ik is set, but flows nowhere"):
        mechanism = read_mechanism(text)
    assert not mechanism.currents


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CHANNEL[: CHANNEL.index("BREAK") + 20], "bad.mod:4: "),
        (WITHOUT_READ, "bad.mod:3: ek is read, but never set; write USEION k READ ek"),
        (UNDECLARED, "bad.mod:4: nothing is declared by the name 'ek'; write USEION k READ ek"),
        (CHANNEL.replace("USEION k READ ek", "USEION k READ el"), "bad.mod:1: 'el' is no variable"),
    ],
)
def test_what_is_wrong_with_a_mechanism_is_said_with_its_line(tmp_path, text, said):
    file = tmp_path / "bad.mod"
    file.write_text(text)
    with pytest.raises(HalfbrainError) as caught:
        read_mechanism(file)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


SOMA = "1 1 0 0 0 5 -1\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SOMA + "2 3 0 5 0", "bad.swc:2: has 5 of the seven numbers"),
        (SOMA + "2 3 0 5 0 1 3\n3 3 0 9 0 1 2\n", "bad.swc:2: point 2 is on a loop"),
        (SOMA + "2 3 0 5 0 nan 1\n", "bad.swc:2: radius is nan"),
        (SOMA + "2 1 0 0 0 5 1\n", "bad.swc:1: all points of the soma section are at one place"),
        (SOMA + "2 3 0 \0 0 1 1\n", "bad.swc:2: cannot be read as text"),
        ("# nothing\n", "bad.swc:1: holds no points"),
    ],
)
def test_what_is_wrong_with_a_morphology_is_said_with_its_line(tmp_path, text, said):
    file = tmp_path / "bad.swc"
    file.write_text(text)
    with pytest.raises(HalfbrainError) as caught:
        detailed_cell(file)
    assert str(tmp_path / said) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_comment_may_be_latin_and_a_file_begin_with_a_mark(tmp_path):
    latin, marked = tmp_path / "latin.swc", tmp_path / "marked.swc"
    latin.write_bytes(b"# 5 \xb5m\n" + SOMA.encode())
    marked.write_bytes(b"\xef\xbb\xbf" + SOMA.encode())
    plain = tmp_path / "plain.swc"
    plain.write_text(SOMA)
    whole = detailed_cell(plain).area
    assert (detailed_cell(latin).area == whole).all()
    assert (detailed_cell(marked).area == whole).all()


def test_an_include_that_never_ends_is_refused(tmp_path):
    file = tmp_path / "bad.mod"
    file.write_text('INCLUDE "/dev/zero"\n' + CHANNEL)
    with pytest.raises(HalfbrainError, match=r"^bad\.mod:1: INCLUDE '/dev/zero': it lies outside"):
        read_mechanism(file)


def test_an_unknown_ion_is_named_with_its_line(tmp_path):
    from halfbrain.cells.detailed.library import in_folder
    from halfbrain.morphology.biophysics import Biophysics, build
    from halfbrain.morphology.frusta import every
    from halfbrain.morphology.reader import read

    shape = tmp_path / "cell.swc"
    shape.write_text(SOMA)
    unknown = CHANNEL.replace("USEION k READ ek WRITE ik", "USEION q READ eq WRITE iq")
    unknown = unknown.replace("ek", "eq").replace("ik", "iq")
    membrane = Biophysics((("S", frozenset(("soma",))),), (), 34.0, -70.0)
    (tmp_path / "q.mod").write_text(unknown)
    with pytest.raises(HalfbrainError, match=r"^q\.mod:1: the ion q is not known"):
        build(read(shape), every(40), membrane, in_folder(tmp_path))
    other = tmp_path / "known"
    other.mkdir()
    (other / "q.mod").write_text(unknown.replace("WRITE iq", "WRITE iq VALENCE 1"))
    assert build(read(shape), every(40), membrane, in_folder(other)).ions == {"eq": 0.0}
