"""The rules behind the built-in checks: each looks at a table and says which rows break it.

Nulls are as in SQL: a null breaks no rule but ``not_null``. Knows nothing of severity.
"""
