"""The policy pack: rules on what Pulumi is about to create, run by the engine on every preview and up."""
