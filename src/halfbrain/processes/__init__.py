"""Work that a process of its own does: one form of what goes there and back, one runner."""
