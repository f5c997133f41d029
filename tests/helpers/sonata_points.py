"""Small SONATA circuits of NEST's point neurons, written to files."""

import json
from pathlib import Path

import h5py
import numpy as np

from halfbrain.engine.point.currents import inject
from halfbrain.engine.point.group import PointGroup


def driven(loaded, **how):
    """A simulation of a circuit that was read, with its currents."""
    group = PointGroup(loaded.circuit, **how)
    inject(group, loaded.currents)
    return group


def build(folder: Path, case: dict) -> Path:
    """A circuit in which each neuron is of a type of its own.

    ``neurons``: a model and its parameters each; ``given``: times of each virtual node (ms);
    ``outer`` and ``inner``: source, target, weight, delay (ms), and a file's parameters;
    ``current``: of neuron 0, amplitudes, and the times at which each begins and the last ends.
    """
    neurons, given = case["neurons"], case.get("given", [])
    rows = ["node_type_id model_type model_template dynamics_params"]
    for number, (model, parameters) in enumerate(neurons):
        (folder / f"cell{number}.json").write_text(json.dumps(parameters))
        rows.append(f"{number} point_neuron nest:{model} cell{number}.json")
    (folder / "types.csv").write_text("\n".join([*rows, "99 virtual NULL NULL", ""]))
    with h5py.File(folder / "nodes.h5", "w") as file:
        file["nodes/cells/node_type_id"] = np.arange(len(neurons))
        file["nodes/outside/node_type_id"] = np.full(max(1, len(given)), 99)
    rows = ["edge_type_id model_template dynamics_params syn_weight delay"]
    with h5py.File(folder / "edges.h5", "w") as file:
        file.create_group("edges")
        for name, population in (("outer", "outside"), ("inner", "cells")):
            edges = case.get(name, [])
            if not edges:
                continue
            group = file.create_group(f"edges/{name}")
            for end, place, of in (("source", 0, population), ("target", 1, "cells")):
                group[f"{end}_node_id"] = [edge[place] for edge in edges]
                group[f"{end}_node_id"].attrs["node_population"] = of
            numbers = np.arange(len(edges)) + len(rows)
            group["edge_type_id"] = numbers
            group["0/nsyns"] = np.ones(len(edges), int)
            for number, (_, _, weight, delay, *more) in zip(numbers, edges, strict=True):
                (folder / f"edge{number}.json").write_text(json.dumps(more[0] if more else {}))
                template = case.get("synapse", "static_synapse")
                rows.append(f"{number} {template} edge{number}.json {weight!r} {delay!r}")
    (folder / "edges.csv").write_text("\n".join([*rows, ""]))
    inputs = {}
    if given:
        with h5py.File(folder / "given.h5", "w") as file:
            file["spikes/outside/timestamps"] = np.concatenate(given)
            file["spikes/outside/node_ids"] = np.repeat(np.arange(len(given)), [*map(len, given)])
        inputs["given"] = {"input_type": "spikes", "input_file": "given.h5", "node_set": "outside"}
    if "current" in case:
        amplitudes, times = case["current"]
        inputs["steps"] = {
            "input_type": "current_clamp",
            "module": "IClamp",
            "node_set": {"population": "cells", "node_id": 0},
            "amp": amplitudes,
            "delay": times[:-1],
            "duration": np.diff(times).tolist(),
        }
    document = {
        "run": {"tstop": case["stop"], "dt": case["dt"]},
        "target_simulator": "NEST",
        "components": {"point_neuron_models_dir": ".", "synaptic_models_dir": "."},
        "networks": {
            "nodes": [{"nodes_file": "nodes.h5", "node_types_file": "types.csv"}],
            "edges": [{"edges_file": "edges.h5", "edge_types_file": "edges.csv"}],
        },
        "inputs": inputs,
        "reports": {"potential": {"variable_name": "V_m", "cells": "cells"}},
    }
    (folder / "simulation_config.json").write_text(json.dumps(document))
    return folder / "simulation_config.json"
