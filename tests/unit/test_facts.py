"""The tables of facts: complete, sourced, and strict about what does not belong."""

import math
import re

import pytest

from halfbrain.errors import FactError
from halfbrain.facts.table import facts, load

GOOD = """
[thing]
title = "A thing"
source = "x"
confidence = "read"
[thing.mass]
value = "1 to 2"
unit = "gram"
"""
SOURCES = '[x]\nauthors = "X"\nyear = 2020\ntitle = "T"\nurl = "https://example.org"\n'


def load_text(tmp_path, text, sources=SOURCES):
    (tmp_path / "things.toml").write_text(text, "utf-8")
    (tmp_path / "sources.toml").write_text(sources, "utf-8")
    return load(tmp_path)


def test_every_shipped_figure_has_a_unit_a_source_and_a_confidence():
    figures = list(facts().figures())
    assert len(figures) > 300
    for figure in figures:
        assert figure.origin.sources, figure.name
        assert figure.origin.confidence, figure.name
        assert math.isfinite(figure.interval.low), figure.name


def test_recalled_and_judged_figures_say_so_in_words_or_rest_on_a_named_source():
    for figure in facts().figures():
        if figure.origin.confidence == "judgement":
            assert figure.origin.note or figure.origin.sources, figure.name


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("brains", ["human", "rat", "mouse"]),
        (
            "training_runs",
            [
                "gpt-3",
                "gopher",
                "chinchilla",
                "palm",
                "gpt-4",
                "gpt-4-5",
                "gpt-5",
                "grok-3",
                "grok-4",
                "mistral-large-2",
                "doubao-pro",
                "qwen3-max",
                "kimi-k2-5",
                "glm-5",
                "composer-2",
                "deepseek-v4-pro",
            ],
        ),
        ("estimates", ["zanichelli-2025-event-driven", "zanichelli-2025-time-stepped"]),
        (
            "hardware",
            [
                "titan-xp",
                "v100",
                "a100-40gb",
                "h100",
                "h200",
                "b200",
                "b300",
                "gb300",
                "mi300x",
                "mi355x",
                "tpu-v5p",
                "tpu7x",
                "alveo-u250",
                "bgq-node",
                "fugaku",
                "frontier",
                "el-capitan",
                "jupiter-booster",
                "spinnaker-2",
                "spinnaker-2-sandia",
                "darwin-monkey",
                "loihi-2",
                "human-brain",
            ],
        ),
        (
            "simulation_runs",
            [
                "kunkel-2014",
                "jordan-2018-5g",
                "igarashi-2019",
                "yamaura-2020",
                "knight-nowotny-2021",
                "lu-2024",
                "kuriyama-2025",
                "coreneuron-2019",
                "kurth-2022-1node",
            ],
        ),
        (
            "contenders",
            [
                "numenta-100x",
                "active-dendrites",
                "brian2genn-cobahh",
                "brian2genn-mbody",
                "coreneuron-cortex-plasticity",
                "markram-2015",
                "eyal-2016",
            ],
        ),
    ],
)
def test_the_tables_hold_what_the_question_needs(table, keys):
    missing = [key for key in keys if not any(k.startswith(key) for k in facts().tables[table])]
    assert not missing


def test_a_training_run_that_rests_on_a_point_value_has_it_as_its_median():
    """The interval is a factor either way; what the note calls the point value is its middle."""
    for item in facts().tables["training_runs"].values():
        compute = item.figure("compute")
        point = re.match(r"Point value ([0-9.e]+);", compute.origin.note)
        assert point, item.key
        assert compute.interval.median == pytest.approx(float(point[1]), rel=0.11), item.key
    for key, value in (("gpt-4-5", 3.8e26), ("grok-3", 3.5e26), ("deepseek-v4-pro", 9.7e24)):
        found = facts().get(f"training_runs.{key}.compute").magnitude()
        assert found == pytest.approx(value, rel=0.01)


def test_a_good_table_loads(tmp_path):
    mass = load_text(tmp_path, GOOD).get("things.thing.mass")
    assert (mass.interval.low, mass.interval.high) == (1, 2)
    assert str(mass.origin) == "X 2020 [read]"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('unit = "gram"\n', "", "things.toml: thing.mass: has no unit"),
        ('source = "x"\n', "", "things.toml: thing.mass: has no source"),
        ('"x"', '"y"', "source 'y' is not in sources.toml"),
        ('"1 to 2"', '"2 to 1"', "runs backwards"),
        ('"1 to 2"', "nan", "finite"),
        ('"1 to 2"', "inf", "finite"),
        ('"1 to 2"', "true", "is not a figure"),
        ('"1 to 2"', '"1 to 2 gram"', "the unit belongs in 'unit'"),
        ('"gram"', '"grams of it"', "is not a unit"),
        ('"gram"', '"furlong"', "unknown unit 'furlong'"),
        ('"read"', '"sure"', "confidence must be one of"),
        ('title = "A thing"\n', "", "has no title"),
        ("[thing.mass]", "[thing.mass]\ncolour = 3", "unknown key 'colour'"),
        ("[thing.mass]", "[thing.mass", "is not TOML"),
    ],
)
def test_a_bad_table_is_one_line_that_names_the_place(tmp_path, old, new, message):
    with pytest.raises(FactError) as error:
        load_text(tmp_path, GOOD.replace(old, new))
    assert message in str(error.value)
    assert "things.toml" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "sources",
    [
        "x = 3",
        '[x]\nauthors = "X"',
        SOURCES + "[x]\n",
        SOURCES.replace("2020", '"2020"'),
        SOURCES.replace("url", "uri"),
    ],
)
def test_bad_sources_are_one_line(tmp_path, sources):
    with pytest.raises(FactError, match=r"sources\.toml"):
        load_text(tmp_path, GOOD, sources)


def test_unknown_names_list_what_there_is():
    with pytest.raises(FactError, match="there are"):
        facts().get("hardware.abacus.peak_fp64")
    with pytest.raises(FactError, match="it has"):
        facts().get("hardware.h100.colour")
