"""Makes the platform run on a machine of your own: engine, providers, cluster, images, commands."""
