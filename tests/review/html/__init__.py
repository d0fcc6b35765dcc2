"""The page, and the pure functions that it is made of."""
