"""NMODL: what the reader makes of texts, checked by hand."""

import importlib.util
import json
import math
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halfbrain.cli import mechanism as command
from halfbrain.codegen.kernel import scalar_function
from halfbrain.errors import ModelError
from halfbrain.nmodl import read_mechanism
from halfbrain.nmodl.cursor import Cursor
from halfbrain.nmodl.execution import Execution
from halfbrain.nmodl.slopes import Slope
from halfbrain.nmodl.tokens import tokens
from halfbrain.nmodl.values import Values
from halfbrain.random.streams import DRAWN, ROUNDS, STREAM, UNSOLVED
from nmodl_texts import ALL, BUFFER, SCHEME, SODIUM, SPINE, SYNAPSE

FUNCTIONS = {n: getattr(np, n) for n in ("exp", "log", "sqrt", "sin", "cos", "tanh", "floor")}


def results(program, draws=(), **inputs):
    def pick(wanted, seed, id1, id2, id3, drawn, before):
        return draws[int(drawn + before)]

    functions = {**FUNCTIONS, "pick": pick, "advance": lambda drawn, many: drawn + many}
    inputs = dict.fromkeys((*STREAM, ROUNDS, UNSOLVED), 0.0) | inputs
    with np.errstate(all="ignore"):
        step = scalar_function(program, functions, np.float64)
        found = step(*(np.float64(inputs[name]) for name in program.inputs))
    return dict(zip(program.outputs, map(float, found), strict=True))


def value(text, **inputs):
    """An expression's value, by way of a program."""
    run = Execution(Values(), set(inputs), {}, {}, {}, 4, {}, False, {}, {})
    operand = run.number(Cursor(tokens(text, "text")).expression())
    return results(run.values.program({"it": operand}), **inputs)["it"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-K^2", -9),
        ("2^3^2", 512),
        ("2^-1", 0.5),
        ("-2^2 + 1/2*4", -2),
        ("8/4/2 - 3 - 2", -4),
        ("4(um2)*2", 8),
        ("3(1/um3)/4*K", 2.25),
        ("K > 2 && K < 4 || 0", 1),
        ("!(K == 3) + (K != 4)", 1),
        ("1.5e1 + .5 - 2.", 13.5),
        ("fmod(-7, K)", -1),
        ("exprelr(0) + exprelr(K)", 1 + 3 / (math.exp(3) - 1)),
        ("(K >= 3)*10", 10),
        ("pow(K, 2.5) + log10(100)", 3**2.5 + 2),
        ("ceil(2.2) + floor(-0.5) + fabs(-K)", 5),
    ],
)
def test_operators_bind_as_in_nmodl(text, expected):
    assert value(text, K=3.0) == pytest.approx(expected, rel=1e-15)


@given(st.floats(-3, 3), st.floats(0.2, 3))
@settings(max_examples=30, deadline=None)
def test_slopes_are_derivatives(x, y):
    """Against central differences, of an expression with every operation."""
    text = (
        "exp(-x/y) + log(y)*x^3 - sqrt(y)*sin(x) + cos(x)*tanh(x) + x/(1 + x*x) "
        "+ fabs(x + 7)*y^x + fmin(x - 9, y) + fmax(x + 9, y) + (x - 8 < y)*x"
    )
    values = Values()
    run = Execution(values, {"x", "y"}, {}, {}, {}, 4, {}, False, {}, {})
    whole = run.number(Cursor(tokens(text, "text")).expression())
    program = values.program({"f": whole, "slope": Slope(values, "x").of(whole)})
    h = 1e-5
    up, down = results(program, x=x + h, y=y)["f"], results(program, x=x - h, y=y)["f"]
    slope = results(program, x=x, y=y)["slope"]
    assert slope == pytest.approx((up - down) / (2 * h), rel=1e-6, abs=1e-6)


def test_a_gate_is_solved_exactly_where_it_is_linear():
    """Hand-made: rates at u = v + 0.0001, the singularity's other branch unused."""
    sodium = read_mechanism(SODIUM)
    assert sodium.kind == "density"
    assert sodium.rows == ("m", "h")
    assert dict(sodium.parameters) == {"gbar": 0.12}
    assert dict(sodium.shared) == {"q": 2.3, "slow": 1}
    assert sodium.solved == {"m": "cnexp", "h": "cnexp"}
    for v in (-90.0, -60.0001, -38.0001, -45.0, 20.0):
        u, qt = v + 0.0001, 2.3 ** ((32 - 21) / 10)

        def linoid(x, k):
            return k * (1 + x / k / 2) if abs(x / k) < 1e-6 else x / (1 - math.exp(-x / k))

        a, b = 0.182 * linoid(u + 38, 6), 0.124 * linoid(-u - 38, 6)
        minf, mtau = a / (a + b), 1 / (a + b) / qt
        hinf = (
            0.9 + 0.1 * math.exp(-((u + 60) ** 2) / 900)
            if u < -60
            else 1 / (1 + math.exp((u + 66) / 6))
            if u < -30
            else 0.01
        )
        htau = 3.5 / qt
        after = results(sodium.step(0.1), v=v, celsius=32, q=2.3, m=0.2, h=0.7)
        assert after["m"] == pytest.approx(minf + (0.2 - minf) * math.exp(-0.1 / mtau), rel=1e-12)
        assert after["h"] == pytest.approx(hinf + (0.7 - hinf) * math.exp(-0.1 / htau), rel=1e-12)
    now = results(sodium.current, v=-20, ena=50, gbar=0.12, m=0.2, h=0.7)
    g = 0.12 * 0.008 * 0.7
    assert now == pytest.approx({"i": -70 * g, "g": g, "ina": -70 * g}, rel=1e-14)


def test_a_kinetic_scheme_is_backward_euler():
    """Against NumPy's dense solution, and its steady state against the null space."""
    scheme = read_mechanism(SCHEME)
    v, dt = -20.0, 0.5
    a, b = 0.3 * math.exp(v / 40), 0.1 * math.exp(-v / 60)
    rates = np.zeros((6, 6))
    links = [(0, 1, 3 * a, b), (1, 2, 2 * a, 2 * b), (2, 3, a, 3 * b), (3, 4, 0.02, 0.005)]
    for i, j, forward, backward in [*links, (5, 4, 0.001, 0.002)]:
        rates[i, i] -= forward
        rates[j, i] += forward
        rates[j, j] -= backward
        rates[i, j] += backward
    start = np.array([0.5, 0.2, 0.1, 0.1, 0.06, 0.04])
    expected = np.linalg.solve(np.eye(6) - dt * rates, start)
    given_rows = dict(zip(scheme.rows, start, strict=True))
    after = results(scheme.step(dt), v=v, **given_rows)
    assert [after[row] for row in scheme.rows] == pytest.approx(expected, rel=1e-12)
    steady = results(scheme.initial, v=v)
    still = rates @ [steady[row] for row in scheme.rows]
    assert np.abs(still).max() < 1e-9
    assert sum(steady.values()) == pytest.approx(1, abs=1e-12)


def residual_of_buffer(x, old, v, dt):
    free, bound, both = x
    flux = 20 * free * both - 0.5 * bound
    inflow = 0.01 * math.exp(-((v + 60) ** 2) / 400) / 2
    # "2 kf" over a volume of 2, and total = 2 total over it.
    return [
        free - old[0] - dt * (inflow - flux),
        bound - old[1] - dt * flux,
        2 * (bound + both) - 2 * 0.05,
    ]


def test_a_nonlinear_scheme_is_solved_by_newton():
    buffer = read_mechanism(BUFFER)
    start = (0.02, 0.01, 0.04)
    rows = dict(zip(("free", "bound", "both"), start, strict=True))
    inputs = {"v": -55.0, "total": 0.05, "kf": 20, "kb": 0.5}
    after = results(buffer.step(0.1), **rows, **inputs)
    gaps = residual_of_buffer([after[k] for k in rows], start, -55.0, 0.1)
    assert np.abs(gaps).max() < 1e-12


def test_derivimplicit_is_backward_euler():
    spine = read_mechanism(SPINE)
    r0, w0, v, dt = 0.4, 0.3, 10.0, 0.5
    after = results(spine.step(dt), v=v, r=r0, w=w0)
    r, w = after["r"], after["w"]
    drive = w / (1 + w)
    assert r == pytest.approx(
        r0 + dt * (-r * (1 - r) * (0.5 - r) / 20 + drive * (1 - r)), abs=1e-11
    )
    assert w == pytest.approx(w0 + dt * (0.05 * (1 + math.exp(v / 30)) - w * (0.2 + r)), abs=1e-11)


def test_an_event_changes_rows_and_the_synapse_and_sends_another():
    synapse = read_mechanism(SYNAPSE)
    assert synapse.kind == "point"
    assert synapse.arguments == ("weight", "left", "last")
    assert results(synapse.connect, weight=2.0) == {"left": 1, "last": -1e9}
    inputs = {"flag": 0, "t": 100.0, "last": 60.0, "left": 0.5, "use": 0.4, "rec": 200.0}
    inputs |= {"weight": 2.0, "factor": 1.5, "A": 0.1, "B": 0.2}
    after = results(synapse.receive, **inputs)
    left = 1 - 0.5 * math.exp(-40 / 200)
    assert after["A"] == pytest.approx(0.1 + 2 * 1.5 * 0.4 * left)
    assert after["left"] == pytest.approx(0.6 * left)
    assert (after["last"], after["net_send[0].delay"], after["net_send[0].flag"]) == (100, 3, 7)
    after = results(synapse.receive, **(inputs | {"flag": 7}))
    assert (after["A"], after["left"], after["last"]) == (pytest.approx(0.1001), 0.5, 60)
    assert after["net_send[0].delay"] == math.inf


RELEASE = """
NEURON { POINT_PROCESS S BBCOREPOINTER rng NONSPECIFIC_CURRENT i }
PARAMETER { sites = 3 }
ASSIGNED { rng v i hits watched }
STATE { A }
INITIAL { A = 0 net_send(0, 1) }
BREAKPOINT { i = A*v }
NET_RECEIVE (w, chance) {
    INITIAL { chance = 0.5 }
    if (flag == 1) { WATCH (v > -20) 2 }
    if (flag != 0 || w <= 0) {
        VERBATIM
        return;
        ENDVERBATIM
    }
    hits = 0
    FROM k = 0 TO sites - 1 { if (urand() < chance) { hits = hits + 1 } }
    A = A + w*hits
}
FUNCTION urand() {
VERBATIM
    _lurand = nrnran123_dblpick((nrnran123_State*)_p_rng);
ENDVERBATIM
}
PROCEDURE setRNG() {
VERBATIM
    anything(at, all);
ENDVERBATIM
}
"""


def test_random_streams_become_draws_and_loops_are_unrolled():
    read = read_mechanism(RELEASE, rounds=4)
    assert read.receive.count()["random"] == 4
    assert read.notes == ("<text>:17: FROM is unrolled to at most 4 rounds",)
    inputs = {"A": 1.0, "w": 0.5, "chance": 0.5, "sites": 3, "flag": 0, "v": -10.0}
    after = results(read.receive, draws=(0.1, 0.9, 0.2, 0.1), **inputs)
    assert after["A"] == 2.0  # the fourth draw is over the number of sites
    assert (after[DRAWN], after[ROUNDS]) == (3, 3)
    assert after["watch[0].armed"] == 0
    armed = results(read.receive, draws=(0.1,) * 4, **(inputs | {"flag": 1}))
    assert (armed["watch[0].armed"], armed["watch[0].above"]) == (1, 1)
    for other in ({"w": -1.0}, {"flag": 1}):  # none is drawn in a branch that is not taken
        after = results(read.receive, draws=(0.1,) * 4, **(inputs | other))
        assert (after["A"], after[DRAWN], after[ROUNDS]) == (1, 0, 0)
    assert results(read.receive, draws=(0.1,) * 4, **(inputs | {"sites": 9}))[ROUNDS] == 9
    assert read.with_rounds(9).receive.count()["random"] == 9
    assert results(read.watch, v=-10.0) == {"watch[0].above": 1, "watch[0].flag": 2}
    assert results(read.initial)["net_send[0].flag"] == 1


LINEAR = """
NEURON { SUFFIX L RANGE a }
PARAMETER { a = 2 }
STATE { x y }
INITIAL { SOLVE start }
BREAKPOINT { SOLVE go METHOD euler }
LINEAR start {
    ~ y - a*x = 1
    ~ x + y = 4
}
DERIVATIVE go { x' = y - a  y' = -x }
"""


def test_linear_blocks_and_euler():
    read = read_mechanism(LINEAR)
    assert results(read.initial, a=2) == pytest.approx({"x": 1, "y": 3})
    assert results(read.step(0.1), x=1, y=3, a=2) == pytest.approx({"x": 1.1, "y": 2.9})


OWN = """
NEURON { POINT_PROCESS O RANGE fast, i, g NONSPECIFIC_CURRENT i }
PARAMETER { fast = 1 slow = 2 }
ASSIGNED { v i g }
INITIAL { if (fast >= slow) { fast = slow/2 } g = 0 }
BREAKPOINT { i = g*v }
NET_RECEIVE (w) { g = g + w*fast + 0*i }
"""


def test_a_parameter_that_the_file_sets_and_a_row_named_as_a_total():
    read = read_mechanism(OWN)
    assert dict(read.parameters) == {"fast": 1}
    assert set(read.rows) == {"own_fast", "own_g"}
    assert results(read.initial, fast=5, slow=2) == {"own_fast": 1, "own_g": 0}
    assert results(read.initial, fast=0.5, slow=2) == {"own_fast": 0.5, "own_g": 0}
    assert results(read.current, v=2, own_g=3) == {"i": 6, "g": 3}
    assert results(read.receive, w=2, own_fast=0.5, own_g=3) == {"own_g": 4}


SHORT = "NEURON { SUFFIX S USEION k READ ek WRITE ik }\nASSIGNED { v ek ik }\n"


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("NEURON { SUFFIX S\n", 1, "'}' is missing"),
        ("STATE { m }\n", 1, "no SUFFIX"),
        (SHORT + "BREAKPOINT { ik = g*(v - ek) }", 3, "'g'"),
        (SHORT + "BREAKPOINT {\nik = v +\n}", 5, "an expression is wanted"),
        (SHORT.replace("READ ek", "READ en"), 1, "'en' is no variable of the ion k"),
        (SHORT + "BREAKPOINT { SOLVE s METHOD cnexp ik = v }", 3, "no such block"),
        (SHORT + "STATE { m }\nDERIVATIVE s { n' = 1 }\nBREAKPOINT { SOLVE s ik = v }", 4, "'n'"),
        (SHORT + "BREAKPOINT { ik = f(v) }", 3, "'f'"),
        (SHORT + "FUNCTION f(x) { f = f(x) }\nBREAKPOINT { ik = f(v) }", 3, "calls itself"),
        (SHORT + "FUNCTION f(x) { f = x }\nBREAKPOINT { ik = f(v, v) }", 4, "takes 1 arguments"),
        (SHORT + "FUNCTION_TABLE f(x)\nBREAKPOINT { ik = f(v) }", 3, "tables={'f': "),
        (SHORT + "FUNCTION_TABLE f(x, y)\nBREAKPOINT { ik = f(v, v) }", 3, "of one variable"),
        (SHORT + "BREAKPOINT { WHILE (1) { ik = 1 } }", 3, "while loop"),
        (SHORT + "BEFORE NOON { ik = 1 }", 3, "BEFORE NOON"),
        (SHORT + "BREAKPOINT { ik = 1 }\nKINETIC s { LONGITUDINAL_DIFFUSION 1 { x } }", 4, "LONG"),
        (SHORT + "STATE { m }\nBREAKPOINT { ik = m' }", 4, "the rate m' in an expression"),
        (
            SHORT + "STATE { m }\nNONLINEAR s { ~ m = 1 ~ m*m = v }\nBREAKPOINT { SOLVE s ik = m }",
            4,
            "NONLINEAR s has 2 equations for 1 states",
        ),
        (SHORT + "BREAKPOINT { VERBATIM ik = *where(v); ENDVERBATIM ik = 1 }", 3, "VERBATIM"),
        (SHORT + "PARAMETER { " + 3000 * "a" + " DERIVATIVE", 3, "has 3000 characters"),
        (SHORT + "COMMENT never ended", 3, "ENDCOMMENT"),
        (SHORT + 'INCLUDE "other.inc"', 3, "INCLUDE"),
        (SHORT + "BREAKPOINT { FROM i = 0 TO 1e9 { ik = i } }", 3, "rounds"),
        (SHORT + "ASSIGNED { a[3] }\nBREAKPOINT { ik = a[3] }", 4, "elements 0 to 2"),
        (SHORT + "UNITS { X = (furlong) (inch) }", 3, "furlong"),
        (SHORT + "BREAKPOINT { ik = " + "(" * 5000 + "v", 3, "nested"),
        (SHORT + "BREAKPOINT { ik = " + "v+" * 5000 + "v }", 3, "in a row"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(text, line, part):
    with pytest.raises(ModelError) as error:
        read_mechanism(text if "\n" in text else text + "\n")
    assert str(error.value).startswith(f"<text>:{line}: "), error.value
    assert part in str(error.value)
    assert "\n" not in str(error.value)


def test_calls_that_multiply_are_bounded():
    """Thirty functions, each calling the one before it twice, would be a thousand million calls."""
    lines = ["FUNCTION f0(x) { f0 = x*v }"]
    lines += [f"FUNCTION f{i}(x) {{ f{i} = f{i - 1}(x) + f{i - 1}(x + 1) }}" for i in range(1, 19)]
    text = SHORT + "\n".join(lines) + "\nBREAKPOINT { ik = f18(v) }"
    started = time.monotonic()
    with pytest.raises(ModelError, match="over"):
        read_mechanism(text)
    assert time.monotonic() - started < 60  # a guard against hanging, not a measurement


TOKENS = [token.text for text in ALL for token in tokens(text, "x")[:-1]]


@st.composite
def mutated(draw):
    text = draw(st.sampled_from((*ALL, RELEASE, LINEAR)))
    by_token = draw(st.booleans())
    parts = text.replace("\n", " \n ").split(" ") if by_token else list(text)
    for _ in range(draw(st.integers(1, 4))):
        i = draw(st.integers(0, len(parts) - 1))
        j = draw(st.integers(0, len(parts) - 1))
        how = draw(st.sampled_from(("drop", "double", "swap", "other", "cut")))
        if how == "drop":
            parts[i] = ""
        elif how == "double":
            parts[i] += (" " if by_token else "") + parts[i]
        elif how == "swap":
            parts[i], parts[j] = parts[j], parts[i]
        elif how == "other":
            parts[i] = draw(st.sampled_from(TOKENS)) if by_token else draw(st.characters())
        else:
            parts = parts[: max(i, 1)]
    return (" " if by_token else "").join(parts) + "\n"


@given(mutated())
@settings(
    max_examples=400, deadline=5000, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
def test_a_broken_text_is_one_line_and_nothing_else(text):
    try:
        read = read_mechanism(text)
        read.step(0.1)
    except ModelError as error:
        assert "\n" not in str(error)
        assert re.match(r"<text>:\d+: ", str(error)), error


PACKAGES = ("bmtk", "bluepyemodel", "dbbs_catalogue", "neuron", "emodelrunner")


def corpus():
    found = []
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        for place in spec.submodule_search_locations or () if spec else ():
            folders = [Path(place)]
            if name == "emodelrunner":
                folders.append(Path(place).parent / "examples")
            found += [file for folder in folders for file in sorted(folder.rglob("*.mod"))]
    return found


def test_nine_of_ten_published_mechanisms_are_read():
    files = corpus()
    if not files:
        pytest.skip(f"none of {', '.join(PACKAGES)} is installed")
    refused = {}
    for file in files:
        try:
            read = read_mechanism(file)
        except ModelError as error:
            assert str(error).startswith(file.name + ":")
            refused[file.name] = str(error)
            continue
        known = {"v", "celsius", "dt", "t", "diam", "area", "flag", *read.rows, *read.parameters}
        known |= {*read.shared, *read.pointers, *read.arguments, *STREAM, ROUNDS, UNSOLVED}
        known |= {name for ion in read.ions for name in (*ion.reads, *ion.writes)}
        programs = (read.initial, read.current, read.step(0.025), read.receive, read.connect)
        for program in programs:
            assert program is None or set(program.inputs) <= known, file
        assert read.current is None or {"i", "g"} <= set(read.current.outputs)
    assert len(refused) <= 0.1 * len(files), refused


def test_the_command_tells_what_was_read(tmp_path, capsys):
    (tmp_path / "na.mod").write_text(SODIUM)
    (tmp_path / "bad.mod").write_text(SHORT + "BREAKPOINT { ik = g }")
    command.mechanism(tmp_path / "na.mod", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["ions"] == [{"name": "na", "reads": ["ena"], "writes": ["ina"], "valence": 1}]
    assert told["parameters"] == {"gbar": {"default": 0.12, "unit": "S/cm2"}}
    assert told["solved"] == {"m": "cnexp", "h": "cnexp"}
    step = read_mechanism(SODIUM).step(0.025)
    assert sum(told["operations"]["step"].values()) == len(step.instructions)
    command.mechanism(tmp_path / "na.mod")
    assert "m: cnexp" in capsys.readouterr().out
    command.mechanism(tmp_path)
    out = capsys.readouterr().out
    assert "bad.mod:3" in out
    assert "1 of 2 files read" in out


def test_constants_may_be_products():
    text = SHORT + "UNITS { R = (mole k) (joule/degC) }\nBREAKPOINT { ik = R }"
    assert read_mechanism(text).current.outputs["ik"] == pytest.approx(8.314462618)


def test_functions_that_call_too_many_others_are_refused_in_time():
    twice = "\n".join(
        f"FUNCTION f{k}(x) {{ f{k} = f{k - 1}(x) + f{k - 1}(x + 1) }}" for k in range(1, 40)
    )
    text = SHORT + "FUNCTION f0(x) { f0 = x*x }\n" + twice + "\nBREAKPOINT { ik = f39(v) }"
    with pytest.raises(ModelError, match="its functions call too many others"):
        read_mechanism(text)


def test_an_include_outside_the_folder_is_not_shown(tmp_path):
    (tmp_path / "secret.txt").write_text("hush")
    (tmp_path / "shared.inc").write_text("PARAMETER { g = 1 }")
    (tmp_path / "mod").mkdir()
    (tmp_path / "mod" / "link.inc").symlink_to(tmp_path / "secret.txt")
    file = tmp_path / "mod" / "x.mod"
    rest = "\nNEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE g }\nASSIGNED { v i }"
    rest += "\nBREAKPOINT { i = g*v }"
    for name in ("../secret.txt", str(tmp_path / "secret.txt"), "link.inc"):
        file.write_text(f'INCLUDE "{name}"' + rest)
        with pytest.raises(ModelError, match="outside the folder") as error:
            read_mechanism(file)
        assert "hush" not in str(error.value)
    file.write_text('INCLUDE "shared.inc"' + rest)  # one folder up, as NEURON looks for it
    assert read_mechanism(file).parameters == {"g": 1.0}


def test_a_compartment_of_an_array_holds_no_scalar():
    text = """NEURON { SUFFIX S }
PARAMETER { vol[2] k = 0.1 }
STATE { ca[2] pump }
BREAKPOINT { SOLVE s METHOD sparse }
KINETIC s {
    COMPARTMENT i, VOLUME { ca pump }
    ~ ca[0] <-> ca[1] (k, k)
    ~ ca[0] <-> pump (k, k)
}"""
    assert set(read_mechanism(text.replace("VOLUME", "2*k")).rows) == {"ca[0]", "ca[1]", "pump"}
    with pytest.raises(ModelError, match="<text>:6: 'pump' is no array"):
        read_mechanism(text.replace("VOLUME", "2*vol[i]"))


def test_a_pointer_is_told_with_its_line():
    text = (
        "NEURON { POINT_PROCESS Gap\nPOINTER vgap\nNONSPECIFIC_CURRENT i }\nASSIGNED { v i vgap }"
    )
    read = read_mechanism(text + "\nBREAKPOINT { i = (v - vgap)/100 }")
    assert read.pointers == {"vgap": "<text>:2"}
    assert any(note.startswith("<text>:2: POINTER vgap is joined") for note in read.notes)


@pytest.mark.parametrize(
    "c", ["ik = v/2;", "ik = 1; }", "double x = v;", "ik += v;", "ik = _p[0];", "ik = (int)v;"]
)
def test_c_that_means_more_than_nmodl_is_not_read(c):
    with pytest.raises(ModelError, match="<text>:4: this VERBATIM"):
        read_mechanism(SHORT + f"BREAKPOINT {{ ik = 1\nVERBATIM {c} ENDVERBATIM }}")
