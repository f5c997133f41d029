"""The column, with all its synapses, beside NEURON and CoreNEURON.

python benchmarks/column.py [CELLS] [MILLISECONDS] [plastic]

With "warm" in place of CELLS mechanisms are compiled and nothing is timed.
"""

import sys

from halfbrain.circuits.named.column import column
from halfbrain.compare.detailed import compare_detailed


def main():
    warm = sys.argv[1:2] == ["warm"]
    cells = 10 if warm or len(sys.argv) < 2 else int(sys.argv[1])
    milliseconds = 1.0 if warm else float(sys.argv[2]) if len(sys.argv) > 2 else 50.0
    circuit = column(cells, plasticity="plastic" in sys.argv)
    found = compare_detailed(
        circuit, ["neuron", "coreneuron"], seconds=milliseconds * 1e-3, threads=2,
        dtype="float64", seed=1,
    )  # fmt: skip
    for run in found["runs"]:
        if run["failed"]:
            print(run["name"], run["failed"])
            continue
        print(
            f"| {run['name']} | {circuit.neurons} | {run['wall_seconds']:.3g} | {run['rtf']:.3g} "
            f"| {run['times_ours']:.3g} | {run['peak_bytes'] / 1e6:.0f} | {run['same_spikes']} |",
            "; ".join(run["notes"]),
            flush=True,
        )


if __name__ == "__main__":
    main()
