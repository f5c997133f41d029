: One side of a gap junction: vgap is the voltage of the other side.
NEURON {
    POINT_PROCESS Gap
    POINTER vgap
    RANGE g
    NONSPECIFIC_CURRENT i
}
UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}
PARAMETER { g = 0.001 (uS) }
ASSIGNED {
    v (mV)
    vgap (mV)
    i (nA)
}
BREAKPOINT { i = g*(v - vgap) }
