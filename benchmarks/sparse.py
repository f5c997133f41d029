"""Times the keyword network of Numenta's sparse-sparse paper, dense against sparse.

    python benchmarks/sparse.py

Random weights and inputs with the paper's sizes and sparsity. The dense twin rectifies, the sparse
ones choose winners; each in single precision and in 8 bits. Best of many runs; a sample's time, the
samples shared out to the threads. A ratio is to the library's dense network of the same numbers.
"""

from __future__ import annotations

import time

import numba
import numpy as np
from threadpoolctl import threadpool_limits

from halfbrain.facts.table import facts
from halfbrain.metering.ceilings import measure, processor
from halfbrain.networks.inference import keyword
from halfbrain.networks.inference.network import Inference
from halfbrain.networks.inference.network8 import Inference8
from halfbrain.networks.inference.quantised import quantise

BATCHES = (1, 64)
SECONDS = 0.8


def best(action):
    """The shortest of the runs that fit into ``SECONDS``, after one that is not counted."""
    action()
    shortest, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        action()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest


def with_blas(network):
    """The dense twin in NumPy: patches laid out, products by BLAS."""
    one, two, three, four = (np.ascontiguousarray(w.T) for w in network.weights)

    def layer(x, weights, bias):
        out = x.shape[1] - 4
        patches = np.lib.stride_tricks.sliding_window_view(x, (5, 5), (1, 2))
        laid = patches.transpose(0, 1, 2, 4, 5, 3).reshape(-1, len(weights))
        y = (laid @ weights + bias).reshape(len(x), out // 2, 2, out // 2, 2, -1)
        return np.maximum(y.max((2, 4)), 0)

    def forward(images):
        hidden = layer(images[..., None], one, network.biases[0])
        hidden = layer(hidden, two, network.biases[1])
        return np.maximum(hidden.reshape(len(images), -1) @ three, 0) @ four

    return forward


def main():
    network = keyword.keyword()
    dense = Inference(network, "dense", rectified=True)
    ways = {
        "dense": dense,
        "sparse-dense": Inference(network, "sparse-dense"),
        "sparse-sparse": Inference(network, "sparse-sparse"),
    }
    blas = with_blas(network)
    images = keyword.spectrograms(BATCHES[-1])
    small, small_dense = quantise(network, images), quantise(network, images, rectified=True)
    ways8 = {
        "8 bits, dense": Inference8(small_dense, "dense"),
        "8 bits, sparse-dense": Inference8(small, "sparse-dense"),
        "8 bits, sparse-sparse": Inference8(small, "sparse-sparse"),
    }
    assert np.allclose(blas(images), dense(images), rtol=1e-3, atol=1e-3)
    print(f"{processor()}; {network.parameters:,} parameters are not zero\n")
    print("| threads | batch | network | us a sample | ratio | products | GOP/s | weights, kB |")
    print("|--:|--:|---|--:|--:|--:|--:|--:|")
    for threads in (1, 2):
        numba.set_num_threads(threads)
        for batch in BATCHES:
            given = images[:batch]
            with threadpool_limits(threads):
                taken = {"dense, NumPy's BLAS": best(lambda given=given: blas(given))}
            for name, infer in (ways | ways8).items():
                taken[name] = best(lambda f=infer, x=given, t=threads: f.run(x, t))
            for name, seconds in taken.items():
                infer = (ways | ways8).get(name, dense)
                whole = taken["8 bits, dense" if name in ways8 else "dense"]
                products = infer.run(given)[1]
                print(
                    f"| {threads} | {batch} | {name} | {seconds / batch * 1e6:.1f} "
                    f"| {whole / seconds:.2f} | {products / batch:,.0f} "
                    f"| {2 * products / seconds / 1e9:.0f} | {infer.weight_bytes / 1e3:,.0f} |"
                )
    for threads in (1, 2):
        peak = measure(threads, 0.3).flop_per_second["float32"] / 1e9
        print(f"\nThe most that arithmetic alone reached, {threads} thread(s): {peak:.0f} GFLOP/s.")
    print("\nOn the paper's FPGA (facts, contenders.numenta-100x):\n")
    item = facts().item("contenders", "numenta-100x")
    for name in ("throughput_one_network", "throughput_full_chip", "throughput_dense_one_network",
                 "throughput_sparse_full_chip", "flop_saving_ideal"):  # fmt: skip
        figure = item.figure(name)
        print(f"- {name}: {figure.magnitude():,g} {figure.unit} ({figure.origin.confidence})")


if __name__ == "__main__":
    main()
