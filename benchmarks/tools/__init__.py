"""The tools: how each is told to do the same work. One module each, none knows another."""
