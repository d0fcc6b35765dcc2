"""The Pulumi engine as the toolchain runs it: which CLI, its environment, its language host."""
