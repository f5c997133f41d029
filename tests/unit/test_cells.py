"""The library: cells against closed forms and other solvers, rules against their papers' sums."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from halfbrain.cells.catalogue import NEURONS, RULES, named_neuron, named_rule
from halfbrain.cells.rule_model import rule_model
from halfbrain.codegen.kernel import scalar_function
from halfbrain.equations.dimensions import unit
from halfbrain.equations.equations import equations
from halfbrain.equations.expression import symbol
from halfbrain.equations.functions import EXPREL, plain
from halfbrain.equations.integrate import integrate
from halfbrain.errors import ModelError
from halfbrain.program.point import LONG_AGO, SINCE, arrived_at, quantum_of

DT = 1e-4
LINEAR = [
    "lif_delta",
    "lif_current_exp",
    "lif_current_exp_shared",
    "lif_current_alpha",
    "lif_current_alpha_shared",
    "cuba",
    "diehl_cook_excitatory",
    "diehl_cook_inhibitory",
]
# A state that no threshold is near, and how far a millisecond's steps of 10 us may be off.
START = {
    "v": -0.062, "V": -0.062, "w": 2e-11, "u": -0.013, "theta": 1e-3, "m": 0.06, "n": 0.32,
    "h": 0.6, "I": 3e-10, "x_I": 2e-10, "I_ex": 3e-10, "I_in": -2e-10, "x_I_ex": 2e-10,
    "x_I_in": -1e-10, "g_ex": 6e-9, "g_in": 9e-9, "x_g_ex": 3e-9, "x_g_in": 5e-9,
    "ge": 3e-3, "gi": -4e-3, "g_E": 6e-9, "g_I": 9e-9, "g_PN": 6e-9, "g_iKC": 6e-9, "g_eKC": 9e-9,
}  # fmt: skip
TOLERANCE = {"exact": 1e-10, "exponential-euler": 2e-3, "rk4": 1e-7}


def method_of(name):
    return "exact" if name in LINEAR else NEURONS[name].method or "exponential-euler"


def rates_of(cell):
    """The equations as a function of the state: what a solver of its own needs."""
    model = equations(cell.equations, cell.constants)
    states = [v.symbol for v in model.of("differential")]
    rest = {v.symbol: 0 for v in model.of("parameter")}
    # Each rate by itself, with exprel as its name says.
    functions = [
        sympy.lambdify(
            states,
            plain(v.expression).xreplace(rest).replace(EXPREL, lambda x: (sympy.exp(x) - 1) / x),
            "math",
        )
        for v in model.of("differential")
    ]
    return [s.name for s in states], lambda _, y: [f(*y) for f in functions]


def stepper(cell, dt):
    model = cell.model(dt)
    function = scalar_function(model.program)
    state = dict.fromkeys(model.program.inputs, 0.0) | {SINCE: LONG_AGO}

    def step(**changes):
        state.update(changes)
        outputs = function(*(state[name] for name in model.program.inputs))
        state.update(zip(model.program.outputs, outputs, strict=True))
        return state

    return state, step


def spikes_of(cell, dt, seconds, **start):
    state, step = stepper(cell, dt)
    state.update(start)
    return [k * dt for k in range(round(seconds / dt)) if step()[SINCE] == 0]


# -- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NEURONS)
def test_every_cell_says_where_it_is_from_and_has_its_receptors(name):
    cell = NEURONS[name]
    assert cell.source
    assert cell.name == name
    assert set(cell.model(DT).receptors) == set(cell.receptors)


@pytest.mark.parametrize("name", LINEAR)
def test_a_linear_cell_is_integrated_exactly(name):
    model = equations(NEURONS[name].equations, NEURONS[name].constants)
    assert NEURONS[name].method is None
    assert integrate(model, DT) == integrate(model, DT, "exact")


@pytest.mark.parametrize("name", [name for name in NEURONS if name != "poisson"])
def test_a_cell_moves_as_another_solver_says(name):
    names, rates = rates_of(NEURONS[name])
    first = [START[key] for key in names]
    if name.startswith("lif_delta"):
        first = [0.011]
    close = 1e-12 * np.abs(first)
    solved = solve_ivp(rates, (0, 1e-3), first, method="DOP853", rtol=1e-12, atol=close)
    state, step = stepper(NEURONS[name], 1e-5)
    state.update(zip(names, first, strict=True))
    for _ in range(100):
        assert step()[SINCE] != 0
    for key, wanted, begun in zip(names, solved.y[:, -1], first, strict=True):
        size = max(abs(wanted), abs(begun))
        assert state[key] == pytest.approx(wanted, abs=TOLERANCE[method_of(name)] * size), key


def test_exponential_currents_move_by_nests_propagators():
    """NEST's iaf_psc_exp: V is moved by P22, P21 of each current and P20 of the constant one."""
    changes = {"tau_I_ex": "2 ms", "tau_I_in": "0.5 ms"}
    _, step = stepper(named_neuron("lif_current_exp", **changes), DT)
    v, excitation, inhibition, constant = 3e-3, 2e-10, -3e-10, 1.5e-10
    tau, capacitance, rest = 10e-3, 250e-12, -65e-3
    after = step(v=rest + v, I_ex=excitation, I_in=inhibition, I_e=constant)

    def p21(tau_syn):
        difference = math.exp(-DT / tau) - math.exp(-DT / tau_syn)
        return tau * tau_syn / (capacitance * (tau - tau_syn)) * difference

    p22 = math.exp(-DT / tau)
    p20 = tau / capacitance * (1 - p22)
    closed = v * p22 + excitation * p21(2e-3) + inhibition * p21(0.5e-3) + constant * p20
    matrix = np.array(
        [
            [-1 / tau, 1 / capacitance, 1 / capacitance, 1 / capacitance],
            [0, -1 / 2e-3, 0, 0],
            [0, 0, -1 / 0.5e-3, 0],
            [0, 0, 0, 0],
        ]
    )
    grown = expm(matrix * DT) @ [v, excitation, inhibition, constant]
    assert after["v"] - rest == pytest.approx(closed, rel=1e-12)
    assert after["v"] - rest == pytest.approx(grown[0], rel=1e-12)
    assert after["I_ex"] == pytest.approx(grown[1], rel=1e-12)
    assert after["I_in"] == pytest.approx(inhibition * math.exp(-DT / 0.5e-3), rel=1e-12)


@pytest.mark.parametrize("name", ["lif_current_alpha", "lif_current_alpha_shared"])
def test_an_alpha_current_peaks_at_its_weight(name):
    state, step = stepper(NEURONS[name], DT)
    receptor = next(iter(NEURONS[name].receptors))
    current = NEURONS[name].receptors[receptor].removeprefix("x_")
    course = []
    step(**{arrived_at(receptor): 40.0, quantum_of(receptor): 1e-12, "v": -0.065})
    for _ in range(80):
        course.append(state[current])
        step(**{arrived_at(receptor): 0.0})
    t = np.arange(1, 81) * DT
    assert course == pytest.approx(40e-12 * t / 2e-3 * np.exp(1 - t / 2e-3), rel=1e-10)
    assert np.argmax(course) == 19  # 2 ms


def reference_spikes(rates, seconds, first, cut, after, most_step):
    """Spike times by a solver with events."""

    def crossed(_, y):
        return y[0] - cut

    crossed.terminal, crossed.direction = True, 1
    t, y, out = 0.0, list(first), []
    while t < seconds:
        solved = solve_ivp(
            rates, (t, seconds), y, events=crossed, method="DOP853", rtol=1e-9, atol=1e-14,
            max_step=most_step,
        )  # fmt: skip
        if not len(solved.t_events[0]):
            break
        t, y = solved.t_events[0][0], after(solved.y_events[0][0])
        out.append(t)
    return out


def test_adex_fires_when_brette_and_gerstners_equations_do():
    current = 1e-9

    def rates(_, y):
        v, w = y
        upstroke = 30e-9 * 2e-3 * math.exp(min((v + 50.4e-3) / 2e-3, 12))
        return [
            (-30e-9 * (v + 70.6e-3) + upstroke - w + current) / 281e-12,
            (4e-9 * (v + 70.6e-3) - w) / 144e-3,
        ]

    wanted = reference_spikes(
        rates, 0.3, [-70.6e-3, 0.0], -30e-3, lambda y: [-70.6e-3, y[1] + 80.5e-12], 1e-3
    )
    fired = spikes_of(NEURONS["adex"], 2e-5, 0.3, v=-70.6e-3, I_e=current)
    assert len(wanted) > 5
    assert len(fired) == len(wanted)
    # Each spike is up to a step and the upstroke's 0.06 ms off, and those add up.
    for i, (ours, theirs) in enumerate(zip(fired, wanted, strict=True)):
        assert ours == pytest.approx(theirs, abs=1e-4 * (i + 1))


def test_izhikevichs_regular_spiking_neuron_adapts_as_his_equations_say():
    def rates(_, y):
        v, u = y  # mV and ms
        return [0.04 * v * v + 5 * v + 140 - u + 10, 0.02 * (0.2 * v - u)]

    wanted = reference_spikes(rates, 300, [-65, -13], 30, lambda y: [-65, y[1] + 8], 0.5)
    fired = spikes_of(NEURONS["izhikevich"], 1e-5, 0.3, v=-65e-3, u=-13e-3, I_e=10e-3)
    assert len(wanted) > 5
    assert np.array(fired) * 1e3 == pytest.approx(np.array(wanted), abs=0.3)
    assert np.diff(fired)[0] < np.diff(fired)[-1]


@pytest.mark.parametrize("name", ["traub_miles", "mbody_ikc", "mbody_ekc"])
def test_gates_open_at_the_rates_of_traub_and_miles(name):
    """The published form, which divides zero by zero where ours does not."""
    names, rates = rates_of(NEURONS[name])
    for v in np.linspace(-91.3, 52.1, 14):  # mV
        x = v + 63
        a_m = 0.32 * (13 - x) / (math.exp((13 - x) / 4) - 1)
        b_m = 0.28 * (x - 40) / (math.exp((x - 40) / 5) - 1)
        a_h, b_h = 0.128 * math.exp((17 - x) / 18), 4 / (1 + math.exp((40 - x) / 5))
        a_n = 0.032 * (15 - x) / (math.exp((15 - x) / 5) - 1)
        b_n = 0.5 * math.exp((10 - x) / 40)
        y = {key: START[key] for key in names} | {"V": v * 1e-3}
        moved = dict(zip(names, rates(0, list(y.values())), strict=True))
        for gate, (a, b) in {"m": (a_m, b_m), "h": (a_h, b_h), "n": (a_n, b_n)}.items():
            wanted = (a * (1 - START[gate]) - b * START[gate]) * 1e3
            assert moved[gate] == pytest.approx(wanted, rel=1e-9), (v, gate)


def test_the_benchmarks_hodgkin_huxley_neuron_fires_by_itself_as_another_solver_says():
    names, rates = rates_of(NEURONS["traub_miles"])
    start = {"V": -0.06, "m": 0.02, "h": 0.98, "n": 0.05}

    def crossed(_, y):
        return y[names.index("V")] + 20e-3

    crossed.direction = 1
    first = [start.get(name, 0.0) for name in names]
    solved = solve_ivp(
        rates, (0, 0.2), first, method="LSODA", events=crossed, rtol=1e-8, atol=1e-12
    )
    fired = spikes_of(NEURONS["traub_miles"], 1e-5, 0.2, **start)
    assert len(fired) >= 3
    # Exponential Euler is of first order: the error falls with the step.
    assert fired == pytest.approx(solved.t_events[0], rel=1e-2)


def test_a_poisson_source_fires_below_its_probability():
    program = NEURONS["poisson"].model(DT).program
    at = {"rate": 100.0, SINCE: 5.0}
    for drawn, since in ((0.00999, 0), (0.01001, 6)):
        function = scalar_function(program, {"uniform": lambda drawn=drawn: drawn})
        outputs = function(*(at[name] for name in program.inputs))
        assert dict(zip(program.outputs, outputs, strict=True))[SINCE] == since


def test_what_arrives_at_a_deaf_cell_while_it_rests_is_lost():
    course = {}
    for deaf in (True, False):
        state, step = stepper(replace(NEURONS["lif_delta"], deaf=deaf), DT)
        step(**{"+syn": 300.0, "*syn": 1e-4})
        assert state[SINCE] == 0
        for _ in range(19):
            step(**{"+syn": 10.0})
        course[deaf] = state["v"], step(**{"+syn": 10.0})["v"]
    decay = math.exp(-DT / 20e-3)
    assert course[True] == (0.0, pytest.approx(1e-3 * decay))
    # What arrives with the reset is lost to both.
    assert course[False] == pytest.approx((18e-3, 19e-3 * decay))


@pytest.mark.parametrize(
    ("name", "tau", "rest", "reset", "threshold", "rests", "plus"),
    [
        ("diehl_cook_excitatory", 100, -65, -60, -52, 5, 0.05),
        ("diehl_cook_inhibitory", 10, -60, -45, -40, 2, 0),
    ],
)
def test_diehl_and_cooks_cells_are_bindsnets(name, tau, rest, reset, threshold, rests, plus):
    """Its step in mV: decay, what arrives unless refractory, threshold. See circuits.named."""
    generator = np.random.default_rng(3)
    _, step = stepper(NEURONS[name], 1e-3)
    step(v=rest * 1e-3)
    v, theta, counter, decay = rest, 0.0, 0, math.exp(-1 / tau)
    spikes = 0
    for k in range(2000):
        arrives = float(generator.exponential(60 / tau))
        v = decay * (v - rest) + rest
        theta *= math.exp(-1 / 1e7)
        v += arrives * (counter <= 0)
        counter -= 1
        fired = v >= threshold + theta
        before_reset = v
        if fired:
            counter, v, theta = rests, reset, theta + plus
        ours = step(**{"+ex": arrives / decay, "*ex": 1e-3})
        assert (ours[SINCE] == 0) == fired, k
        assert ours["v"] * 1e3 == pytest.approx(before_reset, abs=1e-9)
        spikes += fired
    assert spikes > 20


# -- names -------------------------------------------------------------------------------------


def test_a_named_cell_has_changed_constants_and_the_library_keeps_its_own():
    changed = named_neuron("lif_delta", tau_m="10 ms")
    assert changed.constants == {**NEURONS["lif_delta"].constants, "tau_m": "10 ms"}
    assert NEURONS["lif_delta"].constants["tau_m"] == "20 ms"


def test_a_named_rule_has_changed_constants_and_traces():
    changed = named_rule("pair_stdp", w_max="2 pA", post="34 ms")
    assert changed.constants["w_max"] == "2 pA"
    assert changed.post == {"post": "34 ms"}
    assert changed.pre == {"pre": "20 ms"}
    assert RULES["pair_stdp"].post == {"post": "20 ms"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: named_neuron("lif"), "no cell 'lif'; known are lif_delta, "),
        (lambda: named_neuron("lif_delta", tau="1 ms"), "'tau'; known are E_L, V_th, V_r, tau_m"),
        (lambda: named_rule("stdp"), "no plasticity rule 'stdp'; known are pair_stdp, "),
        (
            lambda: named_rule("pair_stdp", w="1"),
            "'w'; known are A_plus, A_minus, w_max, pre, post",
        ),
    ],
)
def test_an_unknown_name_is_one_line_that_lists_the_known(call, message):
    with pytest.raises(ModelError) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


# -- rules -------------------------------------------------------------------------------------

PRE = [0.010, 0.031, 0.038, 0.080, 0.0835]
POST = [0.012, 0.024, 0.0395, 0.061, 0.0905]


def played(rule, units, w, pre=PRE, post=POST):
    """A synapse under a rule, spike by spike; the weight at the end and what was delivered."""
    model = rule_model(rule, unit(units)[1])
    traces, last = dict.fromkeys(model.decays, 0.0), 0.0
    delivered = []

    def at(expression):
        values = {symbol(name): value for name, value in traces.items()}
        return float(expression.xreplace({**values, symbol("w"): w}))

    for t, side in sorted([(t, "pre") for t in pre] + [(t, "post") for t in post]):
        for name, tau in model.decays.items():
            traces[name] *= math.exp(-(t - last) / tau)
        last = t
        if side == "pre":
            delivered.append(at(model.deliver))
            new = at(model.on_pre["w"]) if model.on_pre else w
            traces |= {name: at(value) for name, value in model.on_source.items()}
        else:
            new = at(model.on_post["w"]) if model.on_post else w
            traces |= {name: 1.0 if rule.nearest else traces[name] + 1 for name in rule.post}
        w = new
    return w, delivered


def before(times, t, tau):
    """The trace of these spikes just before t."""
    return sum(math.exp((s - t) / tau) for s in times if s < t)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_says_where_it_is_from_and_can_be_read(name):
    rule = RULES[name]
    units = {"power_law_stdp": "amp", "post_pre": "volt"}.get(name, "siemens")
    assert rule.source
    assert rule.name == name
    played(rule, units, 1e-9)


def test_pair_stdp_sums_over_all_pairs():
    w, delivered = played(RULES["pair_stdp"], "siemens", 0.5e-9)
    up = sum(before(PRE, t, 20e-3) for t in POST)
    down = sum(before(POST, t, 20e-3) for t in PRE)
    assert w == pytest.approx(0.5e-9 + 1e-9 * (0.005 * up - 0.00525 * down), rel=1e-12)
    assert delivered[0] == 0.5e-9


def test_nearest_pairs_are_those_of_the_last_spike():
    def nearest(times, t):
        return math.exp((max(times) - t) / 20e-3) if (times := [s for s in times if s < t]) else 0

    w, _ = played(RULES["pair_stdp_nearest"], "siemens", 0.5e-9)
    up = sum(nearest(PRE, t) for t in POST)
    down = sum(nearest(POST, t) for t in PRE)
    assert w == pytest.approx(0.5e-9 + 1e-9 * (0.005 * up - 0.00525 * down), rel=1e-12)


def test_a_weight_stays_between_its_bounds():
    low, _ = played(named_rule("pair_stdp", A_minus="10"), "siemens", 1e-9, post=POST[:1])
    high, _ = played(named_rule("pair_stdp", A_plus="10"), "siemens", 0.0, pre=PRE[:1])
    assert (low, high) == (0.0, 1e-9)


def test_power_law_stdp_is_nests():
    """stdp_pl_synapse_hom, whose weights are plain numbers of pA."""
    w = 45.6
    for t, side in sorted([(t, 0) for t in PRE] + [(t, 1) for t in POST]):
        if side:
            w += 0.1 * w**0.4 * before(PRE, t, 15e-3)
        else:
            w -= 0.1 * 0.0513 * w * before(POST, t, 30e-3)
    ours, _ = played(RULES["power_law_stdp"], "amp", 45.6e-12)
    assert ours == pytest.approx(w * 1e-12, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "tau_x", "tau_y", "amplitudes"),
    [
        ("triplet_stdp", 0.101, 0.125, (5e-10, 6.2e-3, 7e-3, 2.3e-4)),
        ("triplet_stdp_hippocampus", 0.946, 0.027, (6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3)),
    ],
)
def test_triplets_count_as_pfister_and_gerstner_say(name, tau_x, tau_y, amplitudes):
    a2_plus, a3_plus, a2_minus, a3_minus = amplitudes
    change = sum(
        before(PRE, t, 16.8e-3) * (a2_plus + a3_plus * before(POST, t, tau_y)) for t in POST
    ) - sum(before(POST, t, 33.7e-3) * (a2_minus + a3_minus * before(PRE, t, tau_x)) for t in PRE)
    w, _ = played(RULES[name], "siemens", 10e-9)
    assert w == pytest.approx((10 + change) * 1e-9, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "u_rest", "tau_fac", "tau_rec"),
    [("tsodyks_markram", 0.04, 1.0, 0.1), ("tsodyks_markram_depressing", 0.5, 1e-9, 0.8)],
)
def test_short_term_plasticity_is_the_recursion_of_markram_and_tsodyks(
    name, u_rest, tau_fac, tau_rec
):
    """NEST's tsodyks2_synapse: u and x of the next spike from those of the last."""
    u, x, wanted = u_rest, 1.0, []
    for k, t in enumerate(PRE):
        if k:
            h = t - PRE[k - 1]
            x, u = (
                1 + (x - x * u - 1) * math.exp(-h / tau_rec),
                u_rest + u * (1 - u_rest) * math.exp(-h / tau_fac),
            )
        wanted.append(u * x * 2e-9)
    w, delivered = played(RULES[name], "siemens", 2e-9)
    assert delivered == pytest.approx(wanted, rel=1e-12)
    assert w == 2e-9


def test_mbody_stdp_is_that_of_the_benchmark():
    """Its traces are in nS and step by 0.1 and -0.1."""
    w, a_pre, a_post, last, delivered = 2.5, 0.0, 0.0, 0.0, []
    for t, side in sorted([(t, 0) for t in PRE] + [(t, 1) for t in POST]):
        a_pre, a_post = (a * math.exp((last - t) / 10e-3) for a in (a_pre, a_post))
        last = t
        if side:
            a_post -= 0.1
            w = min(max(w + a_pre, 0), 3.75)
        else:
            delivered.append(w * 1e-9)
            a_pre += 0.1
            w = min(max(w + a_post, 0), 3.75)
    ours, sent = played(RULES["mbody_stdp"], "siemens", 2.5e-9)
    assert ours == pytest.approx(w * 1e-9, rel=1e-12)
    assert sent == pytest.approx(delivered, rel=1e-12)


def test_a_sigmoid_reads_out_the_raw_weight():
    rule = RULES["mbody_stdp_sigmoid"]
    middle, low, high = (
        played(rule, "siemens", share * 3.75e-9, PRE[:1], [])[1][0] for share in (0.5, 0.0, 1.0)
    )
    assert middle == pytest.approx(3.75e-9 / 2)
    assert low == pytest.approx(3.75e-9 / 2 * (1 - math.tanh(0.25)))
    assert high == pytest.approx(3.75e-9 - low)


def test_post_pre_is_bindsnets():
    """Steps of 1 ms: traces decay, are set to 1, then move the weight, which is cut at 0 and 1."""
    pre, post = [3, 7, 8, 20], [5, 11, 12, 26]
    w, x, y = 0.3, 0.0, 0.0
    for step in range(30):
        x, y = x * math.exp(-1 / 20), y * math.exp(-1 / 20)
        x, y = 1.0 if step in pre else x, 1.0 if step in post else y
        w -= 1e-4 * y * (step in pre)
        w += 1e-2 * x * (step in post)
        w = min(max(w, 0), 1)
    ours, _ = played(
        RULES["post_pre"], "volt", 0.3e-3, [s * 1e-3 for s in pre], [s * 1e-3 for s in post]
    )
    assert ours == pytest.approx(w * 1e-3, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"constants": {"A_plus": "1", "A_minus": "1", "w_max": "1 mV"}}, "on_pre"),
        ({"deliver": "w*w"}, "deliver: 'w*w' must be in siemens, as w is"),
        ({"deliver": "w*post"}, "deliver: 'post' is not known"),
        ({"pre": {"pre": "20 mV"}}, "trace 'pre': '20 mV' is no time above zero"),
        ({"pre": {"post": "20 ms"}}, "'post' is defined twice"),
        ({"on_pre": "pre = 1"}, "on_pre: 'pre = 1' must be NAME = VALUE, NAME one of w"),
        ({"on_source": "w = 0"}, "on_source: 'w = 0' must be NAME = VALUE, NAME one of pre"),
    ],
)
def test_what_is_wrong_in_a_rule_is_one_line(changes, message):
    with pytest.raises(ModelError) as caught:
        rule_model(replace(RULES["pair_stdp"], **changes), unit("siemens")[1])
    assert str(caught.value).startswith("plasticity 'pair_stdp': ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
