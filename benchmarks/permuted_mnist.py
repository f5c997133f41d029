"""Permuted MNIST, tasks in sequence, as the Active Dendrites paper trains on it.

    HALFBRAIN_DATA=... python benchmarks/permuted_mnist.py --tasks 10 --seeds 1 --folder runs

Networks: dendrites, dendrites+si (with Synaptic Intelligence), xdg and xdg+si (which are told the
task, as published), si (a plain network with Synaptic Intelligence) and mlp. After each task the
network and what it knows of all tasks so far are kept in the folder, and a run that was broken off
goes on from there. The paper's schedules are in halfbrain.networks.published; it has none for xdg,
which takes those of the dendrites.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

from halfbrain.learning.mnist import load_mnist
from halfbrain.networks.dendrites import ActiveDendrites, nearest, prototype
from halfbrain.networks.gated import Gated
from halfbrain.networks.intelligence import synaptic_intelligence
from halfbrain.networks.learn import epochs, in_one_context, plain, with_intelligence
from halfbrain.networks.mlp import Mlp
from halfbrain.networks.published import SCHEDULES, WITH_INTELLIGENCE
from halfbrain.networks.training import accuracy, start

# As the authors scale their images (torchvision's usual mean and deviation of MNIST).
NETWORKS = ("dendrites", "dendrites+si", "xdg", "xdg+si", "si", "mlp")
MEAN, DEVIATION = 0.1307, 0.3081


def permutation(seed, task):
    """The order of the pixels in a task; the first is as the images are."""
    if task == 0:
        return np.arange(784)
    return np.random.default_rng([seed, task]).permutation(784)


class Learner:
    """A network, how it is told of tasks, and how it learns one."""

    def __init__(self, name, tasks, key, prototypes):
        base, _, self.intelligent = name.partition("+")
        self.intelligent = self.intelligent == "si" or base == "si"
        self.base, self.prototypes, self.told = base, prototypes, jnp.eye(tasks)
        schedule = SCHEDULES[tasks]
        sizes = (784, 2048, 2048, 10)
        if self.intelligent:
            if tasks not in WITH_INTELLIGENCE:
                raise SystemExit(f"Synaptic Intelligence: for {sorted(WITH_INTELLIGENCE)} tasks")
            schedule = WITH_INTELLIGENCE[tasks]
            sizes = (784, *schedule.hidden, 10)
        self.schedule = schedule
        if base == "dendrites":
            self.network = ActiveDendrites.init(key, tasks, sizes)
        elif base == "xdg":
            self.network = Gated.init(key, tasks)
        else:
            self.network = Mlp.init(key, sizes)
        self.optimiser, self.state = optax.adam(schedule.rate), None
        if self.intelligent:
            self.optimiser = synaptic_intelligence(self.optimiser, schedule.c)
            self.state = start(self.optimiser, self.network)

    def learn(self, task, images, labels, order, progress):
        """Learn a task."""
        given = (self.optimiser, images, labels, order)
        context = {"dendrites": self.prototypes[task], "xdg": self.told[task]}.get(self.base)
        contexts = None if context is None else context[None]
        if self.intelligent:
            self.network, self.state, _ = with_intelligence(
                self.network, self.state, *given, contexts, progress, self.schedule.damping
            )
        elif self.base == "dendrites":
            self.network, _ = in_one_context(self.network, *given, context, progress)
        else:
            self.network, _ = plain(self.network, *given, contexts, progress)

    def accuracy(self, task, known, images, labels):
        """Of a task learnt; dendrites infer which it is from the prototypes known, XdG is told."""
        if self.base == "xdg":
            return accuracy(self.network, images, labels, self.told[task][None])
        return accuracy(self.network, images, labels, known, nearest)


def run(name, tasks, seed, digits, folder, most, times):
    """The mean accuracy over the tasks, or None where some are left for another sitting."""
    train_x, train_y, test_x, test_y = digits
    key = jax.random.key(seed)
    orders = [permutation(seed, task) for task in range(tasks)]
    prototypes = [prototype(train_x)[order] for order in orders]
    learner = Learner(name, tasks, key, prototypes)
    schedule = learner.schedule
    weights = folder / f"{name}-{tasks}-{seed}.eqx"
    told = weights.with_suffix(".json")
    done = json.loads(told.read_text()) if told.is_file() else []
    if done:
        kept = eqx.tree_deserialise_leaves(weights, kept_of(learner))
        learner.network, learner.state = kept if learner.intelligent else (kept, None)
    for task in range(len(done), min(tasks, len(done) + most)):
        begin = time.perf_counter()
        images = train_x[:, orders[task]]
        which = epochs(
            jax.random.fold_in(key, task), len(train_y), schedule.batch, times or schedule.epochs
        )

        total = len(which)

        def progress(steps, task=task, begin=begin, total=total):
            spent = time.perf_counter() - begin
            print(
                f"\r{name}, task {task + 1}: step {steps} of {total}, {spent:.0f} s", end="",
                flush=True,
            )  # fmt: skip

        learner.learn(task, images, train_y, which, progress)
        known = jnp.stack(prototypes[: task + 1])
        scores = [
            learner.accuracy(k, known, test_x[:, order], test_y)
            for k, order in enumerate(orders[: task + 1])
        ]
        done.append({"seconds": time.perf_counter() - begin, "accuracy": scores})
        eqx.tree_serialise_leaves(weights.with_suffix(".new"), kept_of(learner))
        weights.with_suffix(".new").replace(weights)
        told.write_text(json.dumps(done))
        print(f"\n{name}, {task + 1} tasks: mean {np.mean(scores):.4f}, first {scores[0]:.4f}")
    return float(np.mean(done[-1]["accuracy"])) if len(done) == tasks else None


def kept_of(learner):
    """What is written after a task: the network, and what Synaptic Intelligence knows."""
    return (learner.network, learner.state) if learner.intelligent else learner.network


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10, choices=sorted(SCHEDULES))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("permuted-mnist"))
    parser.add_argument("--networks", nargs="+", default=["dendrites", "mlp"], choices=NETWORKS)
    parser.add_argument("--epochs", type=int, help="of a task, in place of the paper's")
    parser.add_argument("--sitting", type=int, default=100, help="tasks to learn at most, now")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    digits = load_mnist()
    arrays = [
        jnp.asarray((digits.train_images / 255 - MEAN) / DEVIATION, jnp.float32),
        jnp.asarray(digits.train_labels, jnp.int32),
        jnp.asarray((digits.test_images / 255 - MEAN) / DEVIATION, jnp.float32),
        jnp.asarray(digits.test_labels, jnp.int32),
    ]
    for name in given.networks:
        for seed in range(given.seeds):
            mean = run(name, given.tasks, seed, arrays, given.folder, given.sitting, given.epochs)
            if mean is not None:
                print(f"{name}, seed {seed}: mean of {given.tasks} tasks {mean:.4f}")


if __name__ == "__main__":
    main()
