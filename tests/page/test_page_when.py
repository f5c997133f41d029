"""Years and plans on the page: those of the commands, for the scenario that it was made for."""

from chromium import SEED, wait_for
from halfbrain.contenders.registry import contender, contenders
from halfbrain.forecast.plan import Target
from halfbrain.forecast.scenario import load_scenario
from halfbrain.forecast.trends import Trends
from halfbrain.forecast.when import budget
from halfbrain.report.plan import plan_document
from halfbrain.report.when import when_document


def test_years_are_those_of_the_command(browser, address):
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#when-told tbody tr').length >= 4")
    trends = Trends()
    expected = when_document(
        load_scenario(), contenders(), "b200", budget(None, None, trends), trends, 10_000, SEED
    )
    rows = browser.execute_script(
        "return [...document.querySelectorAll('#when-told table.when tbody tr')].map(row =>"
        " [...row.children].map(cell => cell.textContent))"
    )
    told = {None: "after 2100"}
    for row, each in zip(rows, expected["contenders"], strict=True):
        assert contender(each["name"]).title.endswith(row[0])
        for cell, years in zip(row[2:], (each["fixed"], each["growing"]), strict=True):
            year = years["p50"]
            already = years["already"] >= 0.5
            assert cell.startswith("already" if already else told.get(year, str(year)))
    about = browser.execute_script("return document.getElementById('when-about').textContent")
    assert "sliders do not move it" in about
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_plans_are_those_of_the_command(browser, address):
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#plan-told tbody tr').length")
    for place, machine in ((0, "h100"), (2, "world-2025")):
        browser.execute_script(
            "document.querySelectorAll('#machines button')[arguments[0]].click()", place
        )
        found = browser.execute_script(
            "const chosen = DATA.plan.machines[arguments[0]];"
            "return [chosen.name, chosen.contenders['blue-brain'],"
            " document.querySelector('#plan-told .plan').innerText]",
            place,
        )
        target = Target("real time")
        expected = plan_document(load_scenario(), "blue-brain", machine, target, 2000, SEED)
        assert found[0] == machine
        for here, there in zip(found[1]["ways"], expected["ways"], strict=True):
            assert here["devices"] == there["devices"]
        assert ("no number is enough" in found[2]) == (
            expected["ways"][0]["devices"]["p50"] is None
        )
