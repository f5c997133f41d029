"""Numenta's contender, run: the Active Dendrites Network at its paper's size, trained by Adam.

Its operations are counted from its own jaxpr. A pass is one sample through the network; how many
passes stand for a second of life stays an assumption of the facts. How often a sample must be seen
is the laboratory's figure.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from halfbrain.contenders.measured import Measured, Part, Progress, Run, spanning
from halfbrain.contenders.numenta import CONTENDER
from halfbrain.contenders.runs.epochs import RATES, Lesson, ratios
from halfbrain.contenders.runs.measuring import Told, measured
from halfbrain.errors import MissingError
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import facts
from halfbrain.metering.ceilings import Peak

try:
    import equinox
    import jax
    import optax

    from halfbrain.networks.count import count
    from halfbrain.networks.dendrites import ActiveDendrites
    from halfbrain.networks.effective import effective
    from halfbrain.networks.training import loss, start, train_step
except ModuleNotFoundError as error:
    raise MissingError(
        f"numenta needs {error.name}, which is not installed; pip install 'halfbrain[networks]'"
    ) from None

SEED = 1
_RATE = 5e-4
_NETWORKS = 0.3  # share of the time that the networks take, of all with the lesson
_INK = 0.19  # share of an MNIST image that is not black
_ALL = 0.99  # of the products: an interval of shares ends below one


@dataclass(frozen=True)
class Sample:
    """A network and batch to train: what is timed is ``steps`` steps of Adam.

    ``own_contexts``: each sample comes in a context of its own, as moments of a life do; else the
    whole batch shares one, as in the paper's tasks, and its segments are worked out once.
    """

    name: str
    own_contexts: bool
    sizes: tuple[int, ...] = (784, 2048, 2048, 10)
    segments: int = 10
    batch: int = 256
    steps: int = 3


SAMPLES = (Sample("own contexts", True), Sample("one context", False))
# Half as wide: a quarter of the weights between hidden layers.
OTHERS = tuple(replace(sample, sizes=(784, 1024, 1024, 10)) for sample in SAMPLES)

_NOTES: Mapping[str, str] = {
    "flop_per_parameter": "Forward, dense, over the weights that are not masked and the samples. "
    "Where a batch shares a context its segments are worked out once, so that it is less than two.",
    "backward_ratio": "Gradients, over the forward pass.",
    "optimiser_flop_per_parameter": "Adam and the masks, once a step.",
    "effective_density": "Products without a zero, over all, forward and backward; and almost all, "
    "since this machine's dense products skip none.",
    "bytes_per_weight": "A weight and its place in the mask.",
    "bytes_per_parameter": "Weight, mask, gradient and Adam's two moments.",
}


def measure(
    samples: Sequence[Sample] = SAMPLES,
    others: Sequence[Sample] = (),
    *,
    seed: int = SEED,
    lesson: Lesson | None = None,
    peak: Peak | None = None,
    progress: Progress = lambda what, done: None,
) -> Measured:
    """Train the networks, take the cost terms from the counter, and the epochs from a lesson.

    Parameters
    ----------
    samples, others, seed, peak, progress
        as of :func:`networks`.
    lesson
        by which dendrites and an MLP are compared; None: the laboratory's digits.

    Raises
    ------
    RunError
        if there is nothing to run.
    """
    found = networks(
        samples, others, seed=seed, peak=peak,
        progress=lambda what, done: progress(what, _NETWORKS * done),
    )  # fmt: skip
    return replace(found, inputs={**found.inputs, **_epochs(lesson or Lesson(), found, progress)})


def networks(
    samples: Sequence[Sample] = SAMPLES,
    others: Sequence[Sample] = (),
    *,
    seed: int = SEED,
    peak: Peak | None = None,
    progress: Progress = lambda what, done: None,
) -> Measured:
    """Train the networks, and take the cost terms from the counter.

    Parameters
    ----------
    samples
        what to run.
    others
        the same at other sizes, run for their speed alone.
    seed
        of weights and images.
    peak
        of this machine, with all its processors, which JAX takes; None measures it.
    progress
        told what comes next.

    Raises
    ------
    RunError
        if there is nothing to run.
    """
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    dense = {"effective_density": {"as dense products are executed": _ALL}}

    def run(sample: Sample, tell: Told) -> Run:
        return _run(sample, seed)

    return measured(
        CONTENDER, samples, others, run, _NOTES, dense, seed=seed, threads=threads,
        precision="float32", peak=peak, progress=progress,
    )  # fmt: skip


def _epochs(lesson: Lesson, found: Measured, progress: Progress) -> dict[str, Quantity]:
    """How often a sample must be seen, for each time that an MLP sees it."""
    told = 0

    def tell(learner: str) -> None:
        nonlocal told
        share = told / (lesson.seeds * len(RATES))
        progress(f"{lesson.task}: {learner}", _NETWORKS + (1 - _NETWORKS) * share)
        told += 1

    each, level = ratios(lesson, tell)
    name = f"{CONTENDER.name}.epochs"
    note = (
        f"Samples that dendrites need over an MLP's of as many parameters, to {level:.0%} of "
        f"{lesson.task}. The text of 2022 has ten times."
    )
    shown = {f"{lesson.task}, seed {seed}": ratio for seed, ratio in each.items()}
    origin = Origin("measured", where=found.place, note=note)
    return {name: spanning(name, CONTENDER.units[name], shown, False, origin)}


def _run(sample: Sample, seed: int) -> Run:
    of_network, of_images, of_ink, of_labels = jax.random.split(jax.random.key(seed), 4)
    network = ActiveDendrites.init(
        of_network, sample.segments, sample.sizes, context=sample.sizes[0]
    )
    batch, inputs = sample.batch, sample.sizes[0]
    ink = jax.random.uniform(of_ink, (batch, inputs)) < _INK
    x = jax.random.uniform(of_images, (batch, inputs)) * ink
    labels = jax.random.randint(of_labels, (batch,), 0, sample.sizes[-1])
    if sample.own_contexts:
        contexts, which = x, jax.numpy.arange(batch)
    else:
        contexts, which = x.mean(axis=0, keepdims=True), jax.numpy.zeros(batch, int)
    optimiser = optax.adam(_RATE)
    state = start(optimiser, network)

    def gradient(network: ActiveDendrites, x: jax.Array, contexts: jax.Array) -> object:
        return equinox.filter_value_and_grad(loss)(network, x, labels, contexts, which)

    def step(network: ActiveDendrites, state: object, x: jax.Array, contexts: jax.Array) -> object:
        return train_step(network, state, optimiser, x, labels, contexts, which)

    weights = _weights(network)
    forward = count(lambda n, x, c: loss(n, x, labels, c, which), network, x, contexts)
    both, whole = count(gradient, network, x, contexts), count(step, network, state, x, contexts)
    products = effective(gradient, network, x, contexts)
    held = _bytes(network)
    learnt = _bytes(equinox.filter(network, equinox.is_inexact_array))
    seconds = _timed(equinox.filter_jit(step), network, state, x, contexts, sample.steps)
    lives = facts().get("contenders.active-dendrites-neuron.samples_per_second")
    hidden = sum(layer.winners for layer in network.layers)
    figures = {
        "flop_per_parameter": forward.flop / weights / batch,
        "backward_ratio": (both.flop - forward.flop) / forward.flop,
        "optimiser_flop_per_parameter": (whole.flop - both.flop) / weights,
        "effective_density": products.density,
        "bytes_per_weight": held / weights,
        "bytes_per_parameter": (held + learnt + _bytes(state)) / weights,
    }
    return Run(
        circuit=sample.name,
        neurons=sum(sample.sizes[1:]),
        synapses=weights,
        bio_seconds=sample.steps * batch / lives.magnitude("sample/bio_second"),
        steps=sample.steps,
        spikes=hidden * batch * sample.steps,
        events=products.effective * sample.steps,
        plastic_events=weights * sample.steps,
        flop=whole.flop * sample.steps,
        bytes=whole.bytes * sample.steps,
        wall_seconds=seconds,
        parts=(
            Part(
                seconds,
                {
                    # This machine's dense products skip none.
                    "product": products.dense * sample.steps,
                    "weight in the optimiser": weights * sample.steps,
                },
            ),
        ),
        figures={f"{CONTENDER.name}.{name}": value for name, value in figures.items()},
    )


def _weights(network: ActiveDendrites) -> int:
    """Weights that are not masked, those of segments with them; no biases."""
    linears = [*(layer.linear for layer in network.layers), network.top]
    there = [own.weight.size if own.mask is None else int(own.mask.sum()) for own in linears]
    return sum(there) + sum(layer.segments.size for layer in network.layers)


def _bytes(tree: object) -> int:
    return sum(leaf.nbytes for leaf in jax.tree.leaves(tree) if hasattr(leaf, "nbytes"))


def _timed(step, network, state, x, contexts, steps) -> float:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Seconds for so many steps, after one that compiles."""
    _ready(step(network, state, x, contexts)[0])
    begin = time.perf_counter()
    for _ in range(steps):
        _, network, state = step(network, state, x, contexts)
    _ready(network)
    return time.perf_counter() - begin


def _ready(tree: object) -> None:
    """Wait until every array is worked out."""
    jax.block_until_ready(equinox.filter(tree, equinox.is_array))  # type: ignore[no-untyped-call]
