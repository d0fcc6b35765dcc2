"""What a change costs, what is lost with it, and what it fails for."""
