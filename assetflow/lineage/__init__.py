"""The graph of assets and the language that selects from it.

Knows nothing of stores, plans or the user's functions: states, results and changes are asked of an oracle.
"""
