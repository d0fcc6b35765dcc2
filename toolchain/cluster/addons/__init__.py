"""What the toolchain puts into a fresh cluster: names, figures, volumes, access, definitions."""
