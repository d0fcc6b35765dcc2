"""What continuous integration runs, and with which rights."""
