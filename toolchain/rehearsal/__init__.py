"""A rehearsal of production: the real engine and the real program, on a simulated AWS.

moto answers for AWS on loopback, a control plane of ours stands in for EKS. Nothing leaves the machine
and no account is needed.
"""
