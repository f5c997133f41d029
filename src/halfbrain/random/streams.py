"""Streams of random numbers that belong to a place, the same numbers as NEURON's Random123 has.

A number depends on the simulation's seed, the stream's three identifiers, and how many numbers of
the stream were drawn before: the words of a Philox block (Salmon et al. 2011, doi
10.1145/2063384.2063405) are used one after the other. Nothing else is kept, so a stream goes on
where it was after a checkpoint, whichever thread or layout steps its place.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from halfbrain.random.compiled import philox4x32

# Inputs of programs that draw; no name of a model has a space. All but the seed are kept for each
# place, as whole numbers in the bits of floating-point ones.
SEED, IDENTIFIERS, DRAWN = " seed", (" id1", " id2", " id3"), " drawn"
STREAM = (SEED, *IDENTIFIERS, DRAWN)
UNSOLVED = " unsolved"  # 1 once Newton's method has not come to an end in its rounds
ROUNDS = " rounds"  # the most that a loop whose end is known only when it runs had to go

UNIT = 1 / (2.0**32 + 1)  # NEURON's: from 1 .. 2^32 into (0, 1)
_MANY_TRIALS = 25


@numba.njit(inline="always")
def nth(seed, id1, id2, id3, n):
    """The n-th uniform number of a stream, in (0, 1)."""
    mask = np.uint64(0xFFFFFFFF)
    at = np.uint64(n)
    a, b, c, d = philox4x32(
        (at >> np.uint64(2)) & mask, np.uint64(id3), np.uint64(id1), np.uint64(id2),
        np.uint64(seed),
    )  # fmt: skip
    which = at & np.uint64(3)
    low = a if which == np.uint64(0) else b
    high = c if which == np.uint64(2) else d
    return (np.float64(low if which < np.uint64(2) else high) + 1.0) * UNIT


@numba.njit
def polar(seed, id1, id2, id3, n):
    """A standard normal number, and how many numbers of the stream it took (Marsaglia's way)."""
    drawn = 0
    while True:
        x = 2.0 * nth(seed, id1, id2, id3, n + drawn) - 1.0
        y = 2.0 * nth(seed, id1, id2, id3, n + drawn + 1) - 1.0
        drawn += 2
        square = x * x + y * y
        if square <= 1.0:
            return x * math.sqrt(-2.0 * math.log(square) / square), float(drawn)


@numba.njit
def binomial(chance, trials, seed, id1, id2, id3, n):
    """Successes in so many trials, and how many numbers of the stream they took.

    As ``BnlDev`` of Blue Brain's stochastic channels draws them (the method is that of Numerical
    Recipes, 7.3): one by one if they are few, by waiting times if few succeed, else by rejection
    under a Lorentzian, where each try skips a number.
    """
    p = chance if chance <= 0.5 else 1.0 - chance
    mean = trials * p
    drawn, successes = 0, 0.0
    if trials < _MANY_TRIALS:
        while drawn + 1 <= trials:
            if nth(seed, id1, id2, id3, n + drawn) < p:
                successes += 1.0
            drawn += 1
    elif mean < 1.0:
        bound, product = math.exp(-mean), 1.0
        while drawn <= trials:
            product *= nth(seed, id1, id2, id3, n + drawn)
            drawn += 1
            if product < bound:
                break
            successes += 1.0
        successes = min(successes, trials)
    else:
        odds, against = math.log(p), math.log(1.0 - p)
        whole = math.lgamma(trials + 1.0)
        width = math.sqrt(2.0 * mean * (1.0 - p))
        while True:
            while True:
                slope = math.tan(math.pi * nth(seed, id1, id2, id3, n + drawn + 1))
                drawn += 2
                successes = width * slope + mean
                if not (successes < 0.0 or successes >= trials + 1.0):
                    break
            successes = math.floor(successes)
            ways = whole - math.lgamma(successes + 1.0) - math.lgamma(trials - successes + 1.0)
            likely = ways + successes * odds + (trials - successes) * against
            over = 1.2 * width * (1.0 + slope * slope) * math.exp(likely)
            drawn += 1
            if not nth(seed, id1, id2, id3, n + drawn - 1) > over:
                break
    if chance > 0.5:
        successes = trials - successes
    return successes, float(drawn)
