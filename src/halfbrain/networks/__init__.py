"""Rate-coded networks with gradients, and their inference."""
