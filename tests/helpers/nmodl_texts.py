"""Mechanisms written for the tests: each has what readers of NMODL get wrong."""

SODIUM = """
TITLE A sodium channel whose rates have a removable singularity
NEURON {
    SUFFIX hbna
    USEION na READ ena WRITE ina
    RANGE gbar, g
    GLOBAL q
}
UNITS { (mV) = (millivolt) (S) = (siemens) (mA) = (milliamp) }
PARAMETER { gbar = 0.12 (S/cm2) q = 2.3 slow = 1 }
ASSIGNED { v (mV) ena (mV) ina (mA/cm2) celsius (degC) g (S/cm2) minf mtau (ms) hinf htau (ms) }
STATE { m h }
BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*m^3*h   : a comment with } and ' in it
    ina = g*(v - ena)
}
DERIVATIVE states {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
}
INITIAL { rates(v) m = minf h = hinf }
PROCEDURE rates(u (mV)) {
    LOCAL a, b, qt
    qt = q^((celsius - 21)/10)
    UNITSOFF
    u = u + 0.0001
    a = 0.182*linoid(u + 38, 6)
    b = -0.124*-linoid(-u - 38, 6)
    minf = a/(a + b)
    mtau = 1/(a + b)/qt
    if (u < -60) { hinf = 0.9 + 0.1*exp(-(u + 60)^2/900) }
    else if (u >= -60 && u < -30) { hinf = 1/(1 + exp((u + 66)/6)) }
    else { hinf = 0.01 }
    htau = (1.5 + -2^2 + 6)/qt
    UNITSON
}
FUNCTION linoid(x, k) {
    if (fabs(x/k) < 1e-6) { linoid = k*(1 + x/k/2) } else { linoid = x/(1 - exp(-x/k)) }
}
"""

CALCIUM = """
NEURON { SUFFIX hbca USEION ca READ cai, cao WRITE ica RANGE p }
UNITS { FARADAY = (faraday) (coulomb) R = (k-mole) (joule/degC) }
PARAMETER { p = 1e-4 (cm/s) }
ASSIGNED { v (mV) cai (mM) cao (mM) ica (mA/cm2) celsius (degC) }
STATE { s }
BREAKPOINT { SOLVE gate METHOD cnexp ica = p*s*s*ghk(v, cai, cao) }
DERIVATIVE gate { s' = alpha(v)*(1 - s) - beta(v)*s }
INITIAL { s = alpha(v)/(alpha(v) + beta(v)) }
FUNCTION alpha(v) { alpha = 1.6/(1 + exp(-0.072*(v - 5))) }
FUNCTION beta(v) { beta = 0.02*exp(-(v + 8.9)/5) }
FUNCTION ghk(v, ci, co) {
    LOCAL z, e
    z = (1e-3)*2*FARADAY*v/(R*(celsius + 273.15))
    e = z
    if (fabs(z) < 1e-4) { e = 1 - z/2 } else { e = z/(exp(z) - 1) }
    ghk = (.001)*2*FARADAY*(ci*(e + z) - co*e)
}
"""

POOL = """
NEURON { SUFFIX hbpool USEION ca READ ica, cai WRITE cai RANGE decay, depth }
CONSTANT { F = 96485.309 }
PARAMETER { decay = 20 (ms) depth = 0.1 (um) rest = 5e-5 (mM) }
ASSIGNED { ica (mA/cm2) drive }
STATE { cai (mM) }
INITIAL { cai = rest }
BREAKPOINT { SOLVE move METHOD cnexp }
DERIVATIVE move {
    drive = -(10000)*ica/(2*F*depth)
    if (drive <= 0) { drive = 0 }
    cai' = drive + (rest - cai)/decay
}
"""

SCHEME = """
NEURON { SUFFIX hbk USEION k READ ek WRITE ik RANGE gbar }
PARAMETER { gbar = 0.01 }
ASSIGNED { v ek ik a b }
STATE { c[3] o x z }
DEFINE LAST 2
BREAKPOINT { SOLVE scheme METHOD sparse ik = gbar*o*(v - ek) }
INITIAL { SOLVE scheme STEADYSTATE sparse }
KINETIC scheme {
    a = 0.3*exp(v/40)
    b = 0.1*exp(-v/60)
    FROM i = 0 TO LAST - 1 { ~ c[i] <-> c[i+1] ((3 - i)*a, (i + 1)*b) }
    ~ c[LAST] <-> o (a, 3*b)
    ~ o <-> x (0.02, 0.005)
    ~ x -> (0)
    ~ z <-> x (0.001, 0.002)
    CONSERVE c[0] + c[1] + c[2] + o + x + z = 1
}
"""

BUFFER = """
NEURON { SUFFIX hbbuffer RANGE total NONSPECIFIC_CURRENT i }
PARAMETER { total = 0.05 kf = 20 kb = 0.5 }
ASSIGNED { v i }
STATE { free bound both }
BREAKPOINT { SOLVE bind METHOD sparse i = 0*v }
INITIAL { free = 0.02 bound = 0 both = total }
KINETIC bind {
    COMPARTMENT 2 { free bound both }
    ~ free << (0.01*exp(-(v + 60)*(v + 60)/400))
    ~ free + both <-> bound (2*kf, 2*kb)
    ~ 2 free <-> free (0, 0)
    CONSERVE bound + both = 2*total
}
"""

SPINE = """
NEURON { SUFFIX hbspine NONSPECIFIC_CURRENT i }
ASSIGNED { v i drive }
STATE { r w }
BREAKPOINT { SOLVE both METHOD derivimplicit i = 1e-5*(v + 70)*w }
INITIAL { r = 0.3 w = 0 }
DERIVATIVE both {
    drive = w/(1 + w)
    r' = -r*(1 - r)*(0.5 - r)/20 + drive*(1 - r)
    w' = 0.05*(1 + exp(v/30)) - w*(0.2 + r)
}
"""

SYNAPSE = """
NEURON {
    POINT_PROCESS HbSyn
    RANGE e, tau1, tau2, i, g
    NONSPECIFIC_CURRENT i
}
PARAMETER { tau1 = 0.5 tau2 = 5 e = 0 use = 0.4 rec = 200 }
ASSIGNED { v i g factor }
STATE { A B }
INITIAL {
    LOCAL tp
    tp = (tau1*tau2)/(tau2 - tau1)*log(tau2/tau1)
    factor = 1/(-exp(-tp/tau1) + exp(-tp/tau2))
    A = 0
    B = 0
}
BREAKPOINT { SOLVE decay METHOD cnexp g = B - A i = g*(v - e) }
DERIVATIVE decay { A' = -A/tau1 B' = -B/tau2 }
NET_RECEIVE (weight (uS), left, last (ms)) {
    INITIAL { left = 1 last = -1e9 }
    if (flag == 0) {
        left = 1 - (1 - left)*exp(-(t - last)/rec)
        last = t
        A = A + weight*factor*use*left
        B = B + weight*factor*use*left
        left = left - use*left
        net_send(3, 7)
    } else if (flag == 7) {
        A = A + 1e-4
    }
}
"""

# Remembers its last three pulses in a ring, so that elements are known only when it runs.
RING = """
NEURON { POINT_PROCESS HbRing RANGE e, i, seen NONSPECIFIC_CURRENT i }
PARAMETER { e = 0 tau = 4 }
ASSIGNED { v i seen size[3] when[3] }
STATE { A }
INITIAL {
    FROM k = 0 TO 2 { size[k] = 0 when[k] = 0 }
    seen = 0
    A = 0
}
BREAKPOINT { SOLVE decay METHOD cnexp i = A*(v - e) }
DERIVATIVE decay { A' = late() - A/tau }
FUNCTION late() {
    LOCAL n, sum, at
    sum = 0
    FROM n = 0 TO seen - 1 {
        at = fmod(n, 3)
        if (n >= seen - 3) { sum = sum + size[at]*exp(-(t - when[at])/10) }
    }
    late = sum
}
NET_RECEIVE (weight) {
    LOCAL at
    if (flag == 0) {
        at = fmod(seen, 3)
        size[at] = weight*(1 + seen)/50
        when[at] = t
        seen = seen + 1
        net_send(2, 7)
        net_send(5, 7)
    } else if (flag == 7) {
        at = fmod(seen + 2, 3)
        size[at] = size[at]/2
    }
}
"""
ALL = (SODIUM, CALCIUM, POOL, SCHEME, BUFFER, SPINE, SYNAPSE, RING)

# A current that a SOLVE in a branch leaves, and loops that find their end.
LEFT = """
NEURON {
    SUFFIX hbleft
    REPRESENTS NCIT:C17145   : a term with a colon
    USEION k READ ek WRITE ik REPRESENTS CHEBI:29103
    RANGE gbar
}
PARAMETER { gbar = 3e-4 on = 1 }
ASSIGNED { v ek ik many }
INITIAL { MUTEXLOCK many = 0 MUTEXUNLOCK }
BREAKPOINT { if (on) { SOLVE leak METHOD after_cvode } }
PROCEDURE leak() {
    LOCAL rest
    rest = v + 80
    many = 0
    WHILE (rest > 4 && many < 7) { rest = rest - 4 PROTECT many = many + 1 }
    ik = gbar*(v - ek)*(1 + many/20) + ik/3
}
"""

# What is run beside the step.
MOMENTS = """
NEURON { SUFFIX hbmoments RANGE drive, total, began NONSPECIFIC_CURRENT i }
ASSIGNED { v i drive total began }
INITIAL { began = began + 1 total = 0 drive = 1 }
BEFORE INITIAL { began = 5 }
AFTER INITIAL { total = began/10 }
BREAKPOINT { i = 1e-4*drive*(v + 65 + total) }
BEFORE BREAKPOINT { drive = 1 + 0.5*sin(t) }
AFTER SOLVE { total = total + v*dt/1000 }
BEFORE STEP { total = 0.999*total }
"""

RUNGE = """
NEURON { SUFFIX hbrunge RANGE g NONSPECIFIC_CURRENT i }
PARAMETER { e = -60 }
ASSIGNED { v i g pull }
STATE { x w }
INITIAL { x = 0.4 w = 0.1 }
BREAKPOINT { SOLVE move METHOD runge CONDUCTANCE g g = 1e-4*x*x i = g*(v - e) }
DERIVATIVE move {
    pull = sin(t/3) + v/100
    x' = (w - x*x*x + pull)/4
    w' = -0.3*x - w*x/5
}
"""

# Two BREAKPOINT blocks, and functions whose values the user gives.
GIVEN = """
NEURON { SUFFIX hbgiven NONSPECIFIC_CURRENT i }
ASSIGNED { v i }
STATE { n }
FUNCTION_TABLE rest(v (mV))
FUNCTION_TABLE lag(v (mV)) (ms)
FUNCTION_TABLE size(x)
INITIAL { n = rest(v) }
BREAKPOINT { SOLVE gate METHOD cnexp i = 1e-4*n }
BREAKPOINT { i = i*(v + size(3)) }
DERIVATIVE gate { n' = (rest(v) - n)/lag(v) }
"""
# C that says what NMODL could.
PLAIN_C = """
NEURON { SUFFIX hbplainc NONSPECIFIC_CURRENT i }
PARAMETER { least = 3 }
ASSIGNED { v i end[2] lag[2] }
STATE { m h }
INITIAL { rates(v) m = end[0] h = end[1] }
BREAKPOINT { SOLVE move METHOD cnexp i = 1e-4*m*h*(v + 60) }
DERIVATIVE move { rates(v) m' = (end[0] - m)/lag[0] h' = (end[1] - h)/lag[1] }
PROCEDURE rates(v) {
    LOCAL a, b
    FROM j = 0 TO 1 {
        a = 0.1*exp((v + 50)/20)
        b = 0.1*exp(-(v + 50)/20)
        end[j] = (1 - j)*a/(a + b) + j*b/(a + b)
        VERBATIM
        switch (_lj) {
            case 0: /* no shorter than this */
                if ((lag[_lj] = 1. / (_la + _lb)) < least) {
                    lag[_lj] = least;
                }
                break;
            case 1:
                lag[_lj] = 2. * least; // and that
                break;
        }
        ENDVERBATIM
    }
}
"""
TABLES = {
    "rest": ([-90, -70, -65, -30, 0], [0.0, 0.1, 0.3, 0.8, 1.0]),
    "lag": ([-80, -60, -40, -20], [5.0, 9.0, 3.0, 1.0]),
    "size": 70.0,
}
# States that equations hold between, a block in a block, and NEURON's own current of GHK.
ROOTS = """
NEURON { SUFFIX hbroots USEION ca READ cai, cao WRITE ica RANGE p }
PARAMETER { p = 2e-6 }
ASSIGNED { v cai cao ica celsius }
STATE { x u w }
INITIAL { x = 1 u = 1 w = 2 SOLVE balance }
BREAKPOINT {
    SOLVE balance
    { LOCAL far far = x*u ica = p*far*nrn_ghk(v, cai, cao, 2) }
}
NONLINEAR balance {
    LOCAL pull
    pull = v/100
    ~ x*x + u = 3 + pull
    ~ u*exp(x) = 2
    ~ w*w*w = x + 4
}
"""
WIDER = (ROOTS, LEFT, PLAIN_C, MOMENTS, RUNGE, GIVEN)
