"""Who may talk to whom, and where."""
