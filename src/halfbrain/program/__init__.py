"""The list of operations that is counted and compiled, and its rewriting."""
