"""A small SONATA circuit of the installed Allen cells, built by BMTK in a folder of its own."""

import json
import shutil
from importlib import metadata
from pathlib import Path

import h5py
import numpy as np

HERE = "bmtk/utils/scripts/bionet"
AMPA = {"level_of_detail": "exp2syn", "tau1": 1.0, "tau2": 3.0, "erev": 0.0}
GABA = {"level_of_detail": "exp2syn", "tau1": 2.7, "tau2": 15.0, "erev": -70.0}
STOP = 250.0  # ms
FITS = ("472363762_fit.json", "472912177_fit.json")


def build(folder: Path, dt: float = 0.1) -> Path:
    """The configuration of two pyramidal cells and an interneuron, driven from outside."""
    from bmtk.builder.networks import NetworkBuilder

    source = Path(str(metadata.distribution("bmtk").locate_file(HERE)))
    parts = folder / "components"
    shutil.copytree(source / "morphologies", parts / "morphologies")
    shutil.copytree(source / "biophysical_neuron_models", parts / "models")
    shutil.copytree(source / "mechanisms" / "modfiles", parts / "mechanisms" / "modfiles")
    (parts / "synapses").mkdir()
    (parts / "synapses" / "AMPA.json").write_text(json.dumps(AMPA))
    (parts / "synapses" / "GABA.json").write_text(json.dumps(GABA))
    _network(NetworkBuilder, folder / "network")
    chance = np.random.default_rng(5)
    times = np.sort(chance.uniform(5, STOP - 20, 90))
    with h5py.File(folder / "inputs.h5", "w") as file:
        group = file.create_group("spikes/outside")
        group["timestamps"], group["node_ids"] = times, chance.integers(0, 4, 90).astype("u8")
        group["timestamps"].attrs["units"] = "ms"
    (folder / "node_sets.json").write_text(
        json.dumps({"first": {"population": "cortex", "node_id": [0]}})
    )
    components = {
        f"{what}_dir": f"$COMPONENTS/{where}"
        for what, where in (
            ("morphologies", "morphologies"),
            ("biophysical_neuron_models", "models"),
            ("synaptic_models", "synapses"),
            ("mechanisms", "mechanisms"),
        )
    }
    circuit = {
        "manifest": {"$BASE_DIR": ".", "$COMPONENTS": "$BASE_DIR/components"},
        "components": components,
        "networks": {
            "nodes": [
                {
                    "nodes_file": f"$BASE_DIR/network/{name}_nodes.h5",
                    "node_types_file": f"$BASE_DIR/network/{name}_node_types.csv",
                }
                for name in ("cortex", "outside")
            ],
            "edges": [
                {
                    "edges_file": f"$BASE_DIR/network/{name}_edges.h5",
                    "edge_types_file": f"$BASE_DIR/network/{name}_edge_types.csv",
                }
                for name in ("cortex_cortex", "outside_cortex")
            ],
        },
    }
    simulation = {
        "manifest": {"$BASE_DIR": ".", "$OUTPUT_DIR": "$BASE_DIR/output"},
        "network": "$BASE_DIR/circuit_config.json",
        "target_simulator": "NEURON",
        "run": {
            "tstop": STOP,
            "dt": dt,
            "dL": 20.0,
            "spike_threshold": -15.0,
            "nsteps_block": 5000,
        },
        "conditions": {"celsius": 34.0, "v_init": -80.0},
        "node_sets_file": "$BASE_DIR/node_sets.json",
        "inputs": {
            "trains": {
                "input_type": "spikes",
                "module": "h5",
                "input_file": "$BASE_DIR/inputs.h5",
                "node_set": "outside",
            },
            "step": {
                "input_type": "current_clamp",
                "module": "IClamp",
                "node_set": "first",
                "amp": 0.15,
                "delay": 100.0,
                "duration": 80.0,
            },
        },
        "output": {"output_dir": "$OUTPUT_DIR", "log_file": "log.txt", "spikes_file": "spikes.h5"},
        "reports": {
            "voltages": {
                "variable_name": "v",
                "cells": "cortex",
                "module": "membrane_report",
                "sections": "soma",
                "file_name": "voltages.h5",
            },
            "calcium": {
                "variable_name": "cai",
                "cells": "cortex",
                "module": "membrane_report",
                "sections": "soma",
                "file_name": "calcium.h5",
            },
            "dendrites": {
                "variable_name": "v",
                "cells": "first",
                "module": "membrane_report",
                "sections": ["soma", "apical"],
                "file_name": "dendrites.h5",
            },
        },
    }
    (folder / "circuit_config.json").write_text(json.dumps(circuit, indent=1))
    (folder / "simulation_config.json").write_text(json.dumps(simulation, indent=1))
    return folder / "simulation_config.json"


def section_of(source, target):
    """In the pyramidal cells also those that are numbered otherwise than in their files."""
    return 1 + (27 if target < 2 else 4) * source


def _network(builder, folder):
    cortex, outside = builder("cortex"), builder("outside")
    common = {
        "model_type": "biophysical",
        "model_template": "ctdb:Biophys1.hoc",
        "model_processing": "aibs_perisomatic",
    }
    cortex.add_nodes(
        N=2,
        pop_name="E",
        dynamics_params=FITS[0],
        morphology="Scnn1a_473845048_m.swc",
        x=[0.0, 40.0],
        y=[0.0, 0.0],
        z=[0.0, 0.0],
        rotation_angle_yaxis=[0.3, 1.2],
        **common,
    )
    cortex.add_nodes(
        N=1,
        pop_name="I",
        dynamics_params=FITS[1],
        morphology="Pvalb_470522102_m.swc",
        **common,
    )
    outside.add_nodes(N=4, model_type="virtual")

    def placed(edges, section, position):
        edges.add_properties(
            ["afferent_section_id", "afferent_section_pos"],
            rule=lambda source, target: (section(source, target), position),
            dtypes=[int, float],
        )

    synapse = {"model_template": "exp2syn"}
    ampa = synapse | {"dynamics_params": "AMPA.json"}
    gaba = synapse | {"dynamics_params": "GABA.json"}
    placed(
        cortex.add_edges(
            source={"pop_name": "E"}, target={"pop_name": "I"}, syn_weight=4e-3, delay=1.5,
            connection_rule=1, **ampa,
        ),
        lambda s, t: 2,
        0.35,
    )  # fmt: skip
    placed(
        cortex.add_edges(
            source={"pop_name": "I"}, target={"pop_name": "E"}, syn_weight=2e-3, delay=1.0,
            connection_rule=1, **gaba,
        ),
        lambda s, t: 0,
        0.5,
    )  # fmt: skip
    placed(
        outside.add_edges(
            source=outside.nodes(), target=cortex.nodes(), syn_weight=8e-3, delay=2.05,
            connection_rule=1, **ampa,
        ),
        lambda s, t: section_of(s.node_id, t.node_id),
        0.2,
    )  # fmt: skip
    for network in (cortex, outside):
        network.build()
        network.save(output_dir=str(folder))
