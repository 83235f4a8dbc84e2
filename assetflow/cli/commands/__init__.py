"""The commands, each a function of an invocation and its own parameters: parse, ask the facade, show."""
