"""What learns: networks trained by gradients, and one that learns by spike timing alone."""
