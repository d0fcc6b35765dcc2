"""Stands in for the official AWS provider when a deployment is rehearsed: AWS is a moto server."""
