"""Reports that are posted, to servers that speak the hosts' protocols."""
