"""What is built from Go modules, and how: one table. Versions stand in the recipes' go.mod alone."""

from dataclasses import dataclass
from pathlib import Path

from toolchain.paths import PROJECT

_RECIPES = PROJECT / "toolchain" / "builds"
_PROVIDERS = PROJECT / "toolchain" / "providers"

KUBERNETES_NAMES = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kubelet",
    "kubectl",
)


@dataclass(frozen=True, kw_only=True)
class Patch:
    """One source file of a dependency that is compiled from another text, or not at all."""

    module: str
    path: str
    """The file inside the module."""
    text: str | None
    """The file in the recipe's folder that takes its place; None: the file is left out."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One binary: the package `package` as seen from the Go module in `folder`."""

    name: str
    folder: Path
    package: str = "."
    module: str | None = None
    """The module whose required version is the tool's; None: the code is our own."""
    variables: tuple[tuple[str, str], ...] = ()
    """String variables set by the linker; `{version}`, `{number}` (no v), `{major}`, `{minor}`."""
    links: tuple[str, ...] = ()
    """The names it gets in the cache's bin/, its own if none are given."""
    patches: tuple[Patch, ...] = ()
    seconds: int
    """How long it takes on two cores, beside another and after those before it in the table, out of an
    empty cache: the estimate until this machine has measured its own."""

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called by in the cache's bin/."""
        return self.links or (self.name,)


def _cilium(name: str, package: str, seconds: int) -> Tool:
    module = "github.com/cilium/cilium"
    return Tool(
        name=name,
        folder=_RECIPES / "cilium",
        package=f"{module}/{package}",
        module=module,
        # Its reader wants version, commit and date, and answers nothing with fewer fields.
        variables=((f"{module}/pkg/version.ciliumVersion", "{number} unknown 1970-01-01"),),
        patches=(
            Patch(
                module=module,
                path="pkg/datapath/linux/modules/modules_linux.go",
                text="patch/modules_linux.go",
            ),
        ),
        seconds=seconds,
    )


def _provider(kind: str, folder: Path, package: str, seconds: int) -> Tool:
    return Tool(name=f"pulumi-resource-{kind}", folder=folder, package=package, seconds=seconds)


def _scanner(name: str, module: str, package: str = "", *, version: str = "") -> Tool:
    """A tool that is told its version by the linker, in the variable `version` behind its module's path."""
    return Tool(
        name=name,
        folder=_RECIPES / name,
        package=f"{module}/{package}".rstrip("/"),
        module=module,
        variables=((f"{module}{version}", "{number}"),) if version else (),
        seconds=30,
    )


_VERSION = "k8s.io/component-base/version"

_ALL = (
    Tool(
        name="etcd",
        folder=_RECIPES / "etcd",
        package="go.etcd.io/etcd/server/v3",
        module="go.etcd.io/etcd/server/v3",
        seconds=65,
    ),
    Tool(
        name="kubernetes",
        folder=_RECIPES / "kubernetes",
        module="k8s.io/kubernetes",
        variables=(
            (f"{_VERSION}.gitVersion", "{version}"),
            (f"{_VERSION}.gitMajor", "{major}"),
            (f"{_VERSION}.gitMinor", "{minor}"),
            (f"{_VERSION}.gitTreeState", "clean"),
            # A module does not know its commit; empty is shown as "unknown".
            (f"{_VERSION}.gitCommit", ""),
        ),
        links=KUBERNETES_NAMES,
        seconds=750,
    ),
    Tool(
        name="pulumi",
        folder=_RECIPES / "pulumi",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        module="github.com/pulumi/pulumi/pkg/v3",
        variables=(("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version", "{number}"),),
        seconds=370,
    ),
    _cilium("cilium-agent", "daemon", 500),
    _cilium("cilium-cni", "plugins/cilium-cni", 10),
    _cilium("cilium-dbg", "cilium-dbg", 30),
    Tool(name="pause", folder=_RECIPES / "pause", seconds=1),
    Tool(
        name="coredns",
        folder=_RECIPES / "coredns",
        module="github.com/coredns/coredns",
        seconds=25,
    ),
    Tool(
        name="metrics-server",
        folder=_RECIPES / "metrics-server",
        package="sigs.k8s.io/metrics-server/cmd/metrics-server",
        module="sigs.k8s.io/metrics-server",
        variables=(("k8s.io/client-go/pkg/version.gitVersion", "{version}"),),
        seconds=250,
    ),
    Tool(
        name="traefik",
        folder=_RECIPES / "traefik",
        package="github.com/traefik/traefik/v3/cmd/traefik",
        module="github.com/traefik/traefik/v3",
        variables=(("github.com/traefik/traefik/v3/pkg/version.Version", "{number}"),),
        patches=(
            Patch(
                module="github.com/go-acme/lego/v4",
                path="providers/dns/zz_gen_dns_providers.go",
                text="patch/dns_providers.go",
            ),
            *(
                Patch(
                    module="github.com/traefik/traefik/v3",
                    path=f"pkg/provider/ecs/{name}",
                    text=text,
                )
                for name, text in (
                    ("ecs.go", "patch/ecs.go"),
                    ("config.go", None),
                    ("label.go", None),
                )
            ),
        ),
        seconds=145,
    ),
    Tool(
        name="local-path-provisioner",
        folder=_RECIPES / "local-path-provisioner",
        package="github.com/rancher/local-path-provisioner",
        module="github.com/rancher/local-path-provisioner",
        variables=(("main.VERSION", "{version}"),),
        seconds=10,
    ),
    Tool(
        name="kwok",
        folder=_RECIPES / "kwok",
        package="sigs.k8s.io/kwok/cmd/kwok",
        module="sigs.k8s.io/kwok",
        variables=(("sigs.k8s.io/kwok/pkg/consts.Version", "{number}"),),
        seconds=25,
    ),
    _scanner("actionlint", "github.com/rhysd/actionlint", "cmd/actionlint", version=".version"),
    _scanner("gitleaks", "github.com/zricethezav/gitleaks/v8", version="/version.Version"),
    _scanner("govulncheck", "golang.org/x/vuln", "cmd/govulncheck"),
    Tool(
        name="grype",
        folder=_RECIPES / "grype",
        package="github.com/anchore/grype/cmd/grype",
        module="github.com/anchore/grype",
        variables=(("main.version", "{number}"),),
        seconds=170,
    ),
    _provider("kubernetes", _PROVIDERS / "kubernetes", ".", 10),
    _provider("random", _PROVIDERS, "./random", 20),
    _provider("tls", _PROVIDERS, "./tls", 5),
)

TOOLS: dict[str, Tool] = {tool.name: tool for tool in _ALL}
"""In the order in which they are needed."""
