"""Every example, every program of the guides and every notebook runs, and shows what it says."""

import importlib.util
import json
import re
import shutil
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from halfbrain.errors import HalfbrainWarning, MissingError

ROOT = Path(__file__).parents[2]

spec = importlib.util.spec_from_file_location("documentation", ROOT / "scripts/documentation.py")
documentation = importlib.util.module_from_spec(spec)
spec.loader.exec_module(documentation)

EXAMPLES = documentation.examples()
GUIDES = sorted([*(ROOT / "docs/start").glob("*.md"), *(ROOT / "docs/how-to").glob("*.md")])
# What an example prints, where that shows more than that it ran.
PRINTED = {
    "forecast-answer": r"spiking +\d\.\de\+2\d FLOP, \d\.\de\+2\d to \d\.\de\+2\d\n",
    "forecast-what-moves-it": r"^twice the years take 2\.00 times as much$",
    "point-izhikevich": r"fast spiking: (3|4)\d spikes",
    "point-adex": r"tonic: 5\d spikes\nadapting: 1\d spikes",
    "point-hodgkin-huxley": r"^3 action potentials",
    "point-winner-takes-all": r"group A: \d\d, \d, \d, \d Hz\ngroup B: \d, \d\d, \d, \d Hz",
    "point-synfire": r"layer 7: (9\d|100) spikes, spread over 0\.\d\d ms",
    "plasticity-stdp-window": r"largest difference from the rule: \de?\S*e-(19|2\d) V|0\.0e\+00 V",
    "plasticity-inhibitory-balance": r"\d\d spikes a second at first, [56]\.\d in the end",
    "plasticity-short-term": r"depressing: 1\.\d.*\nfacilitating: 0\.",
    "practice-save-and-go-on": r"the same spikes: True",
    "practice-any-threads": r"bit for bit the same: True",
    "networks-surrogate-gradients": r"(9\d|100)% right",
}


@pytest.fixture
def strict():
    """No example does a thing that may not be as it was meant."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", HalfbrainWarning)
        yield


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
@pytest.mark.usefixtures("strict")
def test_an_example_runs_and_draws(example, tmp_path):
    picture = tmp_path / "picture.png"
    try:
        printed = documentation.run(example.path, picture)
    except (MissingError, ModuleNotFoundError) as error:
        pytest.skip(str(error))
    pixels = mpl.image.imread(picture)
    assert pixels.shape[1] > 400
    assert np.ptp(pixels[..., :3]) > 0.5  # it is no empty sheet
    if example.name in PRINTED:
        assert re.search(PRINTED[example.name], printed, re.MULTILINE), printed


def test_every_example_says_what_it_is_about_and_fits_a_page():
    for example in EXAMPLES:
        assert 3 < len(example.title) < 80, example.path
        assert example.summary.endswith((".", ":")), example.path
        assert len(example.code.splitlines()) < 80, example.path
    assert set(PRINTED) <= {example.name for example in EXAMPLES}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_programs_of_a_guide_run(guide, tmp_path, monkeypatch, capsys):
    for name in ("pyramidal.swc", "Ih.mod"):
        if (ROOT / "examples/cells" / name).exists():
            shutil.copy(ROOT / "examples/cells" / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {"__name__": guide.stem}
    for program in re.findall(r"```python\n(.*?)```", guide.read_text("utf-8"), re.DOTALL):
        exec(compile(program, str(guide), "exec"), names)
    assert not re.search(r"\bnan\b", capsys.readouterr().out)


@pytest.mark.parametrize("notebook", documentation.notebooks(), ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(notebook, monkeypatch):
    mpl.use("Agg")
    monkeypatch.chdir(notebook.parent)  # as Jupyter does
    found = json.loads(notebook.read_text("utf-8"))
    names = {"__name__": "notebook"}
    for number, cell in enumerate(found["cells"]):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            exec(compile("".join(cell["source"]), f"{notebook.name}[{number}]", "exec"), names)
    mpl.pyplot.close("all")
