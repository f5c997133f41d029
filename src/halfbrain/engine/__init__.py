"""Runs a circuit: memory layout, spike delivery, threads, recording, checkpoints."""
