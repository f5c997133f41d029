"""Currents that SONATA's inputs describe by a few numbers: pulses, sines, and random ones.

Random ones are of the streams of this package (Philox): alike other simulators' in law, not in
number. Times are in ms; values in nA, or uS where they are conductances.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter
from scipy.special import gammaincinv

from halfbrain.circuits.detailed.drive import Wave
from halfbrain.connectivity.draw import Floats, Stream
from halfbrain.connectivity.value import Normal

NOISE_STEP = 0.5  # ms between the numbers of noise; BlueCelluLab's, as the others of this file
STEP = 0.25  # those of shot noise and Ornstein-Uhlenbeck processes


def held(amplitudes: list[float], times: list[float]) -> Wave:
    """Amplitudes from some times on, the last up to the last of the times."""
    return Wave(np.array(times), np.array([*amplitudes, 0.0]), held=True)


def ramp(first: float, last: float, delay: float, duration: float) -> Wave:
    """From one amplitude to the other."""
    return Wave(np.array([delay, delay + duration]), np.array([first, last]))


def pulses(amplitude: float, frequency: float, width: float, delay: float, duration: float) -> Wave:
    """Pulses of a width at so many Hz; one long pulse where they would touch."""
    period = 1000.0 / frequency
    if width >= period:
        return held([amplitude], [delay, delay + duration])
    begins = delay + period * np.arange(max(int(np.ceil(duration / period - 1e-9)), 1))
    ends = np.minimum(begins + width, delay + duration)
    times = np.column_stack([begins, ends]).ravel()
    return Wave(times, np.tile([amplitude, 0.0], len(begins)), held=True)


def sine(amplitude: float, frequency: float, delay: float, duration: float, dt: float) -> Wave:
    """A sine that begins at 0."""
    times = _times(duration, dt)
    return _delayed(times, amplitude * np.sin(2e-3 * np.pi * frequency * times), delay)


def noise(
    stream: Stream, node: int, mean: float, variance: float, delay: float, duration: float
) -> Wave:
    """Independent normal numbers, joined by lines."""
    times = _times(duration, NOISE_STEP)
    values = mean + np.sqrt(variance) * _normals(stream, node, len(times))
    if delay > 0:
        values[0] = 0.0
    return _delayed(times, values, delay)


def ornstein_uhlenbeck(
    stream: Stream, node: int, mean: float, sigma: float, tau: float, delay: float,
    duration: float, dt: float,
) -> Wave:  # fmt: skip
    """A process of a time constant, from its mean on; exact at its times (Gillespie 1996)."""
    times = _times(duration, dt)
    kept = np.exp(-dt / tau) if tau > 1e-9 else 0.0
    drawn = sigma * np.sqrt(1 - kept**2) * _normals(stream, node, len(times))
    drawn[0] *= kept == 0
    return _delayed(times, mean + lfilter([1.0], [1.0, -kept], drawn), delay)


def shot_noise(
    stream: Stream, node: int, rate: float, mean: float, variance: float, rise: float,
    decay: float, delay: float, duration: float, dt: float,
) -> Wave:  # fmt: skip
    """Events at a rate (Hz), of gamma amplitudes and the shape of two exponentials; peaks count."""
    times = _times(duration, dt)
    expected = duration * rate * 1e-3
    count = int(expected + 8 * np.sqrt(expected) + 20)
    gaps = -np.log(stream.uniforms("gaps", node, np.arange(count))) * 1e3 / rate
    steps = np.rint(np.cumsum(gaps) / dt)
    steps = steps[steps < len(times)].astype(np.int64)
    scale = variance / abs(mean)
    shares = stream.uniforms("amplitudes", node, np.arange(len(steps)))
    sizes = np.full(len(steps), mean)
    if scale > 0:
        sizes = np.sign(mean) * scale * gammaincinv(abs(mean) / scale, shares)
    events = np.bincount(steps, sizes, len(times))
    slow, fast = np.exp(-dt / decay), np.exp(-dt / rise)
    values = lfilter([0.0, 1.0], [1.0, -slow], events) * slow
    values -= lfilter([0.0, 1.0], [1.0, -fast], events) * fast
    return _delayed(times, values / _height(rise, decay), delay)


def shots_of(
    mean: float, deviation: float, rise: float, decay: float, skew: float
) -> tuple[float, float, float]:
    """The rate (Hz), and mean and variance of the amplitudes, that give shot noise these moments.

    ``skew`` is from 0 to 1: how far the skewness lies between its bounds. By Campbell's theorem.
    """
    area = (decay - rise) / _height(rise, decay)
    second = 1 / (decay + rise)
    third = 1 / ((decay + 2 * rise) * (2 * decay + rise))
    skewness = (1 + skew) * (8 / 3) * (third / second**2) * (deviation / mean)
    once = 2 / (second * area) * deviation**2 / mean
    twice = 3 * second / (4 * third * area) * deviation * skewness
    amplitude = 2 * once - twice
    return mean / (amplitude * area) * 1e3, amplitude, amplitude * (twice - once)


def _height(rise: float, decay: float) -> float:
    """The peak of the difference of two exponentials."""
    peak = np.log(decay / rise) / (1 / rise - 1 / decay)
    return float(np.exp(-peak / decay) - np.exp(-peak / rise))


def _times(duration: float, dt: float) -> Floats:
    return np.arange(0.0, duration + dt * 1e-6, dt)


def _delayed(times: Floats, values: Floats, delay: float) -> Wave:
    """A value more at the end, for nothing is left after the last time."""
    step = times[1] - times[0] if len(times) > 1 else 1e-3
    return Wave(
        np.append(times, times[-1] + min(step, 1e-3)) + delay,
        np.append(values, values[-1]),
    )


def _normals(stream: Stream, node: int, count: int) -> Floats:
    return stream.numbers("normals", Normal(0.0, 1.0), node, np.arange(count))
