"""The process's own figures, in a registry that is passed in: tests and apps own theirs."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)

from agent_runtime import __version__
from agent_runtime.settings import Settings

_FINE = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
    *(0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 30.0),
)
"""Bounds that the release gates (300 and 500 ms) and the alerts (2 s) fall on exactly."""
_LONG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)


class Metrics:
    """Everything counted, under the names that dashboards and rules use."""

    def __init__(self, registry: CollectorRegistry, settings: Settings) -> None:
        self.registry = registry
        self.requests = Counter(
            "api_requests",
            "Requests answered.",
            ["method", "endpoint", "status"],
            registry=registry,
        )
        self.request_duration = Histogram(
            "api_request_duration_seconds",
            "Time from a request's head to its answer's end.",
            ["method", "endpoint"],
            buckets=_FINE,
            registry=registry,
        )
        self.requests_active = Gauge(
            "api_requests_active", "Requests being answered.", registry=registry
        )
        self.extractions = Counter(
            "feature_extractions",
            "Extractions ended, by how they ended.",
            ["status", "quality_threshold"],
            registry=registry,
        )
        self.extraction_duration = Histogram(
            "feature_extraction_duration_seconds",
            "Time of one extraction, waiting for a turn included.",
            buckets=_LONG,
            registry=registry,
        )
        self.extractions_active = Gauge(
            "active_extractions", "Extractions being computed.", registry=registry
        )
        self.model_requests = Counter(
            "model_requests", "Requests to models.", ["model", "status"], registry=registry
        )
        self.model_duration = Histogram(
            "model_request_duration_seconds",
            "Time of one request to a model.",
            ["model"],
            buckets=_LONG,
            registry=registry,
        )
        self.model_tokens = Counter(
            "model_tokens", "Tokens read and written.", ["model", "direction"], registry=registry
        )
        self.cache = Counter(
            "cache_requests", "Reads and writes.", ["operation", "outcome"], registry=registry
        )
        self.cache_open = Gauge(
            "cache_breaker_open", "1 while the cache is left alone.", registry=registry
        )
        self.jobs = Counter(
            "extraction_jobs",
            "Asynchronous jobs, by what became of them.",
            ["event"],
            registry=registry,
        )
        self.draining = Gauge("draining", "1 once the process is leaving.", registry=registry)
        _describe(registry, settings)


def _describe(registry: CollectorRegistry, settings: Settings) -> None:
    Info("application", "What runs here.", registry=registry).info(
        {
            "version": __version__,
            "environment": settings.environment,
            "agent": settings.name,
            "tenant": settings.tenant,
        }
    )
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)


def band(threshold: float) -> str:
    """The threshold as one of four labels: a caller's number must not become a time series."""
    if threshold <= 0:
        return "none"
    if threshold < 0.5:
        return "low"
    return "medium" if threshold < 0.8 else "high"
