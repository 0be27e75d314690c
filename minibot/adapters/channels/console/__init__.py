"""The console channel: the terminal, or lines on standard input."""
