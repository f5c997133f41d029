"""What is to be learnt: examples with their classes, in one part or several in a row."""
