"""The odds on the page: beliefs, told as such, with Python's products."""

import pytest

from chromium import SEED, wait_for
from halfbrain.facts.draws import Draws
from halfbrain.forecast.beliefs import belief_names, load_beliefs
from halfbrain.forecast.odds import at_least_one, odds
from halfbrain.forecast.scenario import load_scenario

DRAWS = 4000


def close(found, expected):
    for key in ("p5", "p50", "p95"):
        assert found[key] == pytest.approx(getattr(expected, key), rel=1e-9)


@pytest.mark.parametrize("name", belief_names())
def test_products_are_those_of_python(browser, address, name):
    browser.get(address)
    moved = {"neurons": [1e14, 1e18]}  # so that the compute is not always enough
    scenario = load_scenario().with_setting("neurons", "1e14 to 1e18")
    draws = Draws(DRAWS, SEED)
    expected = odds(load_beliefs(name), scenario, draws)
    found = browser.execute_script(
        "return halfbrain.odds({preset: 'ours', inputs: arguments[0]}, arguments[1], arguments[2])",
        moved,
        name,
        DRAWS,
    )
    assert 0 < expected[-1].steps[0].chance.p50 < 1
    for here, there in zip(found["contenders"], expected, strict=True):
        assert here["name"] == there.contender
        close(here["works"], there.works)
        for step, other in zip(here["steps"], there.steps, strict=True):
            assert step["name"] == other.branch
            close(step, other.chance)
            assert (step["share"] is None) == (other.share_of_spread is None)
            assert (step["share"] or 0) == pytest.approx(other.share_of_spread or 0, rel=1e-9)
    together = at_least_one(expected, draws)
    close(found["at_least_one"]["as_one"], together.as_one)
    close(found["at_least_one"]["each_alone"], together.each_alone)


def test_beliefs_are_chosen_told_as_such_and_kept(browser, address):
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#odds-told tbody tr').length === 8")
    told = browser.execute_script("return document.getElementById('odds').innerText")
    assert "beliefs, not measurements" in told
    assert "100 % of draws" in told
    browser.execute_script("document.querySelectorAll('#beliefs button')[2].click()")
    wait_for(browser, "location.hash.includes('beliefs=sceptic')")
    assert browser.execute_script("return document.activeElement.textContent").startswith("A scep")
    browser.execute_script(
        "document.querySelector('[data-opens=\"odds.blue-brain.works\"]').click()"
    )
    panel = browser.execute_script("return document.getElementById('panel').innerText")
    assert "= compute × abstraction × parameters" in panel
    assert "the level of detail keeps what matters" in panel.lower()
    browser.execute_script("document.getElementById('panel').close()")
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
