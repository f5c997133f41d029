"""A cell as its authors' own software builds it in NEURON, printed as JSON; run as a script.

python neuron_cell.py bmtk FIT MORPHOLOGY LIBRARY
python neuron_cell.py emodelrunner CONFIG LIBRARY
"""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace


def allen(fit: Path, shape: Path):
    import bmtk
    from bmtk.simulator.bionet.default_setters import cell_models
    from neuron import h

    h.load_file("stdrun.hoc")
    h.load_file("import3d.hoc")
    template = Path(bmtk.__file__).parent / "utils/scripts/bionet/templates/Biophys1.hoc"
    h.load_file(str(template))
    parameters = json.loads(fit.read_text())
    h.celsius = parameters["conditions"][0]["celsius"]
    hobj = cell_models.Biophys1(SimpleNamespace(morphology_file=str(shape)), None, None)
    cell_models.aibs_perisomatic(hobj, None, parameters)
    for section in hobj.all:
        section.nseg = 1 + 2 * int(section.L / 40)
    return h, hobj


def emodel(config: Path):
    os.chdir(config.parent.parent)
    from bluepyopt import ephys
    from emodelrunner.create_cells import create_cell_using_config
    from emodelrunner.load import get_release_params, load_config

    loaded = load_config(config_path=str(config))
    simulator = ephys.simulators.NrnSimulator(dt=0.025, cvode_active=False)
    cell = create_cell_using_config(loaded)
    cell.freeze(get_release_params(loaded))
    cell.instantiate(sim=simulator)
    return simulator.neuron.h, cell.icell


def segments(h, hobj):
    soma = next(s for s in hobj.all if "soma" in s.name())
    h.distance(0, soma(0.5))
    h.finitialize(-70)
    for section in hobj.all:
        for segment in section:
            mechanisms = {}
            ions = {}
            for mechanism in segment:
                if mechanism.is_ion():
                    ion = mechanism.name().removesuffix("_ion")
                    names = (f"e{ion}", f"{ion}i", f"{ion}o")
                    ions |= {name: getattr(segment, name) for name in names}
                    ions[f"style {ion}"] = h.ion_style(mechanism.name(), sec=section)
                    continue
                kind = h.MechanismStandard(mechanism.name(), 1)
                values = {}
                for i in range(int(kind.count())):
                    name = h.ref("")
                    kind.name(name, i)
                    values[name[0].removesuffix(f"_{mechanism.name()}")] = getattr(segment, name[0])
                mechanisms[mechanism.name()] = values
            yield {
                "section": section.name().split(".")[-1],
                "area": segment.area(),
                "ri": segment.ri(),
                "diameter": segment.diam,
                "distance": h.distance(segment),
                "capacitance": segment.cm,
                "mechanisms": mechanisms,
                "ions": ions,
            }


if __name__ == "__main__":
    from neuron import load_mechanisms

    kind, *files = sys.argv[1:]
    load_mechanisms(files[-1])
    printed, sys.stdout = sys.stdout, sys.stderr
    h, hobj = allen(Path(files[0]), Path(files[1])) if kind == "bmtk" else emodel(Path(files[0]))
    result = {"celsius": h.celsius, "segments": list(segments(h, hobj))}
    printed.write(json.dumps(result))
    printed.flush()
    os._exit(0)
