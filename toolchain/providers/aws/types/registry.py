"""ECR: repositories of images, and what becomes of the images in them."""

from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import first, pairs, pick, tags, wire
from toolchain.providers.aws.types import adoption
from toolchain.providers.aws.types.references import key
from toolchain.providers.aws.values import Inputs, Outputs


def _create(call: Call, inputs: Inputs) -> str:
    encryption = first(inputs.get("encryptionConfigurations", ()))
    key(call, (encryption or {}).get("kmsKey"), "KmsException", "CreateRepository")
    made = call.api.create_repository(
        repositoryName=inputs["name"],
        **pick(inputs, "imageScanningConfiguration", "imageTagMutability"),
        **({"encryptionConfiguration": encryption} if encryption else {}),
        tags=pairs(call.tags),
    )
    return str(made["repository"]["repositoryName"])


def _change(call: Call, name: str, new: Inputs, old: Inputs) -> None:
    mutability = new.get("imageTagMutability", "MUTABLE")
    if mutability != old.get("imageTagMutability", "MUTABLE"):
        call.api.put_image_tag_mutability(repositoryName=name, imageTagMutability=mutability)
    scanning = new.get("imageScanningConfiguration", {"scanOnPush": False})
    if scanning != old.get("imageScanningConfiguration"):
        call.api.put_image_scanning_configuration(
            repositoryName=name, imageScanningConfiguration=scanning
        )


def _read(call: Call, name: str) -> Outputs | None:
    repository = first(call.api.describe_repositories(repositoryNames=[name])["repositories"])
    if repository is None:
        return None
    arn = repository["repositoryArn"]
    return {
        **pick(repository, "registryId", "imageTagMutability", "imageScanningConfiguration"),
        "name": name,
        "arn": arn,
        "repositoryUrl": repository["repositoryUri"],
        "encryptionConfigurations": [repository["encryptionConfiguration"]],
        "tags": tags(call.api.list_tags_for_resource(resourceArn=arn)["tags"]),
    }


def _delete(call: Call, name: str) -> None:
    call.api.delete_repository(repositoryName=name, force=call.inputs.get("forceDelete", False))


def _tag(call: Call, name: str, changed: dict[str, str], removed: list[str]) -> None:
    arn = call.arn(f"repository/{name}")
    if changed:
        call.api.tag_resource(resourceArn=arn, tags=pairs(changed))
    if removed:
        call.api.untag_resource(resourceArn=arn, tagKeys=removed)


REPOSITORY = Type(
    "aws:ecr/repository:Repository",
    service="ecr",
    create=_create,
    read=_read,
    update=_change,
    delete=_delete,
    tag=_tag,
    updates=(
        "imageScanningConfiguration",
        "imageTagMutability",
        # Counts when the repository is deleted.
        "forceDelete",
    ),
    replaces=("name", "encryptionConfigurations"),
    autoname="name",
    autoname_limit=256,
)


def _put_lifecycle(call: Call, inputs: Inputs) -> str:
    call.api.put_lifecycle_policy(
        repositoryName=inputs["repository"], lifecyclePolicyText=inputs["policy"]
    )
    return str(inputs["repository"])


def _read_lifecycle(call: Call, name: str) -> Outputs | None:
    found = call.api.get_lifecycle_policy(repositoryName=name)
    return wire(
        found,
        registryId="registryId",
        repository="repositoryName",
        policy="lifecyclePolicyText",
    )


LIFECYCLE_POLICY = Type(
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    service="ecr",
    create=_put_lifecycle,
    read=_read_lifecycle,
    update=lambda call, _, new, __: _put_lifecycle(call, new),
    delete=lambda call, name: call.api.delete_lifecycle_policy(repositoryName=name),
    updates=("policy",),
    replaces=("repository",),
    # A repository has one.
    delete_first=True,
)


def _put_access(call: Call, inputs: Inputs) -> str:
    call.api.set_repository_policy(repositoryName=inputs["repository"], policyText=inputs["policy"])
    return str(inputs["repository"])


def _read_access(call: Call, name: str) -> Outputs | None:
    found = call.api.get_repository_policy(repositoryName=name)
    return wire(found, registryId="registryId", repository="repositoryName", policy="policyText")


REPOSITORY_POLICY = Type(
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    service="ecr",
    create=_put_access,
    read=_read_access,
    update=lambda call, _, new, __: _put_access(call, new),
    delete=lambda call, name: call.api.delete_repository_policy(repositoryName=name),
    updates=("policy",),
    replaces=("repository",),
    # As above.
    delete_first=True,
)


def _put_scanning(call: Call, inputs: Inputs) -> str:
    rules = inputs.get("rules", [])
    if inputs["scanType"] == "BASIC" and any(
        each["scanFrequency"] == "CONTINUOUS_SCAN" for each in rules
    ):
        raise refused(
            "InvalidParameterException",
            "the scan frequency CONTINUOUS_SCAN takes the scan type ENHANCED",
            "PutRegistryScanningConfiguration",
        )
    call.api.put_registry_scanning_configuration(scanType=inputs["scanType"], rules=rules)
    adoption.adopt(call, call.account)
    return call.account


def _read_scanning(call: Call, identity: str) -> Outputs | None:
    if not adoption.adopted(call, identity):
        return None
    found = call.api.get_registry_scanning_configuration()
    return {
        "registryId": found["registryId"],
        **pick(found["scanningConfiguration"], "scanType", "rules"),
    }


def _reset_scanning(call: Call, identity: str) -> None:
    call.api.put_registry_scanning_configuration(scanType="BASIC", rules=[])
    adoption.leave(call, identity)


SCANNING = Type(
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
    service="ecr",
    create=_put_scanning,
    read=_read_scanning,
    update=lambda call, _, new, __: _put_scanning(call, new),
    delete=_reset_scanning,
    updates=("scanType", "rules"),
)

TYPES = (REPOSITORY, LIFECYCLE_POLICY, REPOSITORY_POLICY, SCANNING)
