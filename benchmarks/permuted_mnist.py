"""Permuted MNIST, tasks in sequence, as the Active Dendrites paper trains on it.

    HALFBRAIN_DATA=... python benchmarks/permuted_mnist.py --tasks 10 --seeds 1 --folder runs

After each task the network and what it knows of all tasks so far are kept in the folder, and a run
that was broken off goes on from there. The paper's schedules are in halfbrain.networks.published.
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
from halfbrain.networks.learn import epochs, in_one_context, plain
from halfbrain.networks.mlp import Mlp
from halfbrain.networks.published import SCHEDULES
from halfbrain.networks.training import accuracy

# As the authors scale their images (torchvision's usual mean and deviation of MNIST).
MEAN, DEVIATION = 0.1307, 0.3081


def permutation(seed, task):
    """The order of the pixels in a task; the first is as the images are."""
    if task == 0:
        return np.arange(784)
    return np.random.default_rng([seed, task]).permutation(784)


def run(name, tasks, seed, digits, folder, most):
    """The mean accuracy over the tasks, or None where some are left for another sitting."""
    schedule = SCHEDULES[tasks]
    train_x, train_y, test_x, test_y = digits
    key = jax.random.key(seed)
    network = ActiveDendrites.init(key, tasks) if name == "dendrites" else Mlp.init(key)
    weights = folder / f"{name}-{tasks}-{seed}.eqx"
    told = weights.with_suffix(".json")
    done = json.loads(told.read_text()) if told.is_file() else []
    if done:
        network = eqx.tree_deserialise_leaves(weights, network)
    optimiser = optax.adam(schedule.rate)
    orders = [permutation(seed, task) for task in range(tasks)]
    prototypes = [prototype(train_x)[order] for order in orders]
    for task in range(len(done), min(tasks, len(done) + most)):
        start = time.perf_counter()
        images = train_x[:, orders[task]]
        which = epochs(jax.random.fold_in(key, task), len(train_y), schedule.batch, schedule.epochs)

        total = len(which)

        def progress(steps, task=task, start=start, total=total):
            spent = time.perf_counter() - start
            print(
                f"\r{name}, task {task + 1}: step {steps} of {total}, {spent:.0f} s", end="",
                flush=True,
            )  # fmt: skip

        given = (network, optimiser, images, train_y, which)
        if name == "dendrites":
            network, _ = in_one_context(*given, prototypes[task], progress)
        else:
            network, _ = plain(*given, None, progress)
        # The context of a test image is inferred, among those of the tasks learnt so far.
        known = jnp.stack(prototypes[: task + 1])
        scores = [
            accuracy(network, test_x[:, order], test_y, known, nearest)
            for order in orders[: task + 1]
        ]
        done.append({"seconds": time.perf_counter() - start, "accuracy": scores})
        eqx.tree_serialise_leaves(weights.with_suffix(".new"), network)
        weights.with_suffix(".new").replace(weights)
        told.write_text(json.dumps(done))
        print(f"\n{name}, {task + 1} tasks: mean {np.mean(scores):.4f}, first {scores[0]:.4f}")
    return float(np.mean(done[-1]["accuracy"])) if len(done) == tasks else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10, choices=sorted(SCHEDULES))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("permuted-mnist"))
    parser.add_argument("--networks", nargs="+", default=["dendrites", "mlp"])
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
            mean = run(name, given.tasks, seed, arrays, given.folder, given.sitting)
            if mean is not None:
                print(f"{name}, seed {seed}: mean of {given.tasks} tasks {mean:.4f}")


if __name__ == "__main__":
    main()
