"""The HTTP side: thin routes over `runs`, one place for each cross-cutting matter."""
