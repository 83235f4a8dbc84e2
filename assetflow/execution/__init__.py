"""Runs a plan: tasks in workers, the runner that feeds them, the groups that are committed, and what is told of it."""
