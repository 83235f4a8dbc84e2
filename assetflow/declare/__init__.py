"""What a user writes: assets, sources, checks, inputs, resources, retries; and what is wrong with it.

Knows nothing of stores, plans or runs. Declaring never raises for what a declaration says: problems are
gathered by ``collect`` and reported together.
"""
