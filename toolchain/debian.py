"""Debian packages the toolchain stands on: one table, and one call that installs what is missing.

Everything here comes from the distribution because no package registry of a language has it
(kernels' helpers, container plumbing) or because Debian's build is the one we would ship anyway
(PostgreSQL, Redis).
"""

import os
import shutil
import subprocess
from collections.abc import Iterable

from toolchain.commands import CommandError, OnLine, run
from toolchain.faults import MendableError

PACKAGES: dict[str, str] = {
    # Images
    "buildah": "builds images without a daemon",
    "debootstrap": "makes the base image where no image registry can be reached",
    "containerd": "runs the pods of the embedded cluster; unpacks built images",
    "runc": "starts containers for containerd",
    # Embedded cluster
    "containernetworking-plugins": "CNI plugins bridge, host-local, loopback and portmap",
    "conntrack": "kube-proxy cleans connection tracking entries with it",
    "nftables": "kube-proxy writes service rules with it",
    "iptables": "Cilium and the kubelet set up their chains with it",
    "ipset": "Cilium keeps node addresses in sets",
    "iproute2": "links, routes and namespaces of the node",
    "util-linux": "unshare and nsenter: the node is a set of namespaces",
    "mount": "mounts of the node's namespaces",
    "clang-16": "Cilium compiles its eBPF programs when it starts",
    "llvm-16": "llc for the same eBPF programs",
    "bpftool": "Cilium asks the kernel for its eBPF features with it",
    "haproxy": "joins loopback ports of the host to the node",
    "ca-certificates": "trust for every download",
    # Clients, and real servers for tests
    "postgresql-15": "the real PostgreSQL that tests start",
    "postgresql-client-15": "psql, pg_isready and pg_dump",
    "redis-server": "the real Redis that tests start",
    "jq": "the runbook of a restore edits the exported state with it",
    "chromium": "the real browser that opens a preview's page in tests",
    "redis-tools": "redis-cli, which asks that Redis",
}
"""Package → why it is needed. Whoever needs one more adds it here."""


class PackagesMissingError(MendableError):
    """Packages are absent and could not be installed."""


def missing(packages: Iterable[str]) -> list[str]:
    """The packages among these that dpkg does not have installed, in the given order."""
    names = list(packages)
    unknown = [name for name in names if name not in PACKAGES]
    if unknown:
        raise ValueError(
            f"got packages {unknown} that are not in the table; wanted a reason for each: "
            "add them to PACKAGES in toolchain/debian.py"
        )
    if shutil.which("dpkg-query") is None:
        raise PackagesMissingError(
            "got no dpkg-query on PATH, wanted a Debian system: install by your own package "
            f"manager what these are there: {' '.join(names)}"
        )
    found = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n", *names],
        capture_output=True,
        text=True,
        check=False,  # the exit code is 1 as soon as one package is unknown to dpkg
    ).stdout
    installed = {
        name
        for state, _, name in (line.partition(" ") for line in found.splitlines())
        if state == "installed"
    }
    return [name for name in names if name not in installed]


def ensure(packages: Iterable[str], on_line: OnLine = print) -> None:
    """Have these packages installed: one apt-get call when root, else an error with the command."""
    wanted = missing(packages)
    if not wanted:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *wanted]
    reasons = "; ".join(f"{name}: {PACKAGES[name]}" for name in wanted)
    if os.geteuid() != 0:
        raise PackagesMissingError(
            f"got no {', '.join(wanted)} and no root to install them ({reasons}); "
            f"run: sudo {' '.join(command)}"
        )
    on_line(f"installing Debian packages: {' '.join(wanted)}")
    for step in (["apt-get", "update", "--quiet"], command):
        _apt(step, on_line)


def _apt(command: list[str], on_line: OnLine) -> None:
    # Runlevel 1: a daemon that a package would start holds a port and outlives `make down`.
    environment = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    try:
        run(command, on_line, env=environment)
    except CommandError as error:
        raise PackagesMissingError(
            f"{error}\nThe mirror may be out of reach, or another apt-get may hold the lock."
        ) from error
