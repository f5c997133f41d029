"""Every number of the page opens to its tree, which is that of `halfbrain explain`."""

import numpy as np
import pytest

from chromium import SEED, wait_for
from halfbrain.contenders.registry import contenders, rows
from halfbrain.facts.draws import Draws
from halfbrain.facts.table import facts
from halfbrain.forecast.audit.audit import audit
from halfbrain.forecast.comparison import fit
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import load_scenario
from halfbrain.report.document import tree_document
from halfbrain.report.steps import audit_trees, steps_document

pytestmark = pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
DRAWS = 4000
STATES = (
    {"preset": "ours", "inputs": {}},
    {"preset": "ours", "inputs": {"neurons": [1e9, 2e10], "learning": [0, 0], "years": [3, 3]}},
    {"preset": "ours", "inputs": {"spiking.steps_per_second": [1e3, 1e4]}},
    {"preset": "ours", "inputs": {"glia": [1, 1], "gap_junctions": [0.2, 0.6], "runs": [1, 9]}},
    {"preset": "seed-2022", "inputs": {}},
    {"preset": "sandberg-bostrom-2008", "inputs": {"firing_rate": [1, 2]}},
)


@pytest.fixture
def opened(browser, address):
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelectorAll('#tornado h3').length === 4")
    return browser


def same(here, there):
    """Hold a node of the page, and all below it, against Python's."""
    unit = there["unit"]
    assert here["unit"] == unit or {here["unit"], unit} <= {"", "dimensionless"}
    if "operation" not in there:
        assert here["name"] == there["name"]
        if "low" in here:  # a plain number has none
            assert (here["low"], here["high"]) == pytest.approx(
                (there["low"], there["high"]), rel=1e-9
            )
        return 1
    while there["operation"] == "to":  # a conversion by one, under the step's name
        there = there["parts"][0] | {"name": there["name"]}
    assert here["operation"] == there["operation"]
    for key in ("p5", "p50", "p95"):
        assert here[key] == pytest.approx(there[key], rel=1e-9), there["name"]
    assert len(here["parts"]) == len(there["parts"])
    return 1 + sum(same(a, b) for a, b in zip(here["parts"], there["parts"], strict=True))


def test_the_tree_is_that_of_explain(opened):
    draws, nodes = Draws(DRAWS, SEED), 0
    for state in STATES:
        scenario = load_scenario(state["preset"])
        for key, (low, high) in state["inputs"].items():
            scenario = scenario.with_setting(key, low if low == high else f"{low!r} to {high!r}")
        for name in rows():
            result = forecast(name, scenario)
            for value in ("flop", "memory", "bytes_moved"):
                found = opened.execute_script(
                    "return halfbrain.tree(arguments[0], arguments[1], arguments[2], arguments[3])",
                    state,
                    name,
                    f"{name}.{value}",
                    DRAWS,
                )
                assert found["name"] == f"{name}.{value}"
                nodes += same(found, tree_document(result.quantity(value), draws))
    assert nodes > 500


def test_what_is_worked_out_beyond_the_model_has_a_tree_too(opened):
    result = forecast("blue-brain", load_scenario())
    expected = fit(result, Draws(DRAWS, SEED))

    def tree(value):
        return opened.execute_script(
            "return halfbrain.tree({preset: 'ours', inputs: {}}, 'blue-brain',"
            " `blue-brain.${arguments[0]}`, arguments[1])",
            value,
            DRAWS,
        )

    assert tree("fits")["p50"] == pytest.approx(expected.times.p50, rel=1e-9)
    assert tree("largest")["p95"] == pytest.approx(expected.neurons.p95, rel=1e-9)
    assert tree("fits")["parts"][0]["p50"] == pytest.approx(expected.budget, rel=1e-9)
    over = tree("over.palm")["p50"]
    flop = np.median(result.flop.sample(Draws(DRAWS, SEED)))
    assert over == pytest.approx(flop / facts().get("training_runs.palm.compute").magnitude())


def test_every_number_opens(opened):
    hosts = {"answer": 2, "cards": 4, "results": 32, "ladder": 40, "terms": 13, "audit": 20}
    found = opened.execute_script(
        "const panel = document.getElementById('panel'), out = {}, seen = new Set();"
        "for (const host of arguments[0]) {"
        "  const nodes = [...document.querySelectorAll(`#${host} [data-opens]`)];"
        "  const texts = nodes.filter(node => !seen.has(node.dataset.opens) &&"
        "    (host !== 'results' || node.closest('.spiking:not(.alternative)'))).map(node => {"
        "    seen.add(node.dataset.opens);"
        "    node.dispatchEvent(new MouseEvent('click', {bubbles: true}));"
        "    const text = panel.open ? panel.innerText : '';"
        "    panel.close();"
        "    return [node.dataset.opens, text];"
        "  });"
        "  out[host] = [nodes.length, texts];"
        "}"
        "return out",
        list(hosts),
    )
    for host, (count, texts) in found.items():
        assert count >= hosts[host], host
        for key, text in texts:
            assert text.count("\n") >= 2, key
            assert not {"NaN", "undefined", "null"} & set(text.split()), key
    assert not [entry for entry in opened.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.mark.parametrize("where", ["#results .spiking .number", "#ladder .row.spiking"])
def test_the_keyboard_opens_and_closes(opened, where):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    focused = "document.activeElement.dataset.opens"
    opened.execute_script("document.querySelector(arguments[0]).focus()", where)
    ActionChains(opened).send_keys(Keys.ENTER).perform()
    wait_for(opened, "document.getElementById('panel').open")
    text = opened.execute_script("return document.getElementById('panel').innerText")
    assert "FLOP per neuron and second" in text
    assert "neuron updates + synaptic events + plasticity" in text
    assert "Stimberg, Goodman and Nowotny 2020" in text
    ActionChains(opened).send_keys(Keys.ESCAPE).perform()
    wait_for(opened, "!document.getElementById('panel').open")
    assert opened.execute_script(f"return {focused}") == "spiking.flop"
    # What had the focus keeps it when all is drawn anew.
    opened.execute_script("render()")
    assert opened.execute_script(f"return {focused}") == "spiking.flop"


def test_an_input_of_the_tree_leads_to_its_slider(opened):
    opened.execute_script("document.querySelector('#cards .spiking .number').click()")
    opened.execute_script(
        "[...document.querySelectorAll('#panel .leaf')].find(leaf =>"
        " leaf.querySelector('.node-name').textContent === 'Firing rate')"
        ".querySelector('.to-slider').click()"
    )
    assert opened.execute_script(
        "return [document.getElementById('panel').open,"
        " document.activeElement.closest('.control').dataset.name]"
    ) == [False, "firing_rate"]


def test_paper_has_the_steps_of_every_contender(opened):
    rows = opened.execute_script(
        "paperTrees(); return [...document.querySelectorAll('#worked-out tr')].map(row =>"
        " row.textContent)"
    )
    assert any(row.startswith("FLOP per neuron and second") for row in rows)
    assert opened.execute_script(
        "return [...document.querySelectorAll('#worked-out h3')].map(head => head.textContent)"
    ) == [contender.title for contender in contenders().values()]


def test_formulas_of_the_page_are_those_of_the_model():
    steps = steps_document(contenders()["spiking"], "operations")
    assert steps["spiking.flop"]["formula"] == {
        "operation": "*",
        "unit": "FLOP",
        "parts": ["runs", "spiking.flop_per_bio_second", "training_seconds"],
    }
    assert steps["spiking.bytes_per_event"]["formula"] == "spiking.bytes_per_synapse"
    terms = [part["term"] for part in steps["spiking.flop_per_neuron_second"]["formula"]["parts"]]
    assert {"neuron updates", "plasticity", "synaptic events"} <= set(terms)


def test_trees_of_the_audit_give_its_values():
    for finding in audit().findings:
        trees = audit_trees(finding.step)
        for key in ("recomputed", "meant"):
            value = getattr(finding, key)
            if key in trees and value is not None:
                assert trees[key]["p50"] == pytest.approx(value, rel=1e-9), finding.step.id
        assert finding.recomputed is None or "recomputed" in trees
