"""A shop's purchases, from the file as it came to the figures that are read on Monday."""
