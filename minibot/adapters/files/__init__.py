"""Folders of their own for everybody."""
