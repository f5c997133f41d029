"""Hodgkin and Huxley's channels as NEURON steps them by default: by a table of their rates."""

from __future__ import annotations

from functools import lru_cache

from halfbrain.program.mechanism import Mechanism

# Hodgkin and Huxley 1952, doi 10.1113/jphysiol.1952.sp004764, at 6.3 degC with a Q10 of 3; the
# table is NEURON's: 200 intervals from -100 to 100 mV.
_HH = """
NEURON {
    SUFFIX hh
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    NONSPECIFIC_CURRENT il
    RANGE gnabar, gkbar, gl, el
}
PARAMETER { gnabar = .12 (S/cm2)  gkbar = .036 (S/cm2)  gl = .0003 (S/cm2)  el = -54.3 (mV) }
STATE { m h n }
ASSIGNED {
    v (mV)  celsius (degC)  ena (mV)  ek (mV)  ina (mA/cm2)  ik (mA/cm2)  il (mA/cm2)
    minf hinf ninf  mtau (ms)  htau (ms)  ntau (ms)
}
INITIAL {
    rates(v)
    m = minf
    h = hinf
    n = ninf
}
BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = gnabar*m*m*m*h*(v - ena)
    ik = gkbar*n*n*n*n*(v - ek)
    il = gl*(v - el)
}
DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
    n' = (ninf - n)/ntau
}
PROCEDURE rates(v (mV)) {
    LOCAL open, close, faster
    TABLE minf, mtau, hinf, htau, ninf, ntau DEPEND celsius FROM -100 TO 100 WITH 200
    faster = 3^((celsius - 6.3)/10)
    open = .1*trap(-(v + 40), 10)
    close = 4*exp(-(v + 65)/18)
    mtau = 1/(faster*(open + close))
    minf = open/(open + close)
    open = .07*exp(-(v + 65)/20)
    close = 1/(exp(-(v + 35)/10) + 1)
    htau = 1/(faster*(open + close))
    hinf = open/(open + close)
    open = .01*trap(-(v + 55), 10)
    close = .125*exp(-(v + 65)/80)
    ntau = 1/(faster*(open + close))
    ninf = open/(open + close)
}
FUNCTION trap(x, y) {
    if (fabs(x/y) < 1e-6) {
        trap = y*(1 - x/y/2)
    } else {
        trap = x/(exp(x/y) - 1)
    }
}
"""


@lru_cache(maxsize=1)
def tabled_hh() -> Mechanism:
    """``hh`` with its table; :data:`halfbrain.cells.detailed.classic.HH` is worked out."""
    from halfbrain.nmodl import read_mechanism

    return read_mechanism(_HH, usetable=True)
