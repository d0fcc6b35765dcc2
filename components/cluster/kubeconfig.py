"""How a client comes to the cluster: by a token for which AWS asks who it is each time."""

from typing import Any

import pulumi


def kubeconfig(
    name: str, region: str, endpoint: pulumi.Input[str], authority: pulumi.Input[str]
) -> dict[str, Any]:
    """A kubeconfig with one context, called `name`. It holds no credential.

    `authority` is the certificate that the API server is known by, PEM in base64. Whoever uses it
    needs the `aws` command and one of the cluster's administrators' roles.
    """
    token = ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"]
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": name,
                "cluster": {"server": endpoint, "certificate-authority-data": authority},
            }
        ],
        "users": [
            {
                "name": name,
                "user": {
                    "exec": {
                        "apiVersion": "client.authentication.k8s.io/v1beta1",
                        "command": "aws",
                        "args": token,
                        "interactiveMode": "Never",
                    }
                },
            }
        ],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
