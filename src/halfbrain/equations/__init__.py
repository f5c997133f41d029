"""The text of a model: read, checked by dimension, and set up to be integrated."""
