"""The years on the page: those of `halfbrain when`, for the scenario that the page was made for."""

from chromium import SEED, wait_for
from halfbrain.contenders.registry import contender, contenders
from halfbrain.forecast.scenario import load_scenario
from halfbrain.forecast.trends import Trends
from halfbrain.forecast.when import budget
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
