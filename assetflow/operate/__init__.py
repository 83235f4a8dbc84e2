"""Use cases: what the facade, and through it every face, can have done. Each is a function over a workspace."""
