"""Other tools, each told to do the same work as its own documentation shows, in an environment of its own."""
