"""The circuits that the field measures itself with, one a file."""
