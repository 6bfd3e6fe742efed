"""A time limit on a computation that may not end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TimeLimit(Exception):
    """The time was up."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimit in the block once it has used `seconds` of processor time (main thread of a Unix process only).

    It counts processor time, so that a busy machine does not change a verdict. It goes on raising should a library
    swallow the first TimeLimit. Blocks may be nested; the outer one's clock stands still meanwhile.
    """
    active = True

    def stop(*_):
        if active:
            raise TimeLimit

    before = signal.signal(signal.SIGPROF, stop)
    left, again = signal.setitimer(signal.ITIMER_PROF, max(seconds, 1e-6), 0.1)
    try:
        yield
    finally:
        active = False
        signal.setitimer(signal.ITIMER_PROF, left, again)
        signal.signal(signal.SIGPROF, before)
