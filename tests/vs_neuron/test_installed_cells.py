"""Detailed cells of installed packages against the same cells built by those packages in NEURON."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from halfbrain.cells.detailed import installed
from halfbrain.cells.detailed.installed import detailed_cell, installed_cells, recipe
from halfbrain.errors import DataError, ModelError
from halfbrain.morphology.ions import nernst

SITE = Path(sysconfig.get_paths()["purelib"])
ALLEN = SITE / "bmtk/utils/scripts/bionet"
EXAMPLES = SITE / "examples"
NAMES = {"soma": "soma", "axon": "axon", "basal": "dend", "apical": "apic", "myelin": "myelin"}
DENSITY = {
    "allen": "CaDynamics Ca_HVA Ca_LVA Ih Im K_P K_T Kv3_1 NaTs Nap SK",
    "sscx": "CaDynamics_DC0 Ca_HVA2 Ca_LVAst Ih K_Pst K_Tst NaTg Nap_Et2 SK_E2 SKv3_1",
}


def need(*packages):
    for package in packages:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")


def compiled(kind: str, folder: Path) -> Path:
    """A library of the channels for NEURON, compiled once and kept beside other temporary files."""
    files = [folder / f"{name}.mod" for name in DENSITY[kind].split()]
    content = b"".join(file.read_bytes() for file in files) + metadata.version("neuron").encode()
    place = Path(tempfile.gettempdir()) / f"halfbrain-{hashlib.sha256(content).hexdigest()[:16]}"
    if not (place / "done").exists():
        program = Path(sys.executable).parent / "nrnivmodl"
        if not program.exists() or shutil.which("g++") is None:
            pytest.skip("NEURON's channels cannot be compiled: there is no nrnivmodl or no g++")
        made = Path(tempfile.mkdtemp(dir=place.parent))
        for file in files:
            shutil.copy(file, made)
        subprocess.run([program, "."], cwd=made, check=True, capture_output=True)
        (made / "done").touch()
        shutil.rmtree(place, ignore_errors=True)
        made.rename(place)
    return place


def theirs(kind: str) -> dict:
    """The cell as its authors' software makes it, in a process of its own."""
    if kind == "allen":
        need("bmtk", "neuron")
        library = compiled(kind, ALLEN / "mechanisms/modfiles")
        fit = ALLEN / "biophysical_neuron_models/472363762_fit.json"
        files = ["bmtk", fit, ALLEN / "morphologies/Scnn1a_473845048_m.swc", library]
    else:
        need("emodelrunner", "neuron", "morphio")
        folder = EXAMPLES / "sscx_sample_dir"
        library = compiled(kind, folder / "mechanisms")
        files = ["emodelrunner", folder / "config/config_allsteps.ini", library]
    script = Path(__file__).parents[1] / "helpers/neuron_cell.py"
    done = subprocess.run([sys.executable, script, *files], capture_output=True, text=True)
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip(f"not all that {files[0]} needs is installed: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("kind", "name"), [("allen", "allen-472363762"), ("sscx", "sscx-cADpyr_L4UPC")]
)
def test_a_cell_is_its_authors_segment_by_segment(kind, name):
    reference = theirs(kind)
    made = detailed_cell(name)
    assert made.celsius == reference["celsius"]
    segments = reference["segments"]
    numbers: dict[str, list[dict]] = {}
    for segment in segments:
        numbers.setdefault(segment["section"], []).append(segment)
    count: dict[str, int] = {}
    in_mechanism = {
        p.mechanism.name: {int(k): i for i, k in enumerate(p.where)} for p in made.placed
    }
    compared = 0
    for i, region in enumerate(made.regions):
        number = count.setdefault(region, 0)
        count[region] += 1
        where = np.flatnonzero((made.section == i) & (made.area > 0))
        same = numbers[f"{NAMES[region]}[{number}]"]
        assert len(where) == len(same)
        for k, segment in zip(where, same, strict=True):
            assert made.area[k] == pytest.approx(segment["area"], rel=1e-5)
            assert made.diameter[k] == pytest.approx(segment["diameter"], rel=1e-5)
            assert made.distance[k] == pytest.approx(segment["distance"], rel=1e-5, abs=1e-6)
            assert made.capacitance[k] == segment["capacitance"]
            if made.parent[k] >= 0:
                assert 1 / made.coupling[k] == pytest.approx(segment["ri"], rel=1e-5)
            ours = {p.mechanism.name for p in made.placed if k in in_mechanism[p.mechanism.name]}
            assert ours == set(segment["mechanisms"])
            for placed in made.placed:
                if placed.mechanism.name not in ours:
                    continue
                row = in_mechanism[placed.mechanism.name][int(k)]
                values = segment["mechanisms"][placed.mechanism.name]
                for parameter, default in placed.mechanism.parameters.items():
                    if parameter not in values:
                        continue
                    value = np.asarray(placed.parameters.get(parameter, default))
                    value = float(value if value.ndim == 0 else value[row])
                    assert value == pytest.approx(values[parameter], rel=1e-6, abs=1e-300)
                    compared += 1
            check_ions(made, int(k), segment["ions"])
    assert len(segments) == int((made.area > 0).sum())
    assert compared > 500


def check_ions(made, k: int, ions: dict):
    for ion in ("na", "k", "ca"):
        if f"e{ion}" not in ions:
            continue
        follows = int(ions[f"style {ion}"]) & 64  # NEURON's bit for: Nernst at each step
        assert bool(follows) == (f"e{ion}" in made.nernst)
        if not follows:
            value = np.asarray(made.ions[f"e{ion}"])
            assert float(value if value.ndim == 0 else value[k]) == ions[f"e{ion}"]
    if "cao" in ions:
        assert made.ions["cao"] == ions["cao"]
        assert nernst(ions["cai"], ions["cao"], 2, made.celsius) == pytest.approx(ions["eca"])


def test_all_installed_cells_are_whole():
    cells = installed_cells()
    if not cells:
        pytest.skip("no package with cells is installed")
    for name, cell in cells.items():
        assert cell.licence
        assert cell.source
        made = cell.recipe().compartments()
        assert (made.parent[1:] < np.arange(1, len(made.parent))).all(), name
        assert (made.coupling[1:] > 0).all(), name
        assert {"soma", "axon"} <= set(made.regions), name
        assert np.isfinite(made.distance).all(), name
        for placed in made.placed:
            assert (made.area[placed.where] > 0).all(), name


def test_protocols_are_read():
    need("emodelrunner", "morphio")
    found = {protocol.name: protocol for protocol in recipe("sscx-cADpyr_L4UPC").protocols}
    assert {"Step_150", "Step_200", "Step_250"} <= set(found)
    step = found["Step_150"]
    assert step.duration == 300.0
    amplitudes = {(s.delay, s.duration): s.amplitude for s in step.steps}
    assert amplitudes[70.0, 200.0] == 0.20915625
    assert amplitudes[0.0, 300.0] < 0


def test_a_morphology_alone_is_passive(tmp_path):
    file = tmp_path / "ball.swc"
    file.write_text("1 1 0 0 0 5 -1\n2 3 0 5 0 1 1\n3 3 0 905 0 1 2\n")
    made = detailed_cell(file)
    (leak,) = made.placed
    assert leak.mechanism.name == "pas"
    assert len(leak.where) == (made.area > 0).sum() == len(made.area)
    assert made.ions == {}


def test_what_is_not_installed_says_which_package_to_install(monkeypatch):
    def none(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(installed.metadata, "distribution", none)
    assert installed_cells() == {}
    with pytest.raises(DataError, match="pip install bmtk"):
        detailed_cell("allen-472363762")
    with pytest.raises(DataError, match="pip install emodelrunner"):
        detailed_cell("sscx-cADpyr_L4UPC")
    with pytest.raises(DataError, match="is no detailed cell"):
        detailed_cell("unheard-of")


def test_a_broken_configuration_is_one_line(tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    for text in ("", "[Cell]\nemodel = x\n", "[Cell\n", "[Paths]\nmorph_path = %(nowhere)s\n"):
        file = folder / "config.ini"
        file.write_text(text)
        with pytest.raises((DataError, ModelError)) as caught:
            detailed_cell(file)
        assert "\n" not in str(caught.value)
