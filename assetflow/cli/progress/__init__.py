"""Progress of a run, told as it goes: in a live table, in lines, or in lines of JSON. All of it goes to stderr."""
