"""What a running NEURON has of a cell, as numbers and names that JSON can hold.

It needs NEURON's ``h`` and nothing else, and changes nothing in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from halfbrain.errors import ModelError

# Kinds of variables, as MechanismStandard numbers them. ASSIGNED ones may be set by hand too.
_PARAMETER, _ASSIGNED, _GLOBAL = 1, 2, -1
_STILL = {"xraxial": 1e9, "xg": 1e9, "xc": 0.0}  # extracellular's defaults: v is as without it


def describe(h: Any, of: Any = None) -> dict[str, Any]:
    """A cell: its tree, and for each section's compartments what NEURON has there.

    Parameters
    ----------
    h
        NEURON's.
    of
        an instance of a template or class, a section (its whole tree is taken), sections, or None:
        all sections.

    Raises
    ------
    ModelError
        one line that names what cannot be taken over.
    """
    chosen = _ordered(_sections(h, of))
    number = {section: i for i, section in enumerate(chosen)}
    notes = [*_left_out(chosen, number), *_layers(h, chosen)]
    sections = [_section(h, section, number) for section in chosen]
    points, stimuli = _points(h, chosen)
    if stimuli:
        notes.append(
            f"{stimuli[0]} ({len(stimuli)} such in all) is left out; give its current anew"
        )
    names = {name for section in sections for name in section["mechanisms"]}
    names |= {point["name"] for point in points}
    ions = {name for section in sections for name in section["ions"]}
    return {
        "celsius": float(h.celsius),
        "v_init": float(getattr(h, "v_init", -65.0)),
        "sections": sections,
        "points": points,
        "globals": {name: _globals(h, name) for name in sorted(names)},
        "ions": {name: [float(h.ion_charge(f"{name}_ion")), *_start(h, name)] for name in ions},
        "notes": notes,
    }


def _sections(h: Any, of: Any) -> list[Any]:
    everything = list(h.allsec())
    if of is None:
        found = everything
    elif hasattr(of, "pt3dadd"):
        found = list(of.wholetree())
    else:
        found = [section for section in everything if section.cell() == of]
        found = found or list(getattr(of, "all", of if isinstance(of, Iterable) else ()))
    if not found:
        raise ModelError("NEURON has no section of such a cell")
    return found


def _ordered(sections: list[Any]) -> list[Any]:
    """As they are given, but a parent before its children."""
    inside, out = set(sections), dict[Any, None]()
    for section in sections:
        above, way = section, []
        while above not in out:
            way.append(above)
            joint = above.parentseg()
            if joint is None:
                break
            if joint.sec not in inside:
                what = f"{above.name()}: hangs on {joint.sec.name()}"
                raise ModelError(f"{what}, which is not among the sections given")
            above = joint.sec
        out |= dict.fromkeys(reversed(way))
    return list(out)


def _left_out(chosen: list[Any], number: dict[Any, int]) -> list[str]:
    return [
        f"{child.name()}, which hangs on {section.name()}, is left out"
        for section in chosen
        for child in section.children()
        if child not in number
    ]


def _layers(h: Any, chosen: list[Any]) -> list[str]:
    """A note of layers outside the membrane, where they change nothing."""
    own = [section for section in chosen if h.ismembrane("extracellular", sec=section)]
    for section in own:
        values = [getattr(s, x)[k] == y for s in section for x, y in _STILL.items() for k in (0, 1)]
        if not all(values):
            raise ModelError(f"{section.name()}: its extracellular is not taken over; uninsert it")
    if not own:
        return []
    return [f"{own[0].name()}: extracellular, which changes nothing here, is left out"]


def _section(h: Any, section: Any, number: dict[Any, int]) -> dict[str, Any]:
    """A section from its parent's side on: NEURON's may be joined by its end 1."""
    turned = section.orientation() == 1
    way = -1 if turned else 1
    segments, above = list(section)[::way], section.parentseg()
    points = [
        [float(get(i, sec=section)) for get in (h.x3d, h.y3d, h.z3d, h.diam3d)]
        for i in range(int(h.n3d(sec=section)))
    ]
    mechanisms: dict[str, dict[str, list[float]]] = {}
    ions: dict[str, dict[str, Any]] = {}
    for mechanism in segments[0]:
        name = mechanism.name()
        if mechanism.is_ion():
            ion = name.removesuffix("_ion")
            values = {
                x: [getattr(s, x) for s in segments] for x in (f"e{ion}", f"{ion}i", f"{ion}o")
            }
            ions[ion] = {"style": int(h.ion_style(name, sec=section)), **values}
        elif name != "extracellular":
            mechanisms[name] = {
                x.removesuffix(f"_{name}"): [getattr(segment, x) for segment in segments]
                for x in _variables(h, name, _PARAMETER, _ASSIGNED)
            }
    return {
        "name": section.name(),
        "turned": turned,
        "parent": -1 if above is None else number[above.sec],
        "at": 0.0 if above is None else _place(above),
        "length": float(section.L),
        "points": points[::way],
        "area": [segment.area() for segment in segments],
        "ri": [segment.ri() for segment in segments],
        "ri_end": section(0 if turned else 1).ri(),
        "diameter": [segment.diam for segment in segments],
        "cm": [segment.cm for segment in segments],
        "mechanisms": mechanisms,
        "ions": ions,
    }


def _place(at: Any) -> float:
    """Where a child is joined, from the parent's start on: an end, or a compartment's middle."""
    x, count = float(at.x), at.sec.nseg
    if 0 < x < 1:
        x = (min(math.floor(x * count), count - 1) + 0.5) / count
    return 1 - x if at.sec.orientation() == 1 else x


def _points(h: Any, chosen: list[Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """Point processes that are part of the cell, and those that only put in a current."""
    found, stimuli = [], []
    for number, section in enumerate(chosen):
        turned = section.orientation() == 1
        for segment in section.allseg():
            for process in segment.point_processes():
                own = process.get_segment()
                if own.sec != section:
                    continue
                name = process.hname().split("[")[0]
                if name in _STIMULI:
                    stimuli.append(f"{process.hname()} in {section.name()}")
                    continue
                if name in _SILENT:
                    continue
                if own.x in (0, 1):
                    raise ModelError(
                        f"{process.hname()}: is at an end of {section.name()}, where there is no "
                        "membrane; put it between"
                    )
                names = _variables(h, name, _PARAMETER, _ASSIGNED)
                k = min(math.floor(own.x * section.nseg), section.nseg - 1)
                found.append(
                    {
                        "name": name,
                        "section": number,
                        "segment": section.nseg - 1 - k if turned else k,
                        "values": {x: float(getattr(process, x)) for x in names},
                    }
                )
    return found, stimuli


# What NEURON brings that stimulates, and what only listens.
_STIMULI = ("IClamp", "SEClamp", "VClamp", "AlphaSynapse")
_SILENT = ("APCount",)


def _variables(h: Any, name: str, *kinds: int) -> list[str]:
    text, found = h.ref(""), []
    for kind in kinds:
        standard = h.MechanismStandard(name, kind)
        for i in range(int(standard.count())):
            if standard.name(text, i) == 1:  # no array
                found.append(text[0])
    return found


def _globals(h: Any, name: str) -> dict[str, float]:
    found = _variables(h, name, _GLOBAL)
    return {x.removesuffix(f"_{name}"): float(getattr(h, x)) for x in found}


def _start(h: Any, ion: str) -> list[float]:
    """The concentrations inside and outside that ``finitialize`` sets."""
    return [float(getattr(h, f"{ion}{side}0_{ion}_ion")) for side in "io"]
