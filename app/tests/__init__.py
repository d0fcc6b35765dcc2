"""The runtime against real PostgreSQL and Redis, over TLS, on loopback."""
