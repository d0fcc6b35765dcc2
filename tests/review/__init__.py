"""What the reports on a previewed change promise."""
