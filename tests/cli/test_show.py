"""The command that shows a detailed cell, and its picture."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba

from halfbrain.cells.detailed import installed
from halfbrain.cli import main
from halfbrain.errors import HalfbrainError
from halfbrain.morphology.reader import read
from halfbrain.report import shape

CELL = """\
1 1 0 0 0 5 -1
2 3 0 5 0 1 1
3 3 0 205 0 0.5 2
4 4 5 0 0 2 1
5 4 305 0 0 0.5 4
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cell.swc"
    path.write_text(CELL)
    return path


def shown(capsys, *arguments):
    status = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["halfbrain", "show", *map(str, arguments)])
        try:
            main()
        except SystemExit as end:
            status = end.code or 0
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_what_is_in_a_cell(file, capsys, tmp_path):
    picture = tmp_path / "cell.png"
    status, out, _ = shown(capsys, file, "--out", picture)
    assert status == 0
    assert "3 sections" in out
    assert "apical: pas" in out
    assert picture.read_bytes().startswith(b"\x89PNG")
    area = {line.split()[0]: line.split()[-1] for line in out.splitlines() if line.count("  ") > 2}
    assert float(area["soma"]) == pytest.approx(314, abs=1)
    # A cone 200 um long from 2 to 1 um: pi*(1 + 0.5)*200
    assert float(area["basal"].replace(",", "")) == pytest.approx(942, abs=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.swc",), "no such file"),
        (("unheard-of",), "is no detailed cell"),
    ],
)
def test_a_mistake_is_one_line(arguments, said, capsys):
    status, _, err = shown(capsys, *arguments)
    assert status == 2
    assert said in err
    assert err.count("\n") == 1


def test_a_colour_or_a_kind_of_picture_that_is_none(file, capsys, tmp_path):
    status, _, err = shown(capsys, file, "--out", tmp_path / "a.png", "--color", "mood")
    assert status == 2
    assert "region, distance, diameter" in err
    status, _, err = shown(capsys, file, "--out", tmp_path / "a.gif")
    assert status == 2
    assert ".png, .svg or .pdf" in err
    with pytest.raises(HalfbrainError, match="cannot write"):
        shape.write(read(file), tmp_path / "no" / "a.png")


def test_without_a_cell_the_installed_ones_are_listed(capsys, monkeypatch):
    status, out, _ = shown(capsys)
    assert status == 0
    for name, cell in installed.installed_cells().items():
        assert name in out
        assert cell.licence in out
    monkeypatch.setattr(installed, "installed_cells", dict)
    assert "pip install" in shown(capsys)[1]


def lines(figure) -> list[LineCollection]:
    return [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]


def test_lines_are_as_wide_as_the_dendrite(file):
    cell = read(file)
    figure = shape.draw(cell)
    figure.canvas.draw()
    axes = figure.axes[0]
    basal, apical = lines(figure)
    pixels = axes.transData.transform([(0, 0), (100, 0)])
    points_per_um = (pixels[1, 0] - pixels[0, 0]) / 100 * 72 / figure.dpi
    assert apical.get_linewidths()[0] == pytest.approx(2.5 * points_per_um, rel=0.2)
    assert to_rgba(basal.get_color()[0]) != to_rgba(apical.get_color()[0])
    low, high = np.array(axes.get_xlim()), np.array(axes.get_ylim())
    assert low[0] < -5 < 305 < low[1]
    assert high[0] < -5 < 205 < high[1]


def test_colours_by_distance_and_diameter(file):
    cell = read(file)
    basal, apical = lines(shape.draw(cell, "distance"))
    assert list(basal.get_array()) == [100.0]  # its middle; the wire from the soma has no length
    assert list(apical.get_array()) == [150.0]
    basal, apical = lines(shape.draw(cell, "diameter"))
    assert list(basal.get_array()) == [1.5]
    assert list(apical.get_array()) == [2.5]


def test_the_same_cell_gives_the_same_file(file, tmp_path):
    for name in ("a.svg", "b.svg"):
        shape.write(read(file), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
