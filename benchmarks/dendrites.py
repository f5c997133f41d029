"""Times training steps of the Active Dendrites Network against the same in plain PyTorch.

    python benchmarks/dendrites.py [--torch PYTHON]

784-2048-2048-10 with 10 segments a unit, batches of 256, Adam; the same first weights and batches,
so the losses must be the same. PYTHON is one that has PyTorch, if this one does not. Both run on
two threads.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

from halfbrain.networks.count import count
from halfbrain.networks.dendrites import ActiveDendrites
from halfbrain.networks.one_context import is_full, opened
from halfbrain.networks.training import loss, start, train

STEPS, WARM, BATCH, RATE = 18, 3, 256, 5e-4


def problem():
    """Ten classes of noisy patterns in the range of scaled pixels."""
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 10, 4096)
    images = rng.normal(size=(10, 784))[labels] + rng.normal(size=(4096, 784))
    order = rng.integers(0, 4096, (STEPS, BATCH))
    return images.astype(np.float32), labels.astype(np.int32), order


def handed_over(network, images, labels, order, context):
    """What the other side needs, as arrays with names."""
    arrays, masks = [], {}
    for layer in (*(layer.linear for layer in network.layers), network.top):
        masks[len(arrays)] = layer.mask
        arrays += [layer.weight, layer.bias]
        if layer is not network.top:
            arrays.append(network.layers[len(masks) - 1].segments)
    out = {f"w{i}": np.asarray(array) for i, array in enumerate(arrays)}
    out |= {f"m{i}": np.asarray(mask) for i, mask in masks.items()}
    out |= {"images": images, "labels": labels, "order": order, "context": np.asarray(context)}
    return out | {
        "arrays": len(arrays),
        "rate": RATE,
        "winners": [layer.winners for layer in network.layers],
    }


def ours(network, images, labels, order, contexts=None):
    """Losses and the median seconds of a step; a compiled call holds three steps."""
    optimiser = optax.adam(RATE)
    state = start(optimiser, network)
    losses, times = [], []
    for at in range(0, len(order), WARM):
        begin = time.perf_counter()
        network, state, some = train(
            network, state, optimiser, images, labels, order[at : at + WARM], contexts
        )
        losses.extend(np.asarray(some))
        times.append((time.perf_counter() - begin) / WARM)
    return network, np.array(losses), float(np.median(times[1:]))


def theirs(python, made, images, labels, order, context):
    """PyTorch's version, losses and seconds of each step."""
    with tempfile.TemporaryDirectory() as folder:
        given, results = Path(folder) / "given.npz", Path(folder) / "results.npz"
        np.savez(given, **handed_over(made, images, labels, order, context))
        script = Path(__file__).with_name("dendrites_torch.py")
        done = subprocess.run(
            [python, script, given, results], check=True, capture_output=True, text=True
        )
        file = np.load(results)
        return done.stdout.strip(), file["losses"], file["seconds"]


def in_double(python, made, images, labels, order):
    """The farthest two losses in double precision, where rounding hides nothing."""
    with jax.enable_x64():
        wide = jax.tree.map(
            lambda a: jnp.asarray(a, jnp.float64) if eqx.is_inexact_array(a) else a, made
        )
        x = images.astype(np.float64)
        context = jnp.asarray(x.mean(axis=0))
        _, expected, _ = theirs(python, wide, x, labels, order, context)
        data = (jnp.asarray(x), jnp.asarray(labels), jnp.asarray(order))
        _, losses, _ = ours(opened(wide, context, 2), *data)
        _, whole, _ = ours(wide, *data, context[None])
    assert losses.dtype == whole.dtype == np.float64
    return max(np.abs(losses - expected).max(), np.abs(whole - expected).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", default=sys.executable, help="a Python that has PyTorch")
    python = parser.parse_args().torch
    images, labels, order = problem()
    context = jnp.asarray(images.mean(axis=0))
    made = ActiveDendrites.init(jax.random.key(0), 10)
    version, expected, seconds = theirs(python, made, images, labels, order, context)
    plain = float(np.median(seconds[WARM:]))
    double = in_double(python, made, images, labels, order[: 2 * WARM])
    data = (jnp.asarray(images), jnp.asarray(labels), jnp.asarray(order))
    x, y = data[0][:BATCH], data[1][:BATCH]
    flop = count(jax.grad(loss, allow_int=True), made, x, y, context[None]).flop
    part, losses, places = ours(opened(made, context, 2), *data)
    assert not is_full(part)
    _, whole_losses, whole = ours(made, *data, context[None])
    apart = max(np.abs(losses - expected).max(), np.abs(whole_losses - expected).max())
    rows = [
        (f"PyTorch {version}, plain equations", plain),
        ("halfbrain, one context for the batch", whole),
        ("halfbrain, and only segments that are called", places),
    ]
    print(f"losses {expected[0]:.4f} to {expected[-1]:.4f}, at most {apart:.1e} apart")
    print(f"in double precision at most {double:.1e} apart")
    print(f"{flop / 1e9:.1f} GFLOP a step forward and backward, one context for the batch\n")
    print("| training step | ms | steps/s | times PyTorch |")
    print("|---|--:|--:|--:|")
    for name, seconds in rows:
        print(f"| {name} | {1e3 * seconds:.0f} | {1 / seconds:.1f} | {plain / seconds:.1f} |")
    # Rounding grows through winners that change places and Adam's first steps.
    if double > 1e-9 or apart > 1e-4 * expected[0]:
        raise SystemExit("the losses differ: by 1e-9 in double precision, or 1e-4 of the first")


if __name__ == "__main__":
    main()
