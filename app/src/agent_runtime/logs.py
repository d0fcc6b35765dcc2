"""Log lines: one JSON object each, with whatever the request bound to its context."""

import logging
import sys

import structlog
import structlog.tracebacks

from agent_runtime import __version__
from agent_runtime.settings import Settings


def configure_logging(settings: Settings) -> None:
    """Send our own lines and those of libraries through the same renderer, to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without local variables: these hold callers' documents and, further down, passwords.
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    identity = {
        "service": "agent-runtime",
        "version": __version__,
        "agent": settings.name,
        "tenant": settings.tenant,
        "environment": settings.environment,
        "pod": settings.pod,
        "namespace": settings.namespace,
    }

    def identify(
        _logger: object, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        return {**identity, **event}

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                identify,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    # Their lines repeat ours.
    for chatty in (
        "uvicorn.error",
        "uvicorn.access",
        "httpx2",
        "httpcore2",
        "openai",
        "alembic.runtime.plugins",
    ):
        logging.getLogger(chatty).setLevel(max(root.level, logging.WARNING))
