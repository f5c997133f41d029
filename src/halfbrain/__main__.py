"""``python -m halfbrain``."""

from halfbrain.cli import main

main()
