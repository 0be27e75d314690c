"""The outside world. One family a folder; families do not import each other."""
