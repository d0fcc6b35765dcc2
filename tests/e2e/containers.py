"""A containerd of the tests' own, in namespaces that end with it, and containers as pods run them.

The image's user, no way to more privileges, a root file system that cannot be written, /tmp in
memory, the default system call filter: what the restricted profile gives a pod. Each container has
its own loopback; `inside` runs a client there.
"""

import re
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from toolchain.image_archive import BuiltImage

CONFIG = """\
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "{folder}/containerd.sock"
[ttrpc]
  address = "{folder}/containerd.ttrpc.sock"
"""
# What the shim starts with the container's output at 3 and 4, and waits for to close 5. Its own way
# to a file closes the file for both when the first of them ends, and last words on stderr are lost.
LOGGER = """\
#!/bin/sh
exec 5>&-
cat <&4 >>"{log}" &
cat <&3 >>"{log}"
wait
"""
DEADLINE = 90.0


@dataclass(frozen=True)
class Containers:
    """containerd, and the process whose namespaces it lives in."""

    folder: Path
    pid: int

    def run(self, command: Sequence[str], **options: str) -> subprocess.CompletedProcess[str]:
        """A program of the host in these namespaces; `stdin` may be given."""
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--pid"]
        return subprocess.run(
            [*enter, *command],
            input=options.get("stdin"),
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE,
        )

    def ctr(self, *arguments: str) -> str:
        command = ["ctr", f"--address={self.folder}/containerd.sock", "--namespace=test"]
        done = self.run([*command, *arguments])
        assert done.returncode == 0, f"ctr {arguments}: {done.stderr}"
        return done.stdout

    def load(self, image: BuiltImage) -> str:
        """Import the archive as the cluster does; the digest that containerd gave it."""
        base = f"--base-name={image.tag.rpartition(':')[0]}"
        self.ctr("images", "import", "--digests", base, str(image.archive))
        listed = [line.split() for line in self.ctr("images", "ls").splitlines()]
        return next(line[2] for line in listed if line[0] == image.reference)

    @contextmanager
    def running(
        self,
        image: BuiltImage,
        name: str,
        *,
        mounts: Mapping[Path, str],
        env: Mapping[str, str] | None = None,
        command: Sequence[str] = (),
    ) -> Generator["Container"]:
        """A container from start to removal; mounts ending in `:ro` cannot be written."""
        log = self.folder / f"{name}.log"
        log.write_text("")
        logger = self.folder / f"{name}.logger"
        logger.write_text(LOGGER.format(log=log))
        logger.chmod(0o700)
        hosts = self.folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n")
        arguments = ["run", "--detach", "--read-only", f"--log-uri=binary://{logger}"]
        arguments += ["--seccomp"]
        arguments += ["--mount=type=tmpfs,src=tmpfs,dst=/tmp,options=mode=1777"]
        for source, target in {hosts: "/etc/hosts:ro", **mounts}.items():
            place, _, mode = target.partition(":")
            options = f"rbind:{mode or 'rw'}"
            arguments.append(f"--mount=type=bind,src={source},dst={place},options={options}")
        arguments += [f"--env={key}={value}" for key, value in (env or {}).items()]
        self.ctr(*arguments, image.reference, name, *command)
        listed = [line.split() for line in self.ctr("task", "ls").splitlines()]
        pid = next(int(line[1]) for line in listed if line[0] == name)
        container = Container(self, name, pid, log)
        try:
            yield container
        finally:
            if not container.ended():
                self.ctr("task", "kill", "--signal=SIGKILL", name)
                wait_until(container.ended, f"{name} ended")
            self.ctr("task", "rm", name)
            self.ctr("container", "rm", name)


@dataclass
class Container:
    """One running container."""

    containers: Containers
    name: str
    pid: int
    log: Path
    _execs: int = field(default=0)

    def inside(self, command: Sequence[str], **options: str) -> subprocess.CompletedProcess[str]:
        """A program of the host in the container's network: it sees the container's loopback."""
        enter = ["nsenter", f"--target={self.pid}", "--net"]
        return self.containers.run([*enter, *command], **options)

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A program of the image in the container, as an exec probe runs it."""
        self._execs += 1
        socket = f"--address={self.containers.folder}/containerd.sock"
        client = ["ctr", socket, "--namespace=test", "task", "exec"]
        return self.containers.run([*client, f"--exec-id=e{self._execs}", self.name, *command])

    def says(self, pattern: str) -> None:
        """Wait for a line in its log: what a container wrote last comes after its end."""
        wait_until(
            lambda: re.search(pattern, self.log.read_text()),
            lambda: f"{pattern!r} in the log of {self.name}, which is:\n{self.log.read_text()}",
        )

    def ended(self) -> bool:
        listed = [line.split() for line in self.containers.ctr("task", "ls").splitlines()]
        return next((line[2] for line in listed if line[0] == self.name), "STOPPED") == "STOPPED"

    def stop(self) -> int:
        """Stop it with the signal that its image names, as a kubelet does; the seconds it took."""
        began = time.monotonic()
        self.containers.ctr("task", "kill", self.name)
        wait_until(self.ended, f"{self.name} ended after its stop signal")
        return round(time.monotonic() - began)


def wait_until(condition: Callable[[], object], what: str | Callable[[], str]) -> None:
    """Ask until the answer is yes; fail with what was waited for, as it stands then."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, (
            f"waited {DEADLINE:.0f} s for: {what if isinstance(what, str) else what()}"
        )
        time.sleep(0.1)


@contextmanager
def containerd(folder: Path) -> Generator[Containers]:
    """containerd in this folder, ended with all it started."""
    (folder / "config.toml").write_text(CONFIG.format(folder=folder))
    isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [*isolated, "containerd", f"--config={folder}/config.toml"]
    with (
        (folder / "containerd.log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            wait_until(lambda: children.read_text().split(), "containerd's first process")
            containers = Containers(folder, int(children.read_text().split()[0]))
            client = ["ctr", f"--address={folder}/containerd.sock", "version"]
            wait_until(
                lambda: containers.run(client).returncode == 0,
                f"containerd answers; its log is {folder}/containerd.log",
            )
            yield containers
        finally:
            process.kill()
