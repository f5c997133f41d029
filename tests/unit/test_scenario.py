"""Scenarios: what can be set, in which units, and what a user can get wrong."""

import json
import re
import string
import warnings
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halfbrain.contenders.registry import contenders
from halfbrain.errors import HalfbrainError, HalfbrainWarning
from halfbrain.facts.table import facts, load
from halfbrain.forecast.scenario import load_scenario, preset_names
from halfbrain.forecast.setting import settings as known
from halfbrain.report.document import estimate_document

GOOD = """
title = "Mine"
counting = "operations"
[inputs]
neurons = "9e9 to 13e9"
spiking.step = { value = "0.1 to 1 ms" }
years = { value = 10, unit = "year", note = "Shorter." }
blue-brain.compartments_per_neuron = { fact = "brains.human.compartments_per_neuron" }
"""


def load_text(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return load_scenario(str(path))


def test_every_preset_loads():
    assert preset_names()[0] == "ours"
    assert {"seed-2022", "seed-mended", "seed-records"} <= set(preset_names())
    for name in preset_names():
        scenario = load_scenario(name)
        assert scenario.title
        assert scenario.about


def test_a_fact_is_a_setting():
    name = "brains.mouse.neocortical_neurons"
    given = load_scenario().with_setting("neurons", facts().get(name)).inputs()["neurons"]
    assert given.magnitude() == facts().get(name).magnitude()
    assert given.origin.fact == name


def test_values_units_and_facts(tmp_path):
    inputs = load_text(tmp_path, GOOD).inputs()
    assert (inputs["neurons"].interval.low, inputs["neurons"].interval.high) == (9e9, 13e9)
    assert inputs["spiking.step"].interval.low == pytest.approx(1e-4)
    assert inputs["years"].magnitude("bio_year") == pytest.approx(10)
    assert inputs["years"].origin.note == "Shorter."
    assert (
        inputs["blue-brain.compartments_per_neuron"].origin.fact
        == "brains.human.compartments_per_neuron"
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("neuron", 1, "did you mean 'neurons'"),
        ("neurons", "5 to 2", "runs backwards"),
        ("neurons", "nan", "finite"),
        ("neurons", -5, "above zero"),
        ("neurons", 0, "above zero"),
        ("neurons", "1e400", "finite"),
        ("neurons", "3 FLOP", "is not a unit of neuron"),
        ("firing_rate", -0.1, "zero or more"),
        ("learning", 2, "between 0 and 1"),
        ("awake_share", "0.5 to 1.5", "between 0 and 1"),
        ("years", {"value": 3, "colour": 1}, "unknown key 'colour'"),
        ("years", {"note": "x"}, "neither a value nor a fact"),
        ("years", {"fact": "no.such.fact"}, "no 'such'"),
        ("years", {"fact": "hardware.h100.power"}, "which is not"),
        ("years", [1], "is not a figure"),
    ],
)
def test_mistakes_are_one_line(name, value, message):
    with pytest.raises(HalfbrainError) as error:
        load_scenario().with_setting(name, value)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["awake_share", "learning", "numenta.effective_density"])
def test_a_fact_is_held_to_the_range_too(tmp_path, name):
    text = f'[inputs]\n{name} = {{ fact = "contenders.numenta-100x.throughput_full_chip" }}\n'
    with pytest.raises(HalfbrainError, match="112 is a share and must lie between 0 and 1"):
        load_text(tmp_path, text)


def test_two_spellings_of_one_input_are_a_line(tmp_path):
    with pytest.raises(HalfbrainError, match=r"spiking\.step stands twice"):
        load_text(tmp_path, '[inputs]\n"spiking.step" = "1 ms"\nspiking.step = "0.1 ms"\n')


@pytest.mark.parametrize(
    ("preset", "first", "second", "message"),
    [
        ("ours", ("training_seconds", 1e6), ("years", 3), "^years does not change the FLOP and"),
        ("ours", ("years", 3), ("training_seconds", 1e6), "training_seconds is set outright"),
        (
            "ours",
            ("spiking.flop_per_neuron_second", 1e6),
            ("spiking.flop_per_update", 99),
            "spiking.flop_per_update does not change the FLOP of spiking",
        ),
        ("seed-2022", ("neurons", 5), ("awake_share", 0.5), "training_seconds is set outright"),
        ("seed-mended", ("neurons", 5), ("spiking.flop_per_event", 2), "counts machine-time"),
        ("ours", ("neurons", 5), ("spiking.clock", 1e9), "counts operations"),
        ("ours", ("neurons", 5e9), ("emulated_share", 0.3), "^emulated_share does not change"),
        ("ours", ("synapses_per_neuron", 9e3), ("childhood_density", 2), "are?|is set outright"),
    ],
)
def test_a_setting_that_another_hides_is_told(tmp_path, preset, first, second, message):
    with pytest.warns(HalfbrainWarning, match=message):
        load_scenario(preset).with_setting(*first).with_setting(*second)
    if preset == "ours":
        lines = "\n".join(f"{name} = {value}" for name, value in (first, second))
        with pytest.warns(HalfbrainWarning, match=message):
            load_text(tmp_path, f"[inputs]\n{lines}\n")


def test_what_is_measured_and_hides_a_setting_is_told():
    found = load_scenario().inputs()["spiking.bytes_per_neuron"]
    measured = SimpleNamespace(contender="spiking", inputs={"spiking.bytes_per_update": found})
    with pytest.warns(HalfbrainWarning, match=r"^spiking\.bytes_per_neuron does not change"):
        load_scenario().with_setting("spiking.bytes_per_neuron", 3).with_measured(measured)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_scenario("seed-mended").with_measured(measured)


def test_settings_that_go_together_are_not_remarked_on():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in preset_names():
            load_scenario(name).with_setting("neurons", 5e9)
        load_scenario().with_setting("years", 3).with_setting("spiking.step", "1 ms")


def test_the_words_follow_the_figures(tmp_path):
    for name in preset_names():
        figures = re.findall(r"\d[\d.e]*", load_scenario(name).about)
        assert set(figures) <= {"2022", "4", "5", "6", "7"}, name  # a year, and names of levels
    changed = load_scenario().with_setting("neurons", "5e9 to 13e9").with_setting("years", 3)
    changed = changed.with_setting("firing_rate", "0.1 to 1")
    assert changed.heading == "Ours, changed"
    assert changed.account.startswith(
        "neurons = 5e9 to 1.3e10; years = 3; firing_rate = 0.1 to 1 per second. The question"
    )
    assert load_scenario().heading == "Ours"
    assert load_text(tmp_path, 'title = "Ours"').name == "mine.toml"


def test_texts_of_a_file_hold_no_control_characters(tmp_path):
    scenario = load_text(
        tmp_path,
        'title="a\\u001b[31mred\\u0007"\nabout="x\\u001b]0;y"\n[inputs]\n'
        'years={value=3,note="\\u009b2J"}',
    )
    note = scenario.inputs()["years"].origin.note
    assert scenario.title == r"a\x1b[31mred\x07"
    assert (scenario.title + scenario.about + note).isprintable()


def test_a_missing_file_names_the_presets():
    with pytest.raises(HalfbrainError, match="seed-2022"):
        load_scenario("nowhere")
    with pytest.raises(HalfbrainError, match="No such file"):
        load_scenario("nowhere.toml")


def test_a_file_cut_in_half_is_one_line(tmp_path):
    for end in range(len(GOOD)):
        try:
            load_text(tmp_path, GOOD[:end])
        except HalfbrainError as error:
            assert "mine.toml" in str(error)
            assert "\n" not in str(error)


# -- malformed files -------------------------------------------------------------------------------

_scalars = st.one_of(
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text(max_size=30),
    st.sampled_from(
        ["1e9 to 2e10", "5 to 2", "nan", "1e400", "3 ms", "1 to 2 FLOP/neuron", "", "to"]
    ),
)
_names = st.one_of(
    st.sampled_from(
        [
            *known(),
            "title",
            "about",
            "counting",
            "inputs",
            "value",
            "unit",
            "fact",
            "note",
            "shape",
            "source",
            "confidence",
            "x",
        ]
    ),
    st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=20),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_names, inner, max_size=3)
    ),
    max_leaves=8,
)


def as_toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        kept = "".join(c for c in value if c.isprintable() and c not in '"\\')
        return f'"{kept}"'
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return "{" + ", ".join(f'"{key}" = {as_toml(entry)}' for key, entry in value.items()) + "}"


def malformed():
    """TOML of wrong shapes, TOML with bytes flipped, cut or doubled, and noise."""
    shaped = st.dictionaries(_names, _values, max_size=5).map(
        lambda entries: "\n".join(f'"{k}" = {as_toml(v)}' for k, v in entries.items()).encode()
    )
    inputs = shaped.map(lambda body: b"[inputs]\n" + body)
    edits = st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), st.binary(max_size=6)).map(
        lambda e: GOOD.encode()[: e[0]] + e[2] + GOOD.encode()[e[0] + e[1] :]
    )
    return st.one_of(shaped, inputs, edits, st.binary(max_size=200))


@pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=malformed())
def test_no_scenario_file_brings_a_traceback(tmp_path, text):
    try:
        scenario = load_text(tmp_path, text)
    except HalfbrainError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 1000
    else:
        assert scenario.inputs()


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=malformed())
def test_no_fact_file_brings_a_traceback(tmp_path, text):
    (tmp_path / "things.toml").write_bytes(text)
    try:
        load(tmp_path)
    except HalfbrainError as error:
        assert "things.toml" in str(error)
        assert "\n" not in str(error)


@pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(list(known())),
    value=st.one_of(
        st.floats(),
        st.sampled_from(["1e-320 to 1e308", "1e-300", "1e300", "0.5 to 1", "0", "1"]),
        st.tuples(st.floats(1e-300, 1e300), st.floats(1, 1e10)).map(
            lambda ends: f"{ends[0]!r} to {ends[0] * ends[1]!r}"
        ),
    ),
    preset=st.sampled_from(preset_names()),
)
def test_no_setting_brings_a_traceback_or_what_is_no_json(name, value, preset):
    try:
        scenario = load_scenario(preset).with_setting(name, value)
        document = estimate_document(scenario, contenders(), 100, 1, "h100")
    except HalfbrainError as error:
        assert "\n" not in str(error)
    else:
        json.dumps(document, allow_nan=False)
