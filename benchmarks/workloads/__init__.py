"""The workloads: what is measured, on whom, what must come out, and what was promised of it."""
