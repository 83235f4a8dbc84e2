"""Reads SQL queries and runs them: what they read, their columns' descent, their rows in one order.

DuckDB's own parser says what a query reads, because DuckDB runs it: a second parser would be a second opinion.
"""
