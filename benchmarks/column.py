"""The column's excitatory cells, with all their synapses, beside NEURON and CoreNEURON.

python benchmarks/column.py [CELLS] [MILLISECONDS] [plastic]

Interneurons are left out, as CoreNEURON cannot run their channels; their synapses from outside are
there. With "warm" in place of CELLS mechanisms are compiled and nothing is timed.
"""

import sys
from dataclasses import replace

from halfbrain.circuits.named.column import column
from halfbrain.peers.detailed import compare_detailed


def excitatory(circuit):
    kept = tuple(p for p in circuit.populations if p.name.endswith("E"))
    names = {p.name for p in kept}
    return replace(
        circuit,
        name="the column's excitatory cells",
        populations=kept,
        projections=tuple(p for p in circuit.projections if {p.source, p.target} <= names),
        inputs=tuple(i for i in circuit.inputs if i.target in names),
        clamps=tuple(c for c in circuit.clamps if c.target in names),
    )


def main():
    warm = sys.argv[1:2] == ["warm"]
    cells = 10 if warm or len(sys.argv) < 2 else int(sys.argv[1])
    milliseconds = 1.0 if warm else float(sys.argv[2]) if len(sys.argv) > 2 else 50.0
    circuit = excitatory(column(cells, plasticity="plastic" in sys.argv))
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
