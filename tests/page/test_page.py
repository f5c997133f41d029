"""The page: the same figures as Python's, nothing from outside, usable on a phone."""

import re

import numpy as np
import pytest

from chromium import SEED, wait_for
from halfbrain.contenders.registry import alternatives, contenders, inputs, rows
from halfbrain.facts.draws import Draws
from halfbrain.forecast.calibration import both_ways
from halfbrain.forecast.comparison import fit
from halfbrain.forecast.estimate import Spread, forecast
from halfbrain.forecast.lives import with_runs
from halfbrain.forecast.scenario import load_scenario, preset_names
from halfbrain.forecast.sensitivity import sobol
from halfbrain.report import page
from halfbrain.report.javascript import model_source

pytestmark = pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
OUTPUTS = ("flop", "flop_per_neuron_second", "flop_per_bio_second", "memory", "bytes_moved")
OUTPUTS += ("run_flop_per_bio_second", "run_bytes_per_bio_second", "run_memory")
DENSITY = load_scenario().inputs()["numenta.effective_density"].interval


def test_the_model_in_javascript_has_every_contender():
    source = model_source()
    for name in rows():
        assert f'"{name}": {{' in source


def test_the_page_stands_alone(html):
    assert len(html.encode()) < 1_200_000
    outside = re.sub(r'<script type="application/json".*?</script>', "", html, flags=re.DOTALL)
    assert not re.search(r"""(?:src|href)\s*=\s*["']?https?:""", outside)
    assert not re.search(
        r"\bimport\s*[({\"']|@import|\bfetch\s*\(|XMLHttpRequest|url\(\s*['\"]?http", outside
    )
    assert "</script" not in re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1]


def test_text_from_a_scenario_cannot_leave_its_place(tmp_path):
    path = tmp_path / "evil.toml"
    path.write_text(
        'title = "</script><script>alert(1)</script>"\n[inputs]\nneurons = 5\n', "utf-8"
    )
    html = page.render(load_scenario(str(path)), contenders(), 1000, SEED)
    assert "<script>alert" not in html


def random_state(rng):
    """A preset, and a third of the inputs moved to random intervals."""
    preset = str(rng.choice(preset_names()))
    moved = {}
    for name, value in load_scenario(preset).inputs().items():
        if rng.random() > 0.35:
            continue
        setting = inputs().get(name)
        if setting is not None and setting.range in ("share", "at most one"):
            low, high = sorted(rng.uniform(0.02, 0.98, 2).tolist())
        else:
            middle = (value.interval.median or 1.0) * 10 ** rng.uniform(-1, 1)
            low, high = middle / 10 ** rng.uniform(0, 1), middle
        moved[name] = [low, high if rng.random() > 0.2 else low]
    return {"preset": preset, "inputs": moved}


def python_figures(state, name, draws, base, scenario=None):
    scenario = scenario or load_scenario(state["preset"])
    for key, (low, high) in state["inputs"].items():
        scenario = scenario.with_setting(key, low if low == high else f"{low!r} to {high!r}")
    result = forecast(name, scenario)
    spreads = {output: Spread.of(result.quantity(output), draws) for output in OUTPUTS}
    spreads["with_runs"] = Spread.of(with_runs(result), draws)
    dearer = result.quantity("flop_per_bio_second") / result.quantity("run_flop_per_bio_second")
    spreads["learning_over_running"] = Spread.of(dearer, draws)
    return spreads, {index.name: index for index in sobol(result.flop, SEED, n=base)}


def compare(browser, state, scenario=None):
    """Every percentile and index of a state, on the page and here; how many were compared."""
    draws, compared = Draws(4000, SEED), 0
    found = browser.execute_script(
        "const r = halfbrain.evaluate(arguments[0], 4000, 256);"
        "for (const c in r) delete r[c].samples; return r",
        state,
    )
    for name in rows():
        spreads, indices = python_figures(state, name, draws, 256, scenario)
        for output, expected in spreads.items():
            for key in ("p5", "p50", "p95"):
                assert found[name][output][key] == pytest.approx(
                    getattr(expected, key), rel=1e-9
                ), (state, name, output)
                compared += 1
        assert {index["name"] for index in found[name]["sensitivity"]} == set(indices)
        for index in found[name]["sensitivity"]:
            expected = indices[index["name"]]
            assert tuple(index["names"]) == expected.names
            assert index["index"] == pytest.approx(expected.total, rel=1e-9, abs=1e-9)
            assert index["first_order"] == pytest.approx(expected.first, rel=1e-9, abs=1e-9)
    return compared


def test_page_and_python_agree_at_random_settings(browser, address):
    browser.get(address)
    rng = np.random.default_rng(1)
    compared = sum(compare(browser, random_state(rng)) for _ in range(25))
    assert compared == 25 * 7 * (len(OUTPUTS) + 2) * 3


def test_page_and_python_agree_where_inputs_are_tied(browser, tmp_path):
    """Also where inputs that are tied, or of one fact, are moved or become certain."""
    given = tmp_path / "tied.toml"
    given.write_text(
        "[inputs]\n"
        'spiking.flop_per_event = { fact = "contenders.carlsmith-2020.flop_per_event" }\n'
        'spiking.flop_per_plastic_event = { fact = "contenders.carlsmith-2020.flop_per_event" }\n'
        "[ties]\n"
        '"firing_rate, cortex_synapses" = -0.5\n'
        '"spiking.step, firing_rate" = 0.4\n'
        '"blue-brain.step, spiking.step" = 0.7\n'
        '"spiking.flop_per_event, spiking.step" = -0.2\n'
        '"numenta.effective_density, numenta.epochs" = 0.7\n',
        "utf-8",
    )
    scenario = load_scenario(str(given))
    path = tmp_path / "page.html"
    page.write(scenario, contenders(), 500, SEED, path)
    browser.get(path.as_uri())
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    assert "Cortex synapses and firing rate are tied (rank correlation −0.50)" in (
        browser.execute_script("return document.getElementById('dependence').textContent")
    )
    assert "Tied to cortex synapses: rank correlation −0.50." in browser.execute_script(
        "return document.querySelector('.control[data-name=firing_rate]').textContent"
    )
    for moved in (
        {},
        {"firing_rate": [0.5, 3.0]},
        {"firing_rate": [1.0, 1.0], "spiking.flop_per_event": [1.0, 30.0]},
        {"numenta.epochs": [2.0, 9.0], "spiking.step": [1e-4, 1e-3], "learning": [0.0, 0.0]},
    ):
        compare(browser, {"preset": scenario.name, "inputs": moved}, scenario)


def test_every_preset_opens_without_a_complaint(browser, address):
    for name in preset_names():
        browser.get("about:blank")
        browser.get(f"{address}#preset={name}")
        wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
        assert (
            browser.execute_script(
                "return document.querySelector('[aria-checked=true]').textContent"
            )
            == load_scenario(name).title
        )
        problems = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
        assert not problems


def test_the_terminals_medians_stand_on_the_page(browser, address):
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    draws = Draws(20_000, SEED)
    cells = browser.execute_script(
        "return [...document.querySelectorAll('#results tbody tr:not(.alternative)')]"
        ".map(row => row.children[1].textContent)"
    )
    digits = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    for cell, name in zip(cells, contenders(), strict=True):
        mantissa, exponent = cell.translate(digits).split(" × 10")
        median = Spread.of(forecast(name, load_scenario()).flop, draws).p50
        assert float(f"{mantissa}e{exponent}") == pytest.approx(median, rel=0.05)


def test_a_slider_moves_the_answer_and_the_address_keeps_it(browser, address):
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    before = browser.execute_script("return document.getElementById('answer').textContent")
    browser.execute_script("""
        const ends = document.querySelectorAll(
            '.control[data-name=neurons] input[type=range]');
        for (const end of [ends[1], ends[0]]) {
            end.value = 900;
            end.dispatchEvent(new Event('input'));
        }""")
    wait_for(browser, "location.hash.includes('neurons=')")
    after = browser.execute_script("return document.getElementById('answer').textContent")
    assert after != before
    link = browser.current_url
    browser.get("about:blank")
    browser.get(link)
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    assert browser.execute_script(
        "return document.querySelector('.control[data-name=neurons]').className"
    ).endswith("changed")


@pytest.mark.parametrize(
    "broken",
    [
        "#preset=nowhere",
        "#neurons=abc",
        "#neurons=5..2",
        "#x=1&years=-3",
        "#neurons=1e999",
        "#neurons=0",
        "#neurons=1e200",
        "#awake_share=0",
        "#awake_share=0.5..1",
        "#%",
    ],
)
def test_a_broken_address_falls_back(browser, address, broken):
    browser.get("about:blank")
    browser.get(address + broken)
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    assert "NaN" not in browser.execute_script("return document.body.innerText")
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_the_page_says_what_the_address_has_in_vain(browser, address):
    told = "document.getElementById('remarks').textContent"
    for given, message in (
        ("#preset=ours&constructor=2&__proto__=3", "constructor=2, __proto__=3"),
        ("#preset=nowhere", "preset=nowhere"),
        ("#years=-3", "years=-3"),
        ("#neurons=1..2..3", "neurons=1..2..3"),
        ("#training_seconds=1e6&years=3", "Without a bearing on this preset: years."),
        ("#neurons=5e9&firing_rate=1..2", ""),
    ):
        browser.get("about:blank")
        browser.get(address + given)
        wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
        found = browser.execute_script(f"return {told}")
        assert message in found if message else found == ""
        assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.mark.parametrize(
    ("name", "moves", "expected"),
    [
        ("awake_share", [(0, 500)], "0.5..0.999"),
        ("awake_share", [(1, 0)], "0.001..0.999"),
        ("numenta.effective_density", [(1, 1000)], f"{DENSITY.low!r}..0.999"),
        ("numenta.effective_density", [(0, 1000), (1, 1000)], "0.999"),
        ("firing_rate", [(0, 0)], "0.001..4"),
    ],
)
def test_sliders_stay_where_an_input_may_be(browser, address, name, moves, expected):
    """What the page takes, Python takes: shares end short of 1, and nothing is above it."""
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    for handle, place in moves:
        browser.execute_script(
            'const end = document.querySelectorAll(`.control[data-name="${arguments[0]}"]'
            " input[type=range]`)[arguments[1]];"
            "end.value = arguments[2]; end.dispatchEvent(new Event('input'));",
            name,
            handle,
            place,
        )
    wait_for(browser, f"location.hash.endsWith('{name}={expected}')")
    load_scenario().with_setting(name, expected.replace("..", " to "))
    assert "–" not in browser.execute_script("return document.getElementById('cards').textContent")


def test_a_slider_that_stands_at_zero_stays_there(browser, tmp_path):
    path = tmp_path / "page.html"
    page.write(load_scenario().with_setting("firing_rate", 0), contenders(), 200, SEED, path)
    browser.get(path.as_uri())
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    handles = "[...document.querySelectorAll('.control[data-name=firing_rate] input[type=range]')]"
    assert browser.execute_script(f"return {handles}.map((handle) => handle.value)") == ["0", "0"]


def test_running_is_not_called_training_and_the_question_follows_the_figures(browser, address):
    browser.get("about:blank")
    browser.get(address + "#learning=0&neurons=5e9")
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    words = browser.execute_script("return document.querySelector('header').innerText")
    assert "would it take to run half" in words
    assert "to run 5 × 10⁹ neurons through 15 years of life takes from" in words
    assert "train " not in words


def test_the_largest_brain_is_that_of_the_draws(browser, tmp_path):
    scenario = load_scenario().with_setting("neurons", "1e9 to 1e12")
    path = tmp_path / "page.html"
    page.write(scenario, contenders(), 5000, SEED, path)
    browser.get(path.as_uri())
    found = browser.execute_script(
        "const state = {preset: 'ours-changed', inputs: {}};"
        "return halfbrain.evaluate(state, 5000, 0)['blue-brain'].largest"
    )
    expected = fit(forecast("blue-brain", scenario), Draws(5000, SEED)).neurons
    for key in ("p5", "p50", "p95"):
        assert found[key] == pytest.approx(getattr(expected, key), rel=1e-9)


def test_every_label_has_a_role(browser, address):
    """A name on an element without a role is not read out (axe: aria-allowed-attr)."""
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    assert (
        browser.execute_script(
            "return [...document.querySelectorAll('[aria-label]')].filter((node) =>"
            " ['g', 'span', 'div'].includes(node.localName) && !node.getAttribute('role')).length"
        )
        == 0
    )


def test_paper_has_all_columns_names_and_bars(browser, address):
    """A4 less its margins is 718 pixels wide."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 718, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        browser.get("about:blank")
        browser.get(address)
        wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
        assert browser.execute_script("""
            const table = document.getElementById('results').getBoundingClientRect();
            return table.right <= document.documentElement.clientWidth
                && document.querySelectorAll('#results thead th').length === 9""")
        assert browser.execute_script("""
            const shown = (query) => [...document.querySelectorAll(query)]
                .every((node) => node.getBoundingClientRect().width > 0);
            const bar = getComputedStyle(document.querySelector('.bar-total'));
            return shown('.bar-name') && shown('.bar-total') && bar.printColorAdjust === 'exact'
                && shown('.presets [aria-checked=true]')""")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def presets(scenario):
    found = page.payload(scenario, contenders(), 200, SEED)
    return [(preset["name"], preset["title"]) for preset in found["presets"]], found["initial"]


def test_no_two_presets_have_one_name_or_title(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text('title = "Ours"\n[inputs]\nneurons = 5\n', "utf-8")
    own = load_scenario(str(path))
    for scenario, first in (
        (load_scenario().with_setting("neurons", 5), ("ours-changed", "Ours, changed")),
        (own, ("ours.toml", "Ours (ours.toml)")),
        (own.with_setting("years", 3), ("ours.toml-changed", "Ours, changed")),
    ):
        found, initial = presets(scenario)
        assert found[initial] == first
        assert len({name for name, _ in found}) == len({title for _, title in found}) == len(found)
        # And ours on published figures.
        assert len(found) == len(preset_names()) + 2
    for name in preset_names():
        found, initial = presets(load_scenario(name))
        assert found[initial][0] == name
        assert len(found) == len(preset_names()) + 1


def type_into(browser, name, text):
    browser.execute_script(
        """
        const field = document.querySelector(`.control[data-name=${arguments[0]}] .value`);
        field.focus();
        field.value = arguments[1];
        field.dispatchEvent(new Event('change'));""",
        name,
        text,
    )


def test_an_interval_can_be_typed_and_put_back(browser, address):
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    type_into(browser, "neurons", "5e9 to 2e10")
    wait_for(browser, "location.hash.includes('neurons=5000000000..20000000000')")
    for wrong in ("5 to 2", "-3", "many", "1 to 2 to 3", ""):
        type_into(browser, "neurons", wrong)
        assert "neurons=5000000000..20000000000" in browser.current_url
    browser.execute_script("document.querySelector('.control[data-name=neurons] .back').click()")
    wait_for(browser, "!location.hash.includes('neurons=')")


def test_handles_may_pass_each_other(browser, address):
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    browser.execute_script("""
        const end = document.querySelectorAll(
            '.control[data-name=neurons] input[type=range]')[1];
        end.value = 300;
        end.dispatchEvent(new Event('input'));""")
    wait_for(browser, "location.hash.includes('neurons=')")
    low, high = browser.current_url.split("neurons=")[1].split("..")
    assert float(low) < float(high)


def test_no_sideways_scrolling_on_a_phone(browser, address):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 375, "height": 800, "deviceScaleFactor": 2, "mobile": True},
    )
    try:
        browser.get("about:blank")
        browser.get(address)
        wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
        browser.execute_script(
            "document.querySelectorAll('details').forEach(d => { d.open = true; })"
        )
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 375
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_page_shows_what_the_fit_on_half_of_the_studies_foretells(browser, address):
    browser.get(address)
    half, other = both_ways()
    marks = browser.find_elements("css selector", "#backcast .mark.published")
    assert len(marks) == len(half.tested)
    titles = {run.title for run in half.tested}
    assert {mark.get_attribute("aria-label").split(". Published")[0] for mark in marks} == titles
    told = browser.find_element("id", "backcast-told").text
    for found in (half, other):
        assert f"{sum(run.inside for run in found.tested)} of {len(found.tested)} inside" in told
    assert len(browser.find_elements("css selector", "#backcast-fit li")) == len(half.fitted)
    recalled = [mark.text for mark in marks if mark.text.endswith(" *")]
    assert len(recalled) == sum(run.confidence == "recalled" for run in half.tested)


def test_other_rules_of_learning_stand_beneath_their_contender(browser, address):
    beneath = list(alternatives("spiking"))
    for preset, shown in (("ours", beneath), ("seed-2022", [])):
        browser.get("about:blank")
        browser.get(f"{address}#preset={preset}")
        wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
        for host in ("#ladder", "#results"):
            found = browser.execute_script(
                f"return [...document.querySelectorAll('{host} .alternative.spiking')].length"
            )
            assert found == len(shown)
    draws = Draws(4000, SEED)
    found = browser.execute_script(
        "const found = halfbrain.evaluate({preset: 'ours', inputs: {}}, 4000, 0);"
        "return found['spiking-stepped'].run_year"
    )
    result = forecast("spiking-stepped", load_scenario())
    running = result.quantity("run_flop_per_bio_second").sample(draws)
    year = result.values["seconds_per_year"].sample(draws)
    assert found["p50"] == pytest.approx(np.median(running * year), rel=1e-9)
