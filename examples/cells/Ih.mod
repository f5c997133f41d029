: The current that hyperpolarisation opens: Kole, Hallermann and Stuart 2006, as in Hay et al. 2011.
NEURON {
    SUFFIX Ih
    NONSPECIFIC_CURRENT ihcn
    RANGE gbar, ehcn
}
UNITS {
    (S) = (siemens)
    (mV) = (millivolt)
    (mA) = (milliamp)
}
PARAMETER {
    gbar = 0.00001 (S/cm2)
    ehcn = -45 (mV)
}
ASSIGNED {
    v (mV)
    ihcn (mA/cm2)
}
STATE { m }
BREAKPOINT {
    SOLVE states METHOD cnexp
    ihcn = gbar*m*(v - ehcn)
}
DERIVATIVE states {
    m' = (opening(v)/(opening(v) + closing(v)) - m)*(opening(v) + closing(v))
}
INITIAL {
    m = opening(v)/(opening(v) + closing(v))
}
FUNCTION opening(v (mV)) (/ms) {
    opening = 0.001*6.43*(v + 154.9)/(exp((v + 154.9)/11.9) - 1)
}
FUNCTION closing(v (mV)) (/ms) {
    closing = 0.001*193*exp(v/33.1)
}
