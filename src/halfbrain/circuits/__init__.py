"""Who is connected to whom, with what weight and delay; the named circuits."""
