"""The commands behind `make`: what a person sees of the toolchain."""
