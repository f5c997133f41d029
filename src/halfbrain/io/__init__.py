"""Files of other programs: SONATA, Neo."""
