"""What is made up for outputs that programs take apart, and whose form their names do not tell."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from toolchain.providers.aws.recording.subject import Subject
from toolchain.providers.aws.values import Outputs


def _cluster(subject: Subject) -> Outputs:
    digits = subject.digits("endpoint")[:32].upper()
    region = subject.call.region
    return {
        "endpoint": f"https://{digits}.gr7.{region}.eks.amazonaws.com",
        # Nobody has the key of what would stand here, so that it need be no certificate.
        "certificateAuthority": {"data": base64.b64encode(digits.encode()).decode()},
        "identities": [
            {"oidcs": [{"issuer": f"https://oidc.eks.{region}.amazonaws.com/id/{digits}"}]}
        ],
        "status": "ACTIVE",
        # AWS puts these into an object of the inputs.
        "vpcConfig": {
            "clusterSecurityGroupId": subject.reference("securityGroup", "vpcConfig"),
            "vpcId": subject.reference("vpc", "vpcConfig"),
        },
    }


def _certificate(subject: Subject) -> Outputs:
    """A proof for each name; those of one name and its wildcard are the same."""
    more: Sequence[str] = subject.inputs.get("subjectAlternativeNames", ())
    names = dict.fromkeys([str(subject.inputs["domainName"]), *more])

    def proof(name: str) -> dict[str, str]:
        zone = name.removeprefix("*.")
        digits = subject.digits("proof", zone)
        return {
            "domainName": name,
            "resourceRecordName": f"_{digits[:32]}.{zone}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": f"_{digits[32:]}.acm-validations.aws.",
        }

    return {"domainValidationOptions": [proof(name) for name in names]}


def _repository(subject: Subject) -> Outputs:
    call = subject.call
    suffix = "amazonaws.com.cn" if call.partition == "aws-cn" else "amazonaws.com"
    registry = f"{call.account}.dkr.ecr.{call.region}.{suffix}"
    return {"repositoryUrl": f"{registry}/{subject.name}"}


def _record(subject: Subject) -> Outputs:
    return {"fqdn": subject.name.rstrip(".")}


def _instance(subject: Subject) -> Outputs:
    host = subject.host("address")
    known: Outputs = {"address": host, "endpoint": f"{host}:{subject.inputs.get('port', 5432)}"}
    if subject.inputs.get("manageMasterUserPassword"):
        secret = f"secret:rds!db-{subject.uuid('secret')}"
        arn = subject.call.arn(secret, service="secretsmanager")
        return {**known, "masterUserSecrets": [{"secretArn": arn, "secretStatus": "active"}]}
    return {**known, "masterUserSecrets": []}


KNOWN: Final[Mapping[str, Callable[[Subject], dict[str, Any]]]] = {
    "aws:acm/certificate:Certificate": _certificate,
    "aws:ecr/repository:Repository": _repository,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:rds/instance:Instance": _instance,
    "aws:route53/record:Record": _record,
}
"""Outputs by type. One inside an object of the inputs is put there."""
