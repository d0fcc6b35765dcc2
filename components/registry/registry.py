"""Repositories of images in ECR: a tag is written once, and what it names is scanned and encrypted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ecr

from components.account import Account
from components.registry.documents import access, lifecycle, repository_name
from components.registry.settings import RegistrySettings


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """What a registry is made from."""

    settings: RegistrySettings
    account: Account
    prefix: str
    """First part of each repository's name, so that stacks can share an account."""
    images: tuple[str, ...]
    protect: bool
    key_arn: pulumi.Input[str]
    """Key of the layers. ECR uses it for whoever pushes or makes the repository."""


class Registry(pulumi.ComponentResource):
    """A repository for each image, `<prefix>/<image>`."""

    urls: Mapping[str, pulumi.Output[str]]
    """Per image, the repository to push to and pull from; neither scheme nor tag."""

    def __init__(
        self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("agents:registry:Registry", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.urls = {
            image: self._repository(f"{name}-{image}", image, args, child) for image in args.images
        }
        if args.settings.scan == "continuous":
            ecr.RegistryScanningConfiguration(
                f"{name}-scan",
                scan_type="ENHANCED",
                rules=[
                    ecr.RegistryScanningConfigurationRuleArgs(
                        scan_frequency="CONTINUOUS_SCAN",
                        repository_filters=[
                            ecr.RegistryScanningConfigurationRuleRepositoryFilterArgs(
                                filter=f"{args.prefix}/*", filter_type="WILDCARD"
                            )
                        ],
                    )
                ],
                opts=child,
            )
        self.register_outputs({"urls": dict(self.urls)})

    @staticmethod
    def _repository(
        name: str, image: str, args: RegistryArgs, child: pulumi.ResourceOptions
    ) -> pulumi.Output[str]:
        repository = ecr.Repository(
            f"{name}-repository",
            name=repository_name(args.prefix, image),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(
                scan_on_push=True
            ),
            encryption_configurations=[
                ecr.RepositoryEncryptionConfigurationArgs(
                    encryption_type="KMS", kms_key=args.key_arn
                )
            ],
            force_delete=not args.protect,
            opts=child,
        )
        ecr.LifecyclePolicy(
            f"{name}-lifecycle",
            repository=repository.name,
            policy=json.dumps(lifecycle(args.settings)),
            opts=child,
        )
        ecr.RepositoryPolicy(
            f"{name}-access",
            repository=repository.name,
            policy=json.dumps(access(args.account)),
            opts=child,
        )
        return repository.repository_url
