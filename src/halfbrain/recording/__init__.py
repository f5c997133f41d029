"""What was recorded: spikes and states, and the statistics of them."""
