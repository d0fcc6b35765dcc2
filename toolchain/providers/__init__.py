"""Provider plugins of our own, in Go but for the one that rehearses AWS."""
