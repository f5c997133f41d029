"""Rate-coded and spiking networks with gradients, their cost, and their inference."""
