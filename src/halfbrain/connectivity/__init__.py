"""Rules of connection, and the distributions that weights and delays are drawn from."""
