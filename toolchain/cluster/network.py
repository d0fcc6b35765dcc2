"""What the host itself is asked for: ports, a link, and a way out for the pods."""

import json
import os
import socket
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from toolchain.cluster.layout import TABLE_PREFIX, Layout
from toolchain.cluster.model import ClusterError
from toolchain.cluster.settings import NODE_NETWORK, Settings

ENDING = 5.0
"""Seconds that a killed process may take to let go of a port."""
FORWARDING = "/proc/sys/net/ipv4/conf/{}/forwarding"


def command(*arguments: str, stdin: str | None = None) -> str:
    """Run a program of the system; its error output is the error."""
    done = subprocess.run(arguments, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(
            f"`{' '.join(arguments)}` ended with {done.returncode}, wanted 0: "
            f"{(done.stderr or done.stdout).strip()}"
        )
    return done.stdout


def require_free_port(port: int, variable: str) -> None:
    """Have the port free on loopback, or say who holds it and which setting changes it."""
    deadline = time.monotonic() + ENDING
    while not _is_free(port):
        holder = _holder(port)
        if holder is None and time.monotonic() < deadline:
            # Of a process that was killed just now: nothing tells when the kernel is through.
            time.sleep(0.1)
            continue
        raise ClusterError(
            f"got port {port} on 127.0.0.1 in use by "
            f"{holder or 'a process that is not visible from here'}, wanted it free: "
            f"end that program, or set {variable} to another port"
        )


def ports_in_a_row(count: int) -> int:
    """The first of so many free ports on loopback that follow one another."""
    for first in range(20000 + os.getpid() % 5000, 60000, count):
        if all(_is_free(first + further) for further in range(count)):
            return first
    raise ClusterError(
        f"got no {count} free ports in a row on 127.0.0.1 from 20000 on, wanted them for a "
        "control plane: end programs that listen there"
    )


def _is_free(port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        # As haproxy does: a connection that is only winding down does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _holder(port: int) -> str | None:
    for connection in psutil.net_connections("tcp"):
        address = connection.laddr
        if address and address.port == port and connection.status == psutil.CONN_LISTEN:
            if connection.pid is None:
                break
            try:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.NoSuchProcess:
                break
    return None


def require_free_network(layout: Layout, settings: Settings) -> None:
    """Refuse a node network that this host already has on another link."""
    routes = json.loads(command("ip", "-json", "route", "show", "table", "all"))
    wanted = str(settings.node_network)
    for route in routes:
        if route.get("dst") == wanted and route.get("dev") != layout.link:
            raise ClusterError(
                f"got {wanted} already routed through {route.get('dev')}, wanted a free network "
                f"for the node: set {NODE_NETWORK} to another /30, for example 192.168.254.0/30"
            )


def link_exists(name: str) -> bool:
    """Whether the host has this interface."""
    return Path(f"/sys/class/net/{name}").exists()


def remove_link(name: str) -> None:
    """Remove the host's end; the other end goes with it."""
    if link_exists(name):
        command("ip", "link", "delete", name)


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """What was changed on the host so that pods reach the outside."""

    table: str
    uplink: str
    forwarding_before: str


def uplink() -> str | None:
    """The interface of the default route; None on a machine without one."""
    routes = json.loads(command("ip", "-json", "-4", "route", "show", "default"))
    return str(routes[0]["dev"]) if routes else None


def way_out_rules(table: str, link: str, settings: Settings) -> str:
    """One table of our own: the node's traffic leaves under the host's address, nothing comes in."""
    return f"""\
table ip {table} {{
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr {settings.node_ip} oifname != "{link}" masquerade
  }}
  chain forward {{
    type filter hook forward priority filter; policy accept;
    oifname "{link}" ct state established,related accept
    oifname "{link}" drop
  }}
}}
"""


def plan_way_out(layout: Layout) -> WayOut | None:
    """What is going to be changed, to be noted before it is; None on a host without a way out."""
    device = uplink()
    if device is None:
        return None
    before = Path(FORWARDING.format(device)).read_text().strip()
    return WayOut(table=layout.nft_table, uplink=device, forwarding_before=before)


def open_way_out(way: WayOut, layout: Layout, settings: Settings) -> None:
    """Let the node out."""
    remove_table(way.table)
    command("nft", "-f", "-", stdin=way_out_rules(way.table, layout.link, settings))
    Path(FORWARDING.format(layout.link)).write_text("1")
    if way.forwarding_before != "1":
        # Answers come in on the uplink. This one interface only: the global switch
        # would set every other one as well.
        Path(FORWARDING.format(way.uplink)).write_text("1")


def close_way_out(way: WayOut) -> None:
    """Undo it, but what another cluster of ours on this host still needs."""
    remove_table(way.table)
    switch = Path(FORWARDING.format(way.uplink))
    if switch.exists() and TABLE_PREFIX not in command("nft", "list", "tables"):
        switch.write_text(way.forwarding_before)


def remove_table(name: str) -> None:
    """Remove our table if it is there."""
    if f"table ip {name}\n" in command("nft", "list", "tables"):
        command("nft", "delete", "table", "ip", name)
