"""Examples that `assetflow init` copies. They need nothing beyond what assetflow itself installs, and run at once.

Each is a folder of files; ``.txt`` behind a name keeps its code from being taken for assetflow's own.
"""
