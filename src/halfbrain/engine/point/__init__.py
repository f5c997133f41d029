"""Point neurons: their memory, delivery of spikes, plasticity."""
