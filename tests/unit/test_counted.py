"""What ships as counted is what is counted; the answer rests on it, beside published figures."""

import io
import json
from functools import partial

import pytest
from rich.console import Console
from typer.testing import CliRunner

from halfbrain.cli import app
from halfbrain.contenders.counted import FOLDER, as_data, counted
from halfbrain.contenders.registry import contender, contenders, inputs
from halfbrain.facts.interval import Interval
from halfbrain.forecast.difference import difference
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import load_scenario
from halfbrain.forecast.setting import as_published
from halfbrain.report import page
from halfbrain.report.document import estimate_document
from halfbrain.report.terminal import print_estimate
from halfbrain.version import VERSION
from test_measure import DRAWS, PEAK

ABLE = ("numenta", "spiking", "blue-brain")
invoke = partial(CliRunner().invoke, app)


def again(name, monkeypatch):
    if name == "numenta":
        pytest.importorskip("jax")
        from halfbrain.contenders.runs import numenta

        # A count needs no time, and no training step that is compiled for it.
        monkeypatch.setattr(numenta, "_timed", lambda *given: 1.0)
    from halfbrain.contenders.runs.counts import COUNTED

    return as_data(COUNTED[name](peak=PEAK))


@pytest.mark.parametrize("name", ABLE)
def test_counting_again_gives_what_ships(name, monkeypatch):
    """To the last bit, but for shares of products with a zero: XLA may round a sum otherwise."""
    found, kept = again(name, monkeypatch), json.loads(data(name))
    assert [run["circuit"] for run in found["runs"]] == [run["circuit"] for run in kept["runs"]]
    close = 1e-3 if name == "numenta" else 0
    for mine, its in zip(found["runs"], kept["runs"], strict=True):
        for key, value in its.items():
            if isinstance(value, int):
                assert mine[key] == pytest.approx(value, rel=close, abs=0), (its["circuit"], key)
    assert found["figures"].keys() == kept["figures"].keys()
    for figure, its in kept["figures"].items():
        mine = found["figures"][figure]
        assert mine["note"] == its["note"]
        assert mine["values"] == pytest.approx(its["values"], rel=max(close, 1e-12)), figure


def data(name):
    from importlib.resources import files

    return (files("halfbrain.contenders") / FOLDER / f"{name}.json").read_text("utf-8")


def test_counts_are_of_this_version():
    assert {counted(contender(name)).version for name in ABLE} == {VERSION}
    assert counted(contender("transformer")) is None


def test_the_answer_rests_on_counts_and_says_so():
    scenario = load_scenario()
    bases = {name: forecast(name, scenario).basis for name in contenders()}
    assert bases == {"transformer": "published"} | dict.fromkeys(ABLE, "counted")
    origin = scenario.inputs()["spiking.flop_per_update"].origin
    assert origin.confidence == "counted"
    assert str(origin) == f"halfbrain {VERSION}, float32, seed 1 [counted]"
    for name in contenders():
        assert forecast(name, scenario.published()).basis == "published"
    # What nobody can count stays as the facts have it.
    assert scenario.inputs()["spiking.step"].interval == as_published("spiking.step").interval


def test_the_text_of_2022_rests_on_published_figures():
    for name in ("seed-2022", "seed-mended", "seed-records"):
        assert load_scenario(name).figures == "published"
    # Carlsmith's row is his own, counted or not.
    own = load_scenario("carlsmith-2020")
    one, other = (forecast("spiking", each).flop.magnitude() for each in (own, own.published()))
    assert one == other


def test_what_is_set_goes_before_what_was_counted():
    scenario = load_scenario().with_setting("spiking.bytes_per_neuron", 100)
    given = scenario.inputs()
    assert given["spiking.bytes_per_neuron"].magnitude() == 100
    # Bytes moved follow from those that are set, not from those that were counted.
    assert "spiking.bytes_per_update" not in given
    assert forecast("spiking", scenario).values["spiking.bytes_per_update"].magnitude() == 200
    assert "spiking.bytes_per_event" in given


def test_a_file_may_ask_for_published_figures(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('figures = "published"\n')
    assert forecast("spiking", load_scenario(str(path))).basis == "published"
    path.write_text('figures = "guessed"\n')
    found = invoke(["estimate", "--scenario", str(path)])
    assert str(found.exception) == "mine.toml: figures must be one of counted, published"


def test_no_published_interval_excludes_a_count_in_silence():
    """What lies outside is named beside the answer, and every difference has its reason."""
    scenario = load_scenario()
    outside = set()
    for name in ABLE:
        found = difference(name, scenario, scenario.published(), DRAWS)
        for reason in found.reasons:
            if reason.name in inputs():
                assert reason.why, reason.name
            outside |= {reason.name} if reason.outside else set()
    assert {"blue-brain.flop_solver", "blue-brain.flop_per_plastic_step"} <= outside
    out = io.StringIO()
    document = estimate_document(scenario, contenders(), 2000, 1)
    print_estimate(Console(file=out, width=80, highlight=False), document)
    shown = " ".join(out.getvalue().split())
    for name in outside:
        assert name.partition(".")[2] in shown
    assert max(map(len, out.getvalue().splitlines())) <= 80


def test_reasons_are_the_inputs_that_differ():
    """With one input changed, all of the ratio is that input's; with none there is no reason."""
    one = load_scenario()
    same = difference("spiking", one, one, DRAWS)
    assert (same.ratio, same.reasons) == (1.0, ())
    other = one.with_setting("firing_rate", 2).with_setting("transformer.batch", 1e6)
    found = difference("spiking", one, other, DRAWS)
    (reason,) = found.reasons
    assert reason.name == "firing_rate"
    assert reason.factor == pytest.approx(found.ratio)
    assert (reason.one.interval, reason.other.interval) == (
        one.inputs()["firing_rate"].interval,
        Interval(2, 2),
    )
    back = difference("spiking", other, one, DRAWS)
    assert back.ratio == pytest.approx(1 / found.ratio)


def test_a_way_of_counting_is_a_reason():
    found = difference("blue-brain", load_scenario(), load_scenario("seed-mended"), DRAWS)
    assert found.counting < 1e-3
    assert found.ratio < 1e-3
    document = estimate_document(
        load_scenario(), ["blue-brain"], 500, 1, against=load_scenario("seed-mended")
    )
    out = io.StringIO()
    print_estimate(Console(file=out, width=80, highlight=False), document)
    assert "way of counting x" in out.getvalue()
    assert "Against: The seed mended" in out.getvalue()


def test_nothing_over_nothing_is_one():
    silent = load_scenario().with_setting("spiking.flop_per_neuron_second", 1e-300)
    found = difference("spiking", silent, silent, DRAWS)
    assert found.ratio == 1


def test_the_commands():
    found = invoke(["estimate", "--published", "--contender", "spiking", "--json"])
    document = json.loads(found.stdout)
    assert document["scenario"]["name"] == "ours-published"
    assert document["contenders"][0]["basis"] == "published"
    assert document["contenders"][0]["published"] is None
    found = invoke(["explain", "blue-brain"])
    assert "blue-brain.flop_solver: 15 counted, 8 published" in found.stdout
    assert "the elimination alone" in " ".join(found.stdout.split())
    found = invoke(["explain", "blue-brain", "--published"])
    assert "[counted]" not in found.stdout
    assert "blue-brain.flop_solver:" not in found.stdout


def test_the_page_shows_counts_beside_published_figures():
    payload = page.payload(load_scenario(), contenders(), 500, 1)
    assert [each["contender"] for each in payload["counted"]] == list(ABLE)
    names = [preset["name"] for preset in payload["presets"]]
    assert names[payload["initial"]] == "ours"
    assert "ours-published" in names
    payload = page.payload(load_scenario().published(), contenders(), 500, 1)
    assert payload["presets"][payload["initial"]]["name"] == "ours-published"
    assert payload["counted"] == []
