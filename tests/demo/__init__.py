"""``make demo``: a scripted conversation with the real process, as a page to look at."""
