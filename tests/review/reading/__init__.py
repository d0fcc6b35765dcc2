"""Reading what the engine prints."""
