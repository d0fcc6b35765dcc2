"""Kinds that were looked at and that lose nothing, with the reason."""

from collections.abc import Mapping
from typing import Final

_SETTING: Final = "it sets something up for another resource, which keeps what it has"
_GUARD: Final = (
    "it says who may or how much; nothing is kept in it, and the policies judge that it is there"
)
_GROUP: Final = "it groups what others use, and AWS refuses to delete it while they do"
_COPY: Final = "what it holds comes from the program or from resources that are told by themselves"
_STARTED: Final = "what was started with it goes on as it is"
_OURS: Final = "it is nothing outside the state"

HARMLESS: Final[Mapping[str, str]] = {
    "autoscaling/HorizontalPodAutoscaler": "as many pods stay as there are",
    "aws:acm/CertificateValidation": _OURS,
    "aws:backup/VaultPolicy": _GUARD,
    "aws:cloudwatch/LogResourcePolicy": _GUARD,
    "aws:ec2/DefaultSecurityGroup": "AWS keeps it, with the rules that it has",
    "aws:ec2/FlowLog": "what it has recorded is in its log group",
    "aws:ec2/LaunchTemplate": _STARTED,
    "aws:ec2/SecurityGroup": _GROUP,
    "aws:ecr/LifecyclePolicy": _SETTING,
    "aws:ecr/RegistryScanningConfiguration": _SETTING,
    "aws:ecr/RepositoryPolicy": _GUARD,
    "aws:elasticache/ParameterGroup": _GROUP,
    "aws:elasticache/SubnetGroup": _GROUP,
    "aws:rds/ParameterGroup": _GROUP,
    "aws:rds/SubnetGroup": _GROUP,
    "aws:s3/BucketLifecycleConfiguration": _SETTING,
    "aws:s3/BucketOwnershipControls": _SETTING,
    "aws:s3/BucketPolicy": _GUARD,
    "aws:s3/BucketPublicAccessBlock": _GUARD,
    "aws:s3/BucketServerSideEncryptionConfiguration": _SETTING,
    "aws:s3/BucketVersioning": _SETTING,
    "aws:secretsmanager/SecretPolicy": _GUARD,
    "aws:secretsmanager/SecretRotation": "the value stays as it is",
    "aws:wafv2/WebAclLoggingConfiguration": _SETTING,
    "batch/Job": "what it has done stays done",
    "core/ConfigMap": _COPY,
    "core/LimitRange": _GUARD,
    "core/ResourceQuota": _GUARD,
    "core/Secret": _COPY,
    "external-secrets.io/SecretStore": "the Secrets that were fetched through it stay",
    "networking.k8s.io/NetworkPolicy": _GUARD,
    "policy/PodDisruptionBudget": _GUARD,
    "pulumi:providers/aws": _OURS,
    "pulumi:providers/kubernetes": _OURS,
    "pulumi:pulumi/StackReference": _OURS,
    "scheduling.k8s.io/PriorityClass": _STARTED,
    "tls:index/CertRequest": "it is made of the key, which is told by itself",
}
