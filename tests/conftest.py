"""What every tier of the tests starts from."""

import signal

from hypothesis import settings


def pytest_configure() -> None:
    """Ctrl-C works as at a terminal.

    A shell starts what it puts in the background with SIGINT ignored, which processes pass on to
    their children; tests that interrupt something would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # How long an example takes is a matter of what else the machine does.
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
