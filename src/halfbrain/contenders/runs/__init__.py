"""What is run to measure a contender; imported only when it is, since Numba is slow to import."""
