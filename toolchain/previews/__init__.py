"""Previews for a review: what a change does to each stack, against its base and without any access."""
