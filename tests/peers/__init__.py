"""Loopback peers for tests and benchmarks: the far ends of the wire, run for real."""
