"""Networks run for inference by kernels that skip zeros: Numba alone, no JAX."""
