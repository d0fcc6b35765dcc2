"""Python language host: the program the Pulumi engine asks to run Python programs and plugins."""
