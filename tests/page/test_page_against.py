"""Two scenarios side by side on the page, and what is left out: the same figures as Python's."""

import pytest

from chromium import SEED, wait_for
from halfbrain.contenders.registry import contenders
from halfbrain.facts.draws import Draws
from halfbrain.forecast.additions import additions
from halfbrain.forecast.difference import difference
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import load_scenario

pytestmark = pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
DRAWS = 4000


@pytest.mark.parametrize(
    ("one", "moved", "other"),
    [
        ("ours", {}, "ours-published"),
        ("ours", {"neurons": [5e9, 2e10], "spiking.step": [1e-4, 1e-4]}, "seed-2022"),
        ("carlsmith-2020", {}, "ours"),
        ("seed-2022", {"years": [2, 2]}, "seed-mended"),
    ],
)
def test_ratio_and_reasons_are_those_of_python(browser, address, one, moved, other):
    browser.get(address)
    here = load_scenario(one)
    for key, (low, high) in moved.items():
        here = here.with_setting(key, low if low == high else f"{low!r} to {high!r}")
    there = load_scenario().published() if other == "ours-published" else load_scenario(other)
    for name in contenders():
        expected = difference(name, here, there, Draws(DRAWS, SEED))
        found = browser.execute_script(
            "return halfbrain.difference({preset: arguments[0], inputs: arguments[1]},"
            " {preset: arguments[2], inputs: {}}, arguments[3], arguments[4])",
            one,
            moved,
            other,
            name,
            DRAWS,
        )
        assert found["flop"]["p50"] == pytest.approx(expected.other.p50, rel=1e-9)
        assert found["ratio"] == pytest.approx(expected.ratio, rel=1e-9)
        assert found["counting"] == pytest.approx(expected.counting, rel=1e-9)
        assert {reason["name"]: reason["factor"] for reason in found["reasons"]} == pytest.approx(
            {reason.name: reason.factor for reason in expected.reasons}, rel=1e-9
        )


def test_what_is_left_out_would_add_as_much_as_python_has_it(browser, address):
    browser.get(address)
    moved = {"firing_rate": [0.5, 2]}
    scenario = load_scenario().with_setting("firing_rate", "0.5 to 2")
    for name in ("spiking", "blue-brain", "spiking-surrogate"):
        found = browser.execute_script(
            "return halfbrain.additions({preset: 'ours', inputs: arguments[0]}, arguments[1],"
            " arguments[2])",
            moved,
            name,
            DRAWS,
        )
        expected = additions(forecast(name, scenario), Draws(DRAWS, SEED))
        assert set(found) == {one.name for one in expected}
        for one in expected:
            for key in ("p5", "p50", "p95"):
                assert found[one.name][key] == pytest.approx(
                    getattr(one.flop, key), rel=1e-9, abs=1e-12
                )


def test_what_it_is_held_against_is_chosen_shown_and_kept(browser, address):
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    hidden = "document.getElementById('against').hidden"
    assert browser.execute_script(f"return {hidden}")
    browser.execute_script(
        "const choice = document.getElementById('against-choice');"
        "choice.value = 'seed-2022'; choice.dispatchEvent(new Event('change'));"
    )
    wait_for(browser, f"!{hidden} && document.querySelectorAll('#against-told tbody tr').length")
    assert "against=seed-2022" in browser.current_url
    assert len(browser.find_elements("css selector", "#ladder .there")) == 4
    rows = browser.execute_script(
        "return [...document.querySelectorAll('#against-told .cards-of-rows tbody tr')]"
        ".map(row => row.textContent)"
    )
    assert len(rows) == 4
    assert "way of counting" in rows[-1]
    # What stands there opens to its own tree.
    browser.execute_script("document.querySelector('[data-opens=\"there:spiking.flop\"]').click()")
    text = browser.execute_script("return document.getElementById('panel').innerText")
    assert "4.78 × 10⁸ s" in text
    browser.execute_script("document.getElementById('panel').close()")
    link = browser.current_url
    browser.get("about:blank")
    browser.get(link)
    wait_for(browser, f"!{hidden}")
