"""Where people talk to minibot: one module or folder for each channel."""
