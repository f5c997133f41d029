"""Tasks and learners: what a circuit is to learn, how it is taught, and how well it then does."""
