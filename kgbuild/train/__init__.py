"""Data sets in, trained weights out: examples, batches, losses and the loop."""
