"""What a run cost, and what the machine could have done: operations, bytes, ceilings, roofline."""
