"""Rules on AWS resources, one module for each service or two that belong together."""
