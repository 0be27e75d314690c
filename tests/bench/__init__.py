"""Speed against a bare loop: ``python -m tests.bench``, printed as a table, never a test."""
