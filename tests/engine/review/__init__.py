"""The reports, in the programs that people see them in."""
