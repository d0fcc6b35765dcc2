"""Pulumi components, grouped by what they give. None of them reads `pulumi.Config`."""
