"""What a project's folder says: assetflow.toml, ``.env``, the environment, the modules with declarations.

Knows nothing of stores, plans or runs.
"""
