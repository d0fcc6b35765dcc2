"""What the engine prints, in its own form.

Everything may be missing, and what is not known here is kept, so that it can be told that there is
more than a report shows. The engine defines the form in `apitype.StepEventMetadata`,
`apitype.ResourceV3` and `display.PreviewDigest`.
"""

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from policies.urn import Urn
from review.model import Operation
from review.steps import State, Step

Known = dict[str, object]

_IGNORED: Final = frozenset(
    {
        "additionalSecretOutputs", "aliases", "created", "customTimeouts", "deletedWith",
        "diffReasons", "diffs", "extensionRef", "hideDiff", "hideDiffs", "id", "ignoreChanges",
        "importID", "initErrors", "logical", "modified", "refreshBeforeUpdate", "replaceOnChanges",
        "replaceWith", "replacementTrigger", "resourceHooks", "snippetID", "taint", "viewOf",
    }
)  # fmt: skip
"""Fields that the engine is known to print and that no report shows."""
_PROJECT: Final = "project:///"


class Printed(BaseModel):
    """Takes what is there, keeps what is not known."""

    model_config = ConfigDict(extra="allow", frozen=True, alias_generator=to_camel)

    def unknown(self) -> Iterator[str]:
        """Names of fields that this version does not know, its parts' included."""
        yield from set(self.model_extra or {}) - _IGNORED
        for name in type(self).model_fields:
            part = getattr(self, name)
            if isinstance(part, Printed):
                yield from part.unknown()


class Frame(BaseModel):
    """A line of the program on the way to a resource."""

    model_config = ConfigDict(alias_generator=to_camel)

    source_position: str = ""


class PrintedState(Printed):
    """A resource before or after a step."""

    urn: str = ""
    type: str = ""
    custom: bool = False
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    parent: str | None = None
    protect: bool = False
    retain_on_delete: bool = False
    inputs: Known | None = None
    outputs: Known | None = None
    dependencies: list[str] | None = None
    property_dependencies: dict[str, list[str] | None] | None = None
    provider: str | None = None
    source_position: str | None = None
    stack_trace: list[Frame] | None = None

    def state(self) -> State:
        linked = {
            name: frozenset(urns or ()) for name, urns in (self.property_dependencies or {}).items()
        }
        return State(
            inputs=self.inputs or {},
            outputs=self.outputs or {},
            dependencies=frozenset(self.dependencies or ()).union(*linked.values()),
            property_dependencies=linked,
            protect=self.protect,
            retained=self.retain_on_delete,
            leftover=self.delete,
        )

    @property
    def source(self) -> str:
        """The nearest line that is of the program itself, not of its libraries."""
        frames = (frame.source_position for frame in self.stack_trace or ())
        for position in (self.source_position or "", *frames):
            path, _, line = position.removeprefix(_PROJECT).partition("#")
            if position.startswith(_PROJECT) and not path.startswith(("..", ".venv/", "/")):
                return f"{path}:{line}" if line else path
        return ""


class PrintedDiff(BaseModel):
    """What becomes of one property, as a provider tells."""

    kind: str = Field(default="", validation_alias="kind")
    diff_kind: str = Field(default="", validation_alias="diffKind")


class PrintedStep(Printed):
    """A step, as the digest (`oldState`, …) or the log (`old`, …) has it."""

    op: str
    urn: str
    type: str = ""
    provider: str | None = None
    old: PrintedState | None = None
    new: PrintedState | None = None
    old_state: PrintedState | None = None
    new_state: PrintedState | None = None
    keys: list[str] | None = None
    replace_reasons: list[str] | None = None
    detailed_diff: dict[str, PrintedDiff] | None = None

    def step(self) -> Step:
        old, new = self.old or self.old_state, self.new or self.new_state
        either = new or old or PrintedState()
        diff = self.detailed_diff
        return Step(
            urn=self.urn,
            op=self.op,
            operation=Operation.OTHER,
            custom=either.custom,
            type=self.type or either.type or Urn.parse(self.urn).type,
            parent=either.parent or "",
            provider=self.provider or either.provider or "",
            old=old.state() if old else None,
            new=new.state() if new else None,
            diff=None
            if diff is None
            else {path: d.kind or d.diff_kind for path, d in diff.items()},
            replace_reasons=tuple(self.replace_reasons or self.keys or ()),
            source=(new.source if new else "") or (old.source if old else ""),
            deletes_first=old is not None and old.pending_replacement,
        )


class PrintedDiagnostic(Printed):
    """What the engine, a provider or the program says."""

    urn: str = ""
    prefix: str = ""
    message: str = ""
    severity: str = ""
    color: str = ""
    ephemeral: bool = False
    stream_id: int = Field(default=0, alias="streamID")


class PrintedFinding(Printed):
    """A policy's complaint, or its note that a preview cannot judge."""

    resource_urn: str = ""
    message: str = ""
    color: str = ""
    policy_name: str = ""
    policy_pack_name: str = ""
    policy_pack_version: str = ""
    policy_pack_version_tag: str = ""
    enforcement_level: str = ""
    severity: str = ""
    before: Known | None = None
    after: Known | None = None


class PrintedJudgement(Printed):
    """What a pack has judged of a resource, or of the stack."""

    resource_urn: str = ""
    policy_pack_name: str = ""
    policy_pack_version: str = ""
    policy_pack_version_tag: str = ""
    passed: list[str] | None = None
    failed: list[str] | None = None


class PrintedSummary(Printed):
    """How the preview ended."""

    maybe_corrupt: bool = False
    duration_seconds: float = 0
    resource_changes: dict[str, int] | None = None
    policy_packs: dict[str, str] | None = Field(default=None, alias="PolicyPacks")
    is_preview: bool = True
    result: str = ""


class PrintedDigest(Printed):
    """What `pulumi preview --json` prints, its steps apart."""

    config: dict[str, str] | None = None
    steps: list[object] | None = None
    diagnostics: list[PrintedDiagnostic] | None = None
    duration: float | None = None
    change_summary: dict[str, int] | None = None
    maybe_corrupt: bool = False
