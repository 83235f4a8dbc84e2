"""The command line: parses what a person typed, asks the project facade, and shows the answer. No rules of its own."""
