"""Every definition of "the same": of tables, values, arrays, files, code, and of what decided an output.

This is the only package that defines a hash. Each definition has a name and a number that begin its preimage,
a section in ``docs/formats.md`` and golden values in the tests; changing what one yields is a format change
and takes a new number. Knows nothing of assets, stores or records: it is handed plain values.
"""
