"""Runs a SONATA configuration in BMTK's BioNet on NEURON: ``sonata_in_bmtk.py CONFIG``."""

import sys

from bmtk.simulator import bionet


def main(file):
    config = bionet.Config.from_json(file)
    config.build_env()
    network = bionet.BioNetwork.from_config(config)
    bionet.BioSimulator.from_config(config, network=network).run()


main(sys.argv[1])
