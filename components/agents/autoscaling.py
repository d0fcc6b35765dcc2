"""How an agent's replicas follow its load. Row A4 of docs/features.md."""

import pulumi
from pulumi_kubernetes.autoscaling.v2 import (
    CrossVersionObjectReferenceArgs,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehaviorArgs,
    HorizontalPodAutoscalerSpecArgs,
    HPAScalingPolicyArgs,
    HPAScalingRulesArgs,
    MetricSpecArgs,
    MetricTargetArgs,
    ResourceMetricSourceArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.agents.settings import Scale


def autoscaler(
    name: str,
    *,
    metadata: ObjectMetaArgs,
    deployment: pulumi.Input[str],
    scale: Scale,
    opts: pulumi.ResourceOptions,
) -> HorizontalPodAutoscaler:
    """Up by half a minute's load at a time, down by a tenth after five quiet minutes."""
    return HorizontalPodAutoscaler(
        name,
        metadata=metadata,
        spec=HorizontalPodAutoscalerSpecArgs(
            scale_target_ref=CrossVersionObjectReferenceArgs(
                api_version="apps/v1", kind="Deployment", name=deployment
            ),
            min_replicas=scale.min,
            max_replicas=scale.max,
            metrics=[
                _utilization("cpu", scale.cpu_percent),
                _utilization("memory", scale.memory_percent),
            ],
            behavior=HorizontalPodAutoscalerBehaviorArgs(
                scale_up=_rule(percent=50, period=60, window=60),
                scale_down=_rule(percent=10, period=60, window=300),
            ),
        ),
        opts=opts,
    )


def _utilization(resource: str, percent: float) -> MetricSpecArgs:
    return MetricSpecArgs(
        type="Resource",
        resource=ResourceMetricSourceArgs(
            name=resource,
            target=MetricTargetArgs(type="Utilization", average_utilization=round(percent)),
        ),
    )


def _rule(*, percent: int, period: int, window: int) -> HPAScalingRulesArgs:
    return HPAScalingRulesArgs(
        stabilization_window_seconds=window,
        policies=[HPAScalingPolicyArgs(type="Percent", value=percent, period_seconds=period)],
    )
