"""Counter-based random numbers (Philox), keyed by seed, object and step."""
