"""What people do with reminders and tasks, and what is done when those are due."""
