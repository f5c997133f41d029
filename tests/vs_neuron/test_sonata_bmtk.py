"""What BMTK 1.2 makes of the same files: membranes of NeuroML on NEURON, weights by tuning."""

import json

import h5py
import numpy as np
import pytest

from halfbrain.engine.cable.group import CableGroup
from halfbrain.errors import HalfbrainError
from halfbrain.io.sonata import read_sonata
from halfbrain.io.sonata.edges import weights_of
from halfbrain.io.sonata.nodes import Nodes
from halfbrain.io.sonata.tables import Table

REGIONS = ("soma", "axon", "apic", "dend")


def neuroml(fit):
    """A fit of the Allen Cell Types Database as the database has it in NeuroML."""
    (given,) = fit["conditions"]
    reversal = {"Ih": -45.0} | dict.fromkeys(("NaTs", "Nap"), given["erev"][0]["ena"])
    rest, lines, calcium = fit["passive"][0]["e_pas"], [], {}
    for one in fit["genome"]:
        name, value, region = one["name"], one["value"], one["section"]
        if one["mechanism"] == "CaDynamics":
            calcium[name.split("_")[0]] = value
        elif one["mechanism"].startswith("Ca_"):
            lines.append(
                f'<channelDensityNernst id="{name}" ionChannel="{one["mechanism"]}" ion="ca" '
                f'segmentGroup="{region}" condDensity="{value} S_per_cm2"/>'
            )
        else:
            channel = one["mechanism"] or "pas"
            volts = rest if channel == "pas" else reversal.get(channel, given["erev"][0]["ek"])
            ion = {"Ih": "hcn", "pas": "non_specific"}.get(channel, "na" if volts == 53 else "k")
            lines.append(
                f'<channelDensity id="{name}" segmentGroup="{region}" ion="{ion}" '
                f'ionChannel="{channel}" erev="{volts} mV" condDensity="{value} S_per_cm2"/>'
            )
    lines += [
        f'<specificCapacitance segmentGroup="{one["section"]}" value="{one["cm"]} uF_per_cm2"/>'
        for one in fit["passive"][0]["cm"]
    ]
    return (
        '<neuroml xmlns="http://www.neuroml.org/schema/neuroml2"><concentrationModel '
        f'id="CaDynamics" type="CaDynamics" segmentGroup="soma" decay="{calcium["decay"]} ms" '
        f'gamma="{calcium["gamma"]}"/><cell id="c"><biophysicalProperties id="b">'
        f"<membraneProperties>{''.join(lines)}</membraneProperties><intracellularProperties>"
        f'<resistivity segmentGroup="all" value="{fit["passive"][0]["ra"]} ohm_cm"/>'
        "</intracellularProperties></biophysicalProperties></cell></neuroml>"
    )


def test_a_membrane_of_neuroml_has_the_voltages_of_bmtk_on_neuron(tmp_path):
    pytest.importorskip("bmtk", reason="BMTK brings the cell")
    import sonata_network

    config = sonata_network.build(tmp_path)
    models = tmp_path / "components" / "models"
    fit = json.loads((models / sonata_network.FITS[0]).read_text())
    (models / "Cell.nml").write_text(neuroml(fit))
    (tmp_path / "types.csv").write_text(
        "node_type_id model_type model_template morphology model_processing\n"
        "1 biophysical nml:Cell.nml Scnn1a_473845048_m.swc aibs_perisomatic\n"
    )
    with h5py.File(tmp_path / "nodes.h5", "w") as file:
        file["nodes/cells/node_type_id"] = [1]
    step = {"input_type": "current_clamp", "module": "IClamp", "node_set": "cells"}
    document = {
        "components": {
            "morphologies_dir": "components/morphologies",
            "biophysical_neuron_models_dir": "components/models",
            "mechanisms_dir": "components/mechanisms",
        },
        "networks": {"nodes": [{"nodes_file": "nodes.h5", "node_types_file": "types.csv"}]},
        "run": {"tstop": 130.0, "dt": 0.1, "dL": 20.0},
        "conditions": {"celsius": 34.0, "v_init": -80},
        "inputs": {"step": step | {"amp": 0.1, "delay": 50.0, "duration": 2000.0}},
        "node_sets": {"cells": {"population": "cells"}},
        "reports": {"v": {"variable_name": "v", "cells": "cells"}},
    }
    config = tmp_path / "one.json"
    config.write_text(json.dumps(document))
    loaded = read_sonata(config)
    circuit = CableGroup(loaded.circuit, record=loaded.reports[0].neurons, threads=1)
    circuit.run(loaded.seconds)
    (report,) = circuit.voltages(1e-4)
    found = report.data[[100, 550, 1000], 0]
    assert found == pytest.approx([-82.3418387, -81.4633622, -63.5016686], abs=1e-4)  # mV
    assert circuit.spikes.steps.tolist() == [1226]


def test_weights_by_tuning_are_those_of_bmtk():
    def table(size, **columns):
        rows = np.arange(size)
        groups = {k: [(rows, np.array(v))] for k, v in columns.items()}
        return Table("edges", size, np.zeros(size, np.int64), {}, groups)

    source = Nodes("a", table(4, tuning_angle=[0.0, 10.0, 350.0, -90.0]), virtual=False)
    target = Nodes("b", table(4, tuning_angle=[30.0, 200.0, 5.0, 90.0]), virtual=False)
    columns = {"syn_weight": [2.0] * 4, "weight_sigma": [50.0] * 4}
    functions = np.array(["gaussianLL"] * 4, object)
    edges = table(4, **columns, weight_function=functions)
    ids = np.arange(4)
    found = weights_of(edges, source, target, ids, ids)
    # Bars look the same after half a turn: they are 30, 10, 15 and 0 degrees apart.
    assert found == pytest.approx([1.3953526521, 1.9215788783, 1.8278623706, 2.0], rel=1e-9)
    bare = table(4, syn_weight=[2.0] * 4, weight_function=functions)
    with pytest.raises(HalfbrainError, match="gaussianLL needs a weight_sigma above 0"):
        weights_of(bare, source, target, ids, ids)
    with pytest.raises(HalfbrainError, match="gaussianLL needs a tuning_angle of all nodes of c"):
        weights_of(edges, Nodes("c", table(4), virtual=False), target, ids, ids)
