"""Facts read off a text by rules: pure functions, no model, no network, no state."""
