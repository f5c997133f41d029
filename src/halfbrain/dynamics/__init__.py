"""Models as equations: read, checked, integrated, counted and compiled from one symbolic form."""
