"""A turn's work: asking the model, running its tools, and keeping track of both."""
