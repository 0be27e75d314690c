"""Hostile input, as data."""
