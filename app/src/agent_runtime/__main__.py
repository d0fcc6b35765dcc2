"""`python -m agent_runtime serve` and `python -m agent_runtime migrate`."""

import argparse
import os
import signal
import sys
from types import FrameType

_BAD_SETTINGS = 2
_FAILED = 1


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; the value is the exit code."""
    # As a container's first process we get no default handler: without this one, a SIGTERM during
    # the imports would be lost and the kubelet would wait out the whole grace period.
    signal.signal(signal.SIGTERM, _leave_at_once)
    parser = argparse.ArgumentParser(prog="python -m agent_runtime", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["serve", "migrate"], default="serve")
    command: str = parser.parse_args(arguments).command

    from agent_runtime.settings_faults import (  # noqa: PLC0415 (after the signal handler)
        SettingsError,
        load_settings,
        unknown_variables,
    )

    try:
        settings = load_settings()
    except SettingsError as error:
        return _complain(error, _BAD_SETTINGS)

    import structlog  # noqa: PLC0415 (as above)

    from agent_runtime.logs import configure_logging  # noqa: PLC0415 (as above)

    configure_logging(settings)
    for sentence in unknown_variables(os.environ):
        structlog.get_logger(__name__).warning("unknown_variable", detail=sentence)
    if command == "migrate":
        from agent_runtime import migrate  # noqa: PLC0415 (serving needs no alembic)

        try:
            migrate.run(settings)
        except migrate.MigrationError as error:
            return _complain(error, _FAILED)
        return 0
    from agent_runtime import server  # noqa: PLC0415 (migrating needs no server)

    try:
        server.run(settings)
    except server.ListenError as error:
        return _complain(error, _BAD_SETTINGS)
    return 0


def _leave_at_once(_signal: int, _frame: FrameType | None) -> None:
    # Nothing was started yet. An exception, which sys.exit raises, could come up in the middle
    # of an import and come out of it as another.
    os._exit(0)


def _complain(error: Exception, code: int) -> int:
    sys.stderr.write(f"agent_runtime: {error}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
