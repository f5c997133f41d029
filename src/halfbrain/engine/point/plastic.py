"""Plastic synapses: a rule compiled to go through the segment of a spike.

A synapse is looked at when a spike of its source arrives. What spikes of the target have done to it
since its last look is made up then, in their order, from the target's recent spikes and its traces
at them (Morrison, Diesmann and Gerstner 2008, doi 10.1007/s00422-008-0233-1, section 4); so no
synapse need be found from its target's side. Where a spike arrives in the very step in which the
target fires, the target's is first; if the rule wants the source's first, the target's is left for
the next look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.plasticity import Plasticity
from halfbrain.cells.rule_model import rule_model
from halfbrain.codegen.compiled import module
from halfbrain.codegen.kernel import body
from halfbrain.equations.dimensions import Dimensions
from halfbrain.errors import ModelError
from halfbrain.program.fits import check_numbers
from halfbrain.program.instructions import Program, lower
from halfbrain.program.operations import Kind

REMEMBERED = 32  # spikes of a target that are kept for its synapses; a power of two

# Places in the arguments of a compiled rule.
ARGUMENTS = 20
(SYNAPSES, TARGETS, WEIGHTS, ARRIVED, LAST, PRE, NOW, POST_LAST, POST_COUNT, POST_STEPS,
 POST_BEFORE, POST, FLUSHED, LOCAL, NEURONS, DECAYS, DECAY_LENGTH, UNIT,
 ONLY_FLUSH, OVER) = range(ARGUMENTS)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A compiled rule.

    ``on_event`` are the operations of one spike at one synapse, ``on_target`` those of one spike
    of the target at one synapse. ``decays`` (traces, steps) is what a trace falls to in a number
    of steps, the traces of the source first; the last entry is 0.
    """

    address: int
    pre: int
    post: int
    remembers: bool
    nearest: bool
    source_first: bool
    decays: NDArray[np.floating[Any]]
    on_event: Counter[Kind]
    on_target: Counter[Kind]
    keep_alive: Any


def compile_rule(
    rule: Plasticity,
    dimensions: Dimensions,
    dt: float,
    dtype: type[np.floating[Any]],
    wide: bool,
) -> Rule:
    """Compile a rule for weights of some dimensions; ``wide`` sums of what arrives are of 64 bits.

    Raises
    ------
    ModelError
        one line that names the rule, the part and what is wrong in it.
    """
    place = f"plasticity {rule.name!r}"
    read = rule_model(rule, dimensions)
    on_source, on_pre, on_post = map(lower, (read.on_source, read.on_pre, read.on_post))
    deliver = lower({"sent": read.deliver})
    if any(program.count()["random"] for program in (on_pre, on_post, on_source, deliver)):
        raise ModelError(f"{place}: a rule has no random numbers")
    for program in (on_source, on_pre, on_post, deliver):
        check_numbers(program, dtype, place)
    decays = _decays(read.decays, dt, place).astype(dtype)
    remembers = bool(rule.on_pre.strip() or rule.on_post.strip())
    source = _source(rule, on_pre, on_post, on_source, deliver, remembers, dtype, wide)
    made = module(source)
    on_event = deliver.count() + on_pre.count()
    on_event["multiply"] += len(rule.post) if remembers else 0
    on_target = on_post.count()
    on_target["multiply"] += len(rule.pre)
    return Rule(
        made.segment.address,
        len(rule.pre),
        len(rule.post),
        remembers,
        rule.nearest,
        rule.source_first,
        decays,
        on_event,
        on_target,
        made,
    )


def _decays(taus: Mapping[str, float], dt: float, place: str) -> NDArray[np.float64]:
    for name, tau in taus.items():
        if tau > 1e6 * dt:
            raise ModelError(f"{place}: trace {name!r}: {tau:g} s is over a million time steps")
    steps = [tau / dt for tau in taus.values()]
    length = int(40 * max(steps, default=0.0)) + 2
    k = np.arange(length)
    out = np.exp(-k / np.array(steps).reshape(-1, 1))
    out[:, -1] = 0.0
    return np.asarray(out, np.float64).reshape(len(steps), length)


def _source(
    rule: Plasticity,
    on_pre: Program,
    on_post: Program,
    on_source: Program,
    deliver: Program,
    remembers: bool,
    dtype: type[np.floating[Any]],
    wide: bool,
) -> str:
    double = dtype is np.float64
    number, view = ("np.float64", "doubles") if double else ("np.float32", "floats")
    count = "longs" if wide else "ints"
    constants: dict[str, float] = {}
    functions: list[str] = []
    calls: dict[str, str] = {}
    local = {"w": "weight"}
    local |= {name: f"x{i}" for i, name in enumerate(rule.pre)}
    local |= {name: f"y{i}" for i, name in enumerate(rule.post)}
    programs = {"before": on_pre, "after": on_post, "jump": on_source, "sent": deliver}
    for name, program in programs.items():
        own: dict[str, float] = {}
        names = {given: f"a{i}" for i, given in enumerate(program.inputs)}
        lines = body(program, names, own)
        renamed = {key: f"{name}_{key}" for key in own}
        constants |= {renamed[key]: value for key, value in own.items()}
        functions += [
            '@numba.njit(forceinline=True, fastmath=FASTMATH, error_model="numpy")',
            f"def {name}({', '.join(names.values())}):",
            *(f"    {key} = {new}" for key, new in renamed.items()),
            *(f"    {line}" for line in lines),
        ]
        calls[name] = f"{name}({', '.join(local[given] for given in program.inputs)})"
    pre, post = range(len(rule.pre)), range(len(rule.post))
    out = [
        "import numba",
        "import numpy as np",
        "from math import log, sqrt, sin, cos, tanh",
        "from halfbrain.codegen.exponential import FASTMATH, functions",
        "from halfbrain.codegen.native import doubles, floats, halves, ints, longs",
        f"_own = functions({number})",
        'exp, expm1 = _own["exp"], _own["expm1"]',
        *(f"{name} = {number}({value!r})" for name, value in constants.items()),
        *functions,
        '@numba.cfunc("int64(CPointer(int64))", cache=True, fastmath=FASTMATH,',
        '    error_model="numpy")',
        "def segment(arguments):",
        f"    a = numba.carray(arguments, {ARGUMENTS})",
        f"    n, length = np.uint64(a[{SYNAPSES}]), a[{DECAY_LENGTH}]",
        f"    targets = halves(a[{TARGETS}], n)",
        f"    weights = {view}(a[{WEIGHTS}], n)",
        f"    arrived = {count}(a[{ARRIVED}], 1)",
        f"    last, now = ints(a[{LAST}], 1), a[{NOW}]",
        f"    pre = {view}(a[{PRE}], {max(len(pre), 1)})",
        f"    unit = {number}(doubles(a[{UNIT}], 2)[0])",
        f"    most = {number}(doubles(a[{UNIT}], 2)[1])",
        f"    local, flushing = np.uint64(a[{LOCAL}]), a[{ONLY_FLUSH}]",
        "    before_now = np.int64(last[0])",
    ]
    every = len(pre) + len(post)
    out += [f"    decay = {view}(a[{DECAYS}], length * {max(every, 1)})"]
    out += ["    gone = min(now - before_now, length - 1)"]
    for i in pre:
        out += [f"    held{i} = pre[{i}]", f"    now{i} = held{i} * decay[{i} * length + gone]"]
    if remembers:
        out += [
            f"    post_last, post_count = ints(a[{POST_LAST}], 1), ints(a[{POST_COUNT}], 1)",
            f"    post_steps = ints(a[{POST_STEPS}], 1)",
            f"    post_before = {view}(a[{POST_BEFORE}], 1)",
            f"    post = {view}(a[{POST}], 1)",
            # The source's first: a spike of the target in the step of the last look is yet to come,
            # and one of this step waits.
            f"    looked = max(before_now{' - 1' if rule.source_first else ''}, a[{FLUSHED}])",
            "    applied = np.int64(0)",
        ]
    out += ["    for k in range(n):", "        at = np.uint64(targets[k])"]
    out += ["        weight = weights[k]"]
    if remembers:
        waits = "newest >= now + flushing" if rule.source_first else "0"
        out += [
            "        j = at - local",
            "        newest = np.int64(post_last[j])",
            "        if newest > looked:",
            "            fired = np.int64(post_count[j])",
            f"            first = j * np.uint64({REMEMBERED})",
            "            m = np.int64(1)",
            f"            while m < fired and post_steps[first + np.uint64((fired - 1 - m) & "
            f"{REMEMBERED - 1})] > looked:",
            "                m += 1",
            f"            waits = np.int64({waits})",
            "            applied += m - waits",
            "            while m > waits:",
            f"                spike = first + np.uint64((fired - m) & {REMEMBERED - 1})",
            "                since = min(np.int64(post_steps[spike]) - before_now, length - 1)",
            *(f"                x{i} = held{i} * decay[{i} * length + since]" for i in pre),
            *(
                f"                y{i} = post_before[spike * np.uint64({len(post)}) + "
                f"np.uint64({i})]"
                for i in post
            ),
            *([f"                weight = {calls['after']}[0]"] if on_post.outputs else []),
            "                m -= 1",
            "            weights[k] = weight",
            "        if flushing:",
            "            continue",
        ]
    out += [*(f"        x{i} = now{i}" for i in pre)]
    # What is sent is within what the receptor's sums have room for, and is a number.
    out += [
        f"        sent_now = np.rint({calls['sent']}[0] * unit)",
        "        if abs(sent_now) <= most:",
        f"            arrived[at] += {'np.int64' if wide else 'np.int32'}(sent_now)",
        "        else:",
        f"            a[{OVER}] = 1",
    ]
    if on_pre.outputs:
        out += ["        rest = min(now - newest, length - 1)"]
        for i in post:
            trace = f"decay[{len(pre) + i} * length + rest]"
            index = f"j * np.uint64({len(post)}) + np.uint64({i})"
            out += [f"        y{i} = post[{index}] * {trace}"]
            if rule.source_first:
                out += [
                    "        if newest == now:",
                    f"            spike = j * np.uint64({REMEMBERED}) + "
                    f"np.uint64((np.int64(post_count[j]) - 1) & {REMEMBERED - 1})",
                    f"            y{i} = post_before[spike * np.uint64({len(post)}) + "
                    f"np.uint64({i})]",
                ]
        out += [f"        weights[k] = {calls['before']}[0]"]
    out += ["    if not flushing:", "        last[0] = now"]
    out += [f"        x{i} = now{i}" for i in pre]
    if on_source.outputs:
        targets = "".join(f"pre[{list(rule.pre).index(name)}], " for name in on_source.outputs)
        out += [f"        {targets}= {calls['jump']}"]
        # A trace that the jump leaves alone has still decayed.
        out += [
            f"        pre[{i}] = now{i}"
            for i, name in enumerate(rule.pre)
            if name not in on_source.outputs
        ]
    return "\n".join([*out, f"    return {'applied' if remembers else 'np.int64(0)'}", ""])
