"""What users' functions take and give, in every form they know, and the one canonical form that is stored.

Knows nothing of assets, plans, stores or logs: values come in, values and bytes go out.
"""
