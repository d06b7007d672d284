"""Wake the listeners of oslo.messaging's in-process driver when a message arrives.

Its own listeners look every 50 ms, which delays each call and costs a processor all day.
Apply it only after nova or cinder have chosen native threads: the driver's module looks for
eventlet when it is imported.
"""

import threading
import time

from govstack_sandbox.patches.versions import require

EXPECTED = {"oslo.messaging": "18.3.1"}
LONGEST_WAIT = 0.5
"""Seconds after which a listener looks whether it was stopped."""


class Arrivals:
    """Counts messages, so that whoever saw a count can wait for the next one."""

    def __init__(self):
        self._changed = threading.Condition()
        self._count = 0

    @property
    def count(self):
        """Return how many messages have arrived."""
        return self._count

    def announce(self):
        """Tell all who wait."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait(self, seen, timeout):
        """Wait until more than `seen` messages have arrived, or for `timeout` seconds."""
        with self._changed:
            if self._count == seen:
                self._changed.wait(timeout)


def apply() -> None:
    """Patch the driver."""
    require(EXPECTED)
    from oslo_messaging._drivers import base, impl_fake

    arrivals = Arrivals()
    deliver = impl_fake.FakeExchange.deliver_message

    def deliver_message(self, *arguments, **keywords):
        deliver(self, *arguments, **keywords)
        arrivals.announce()

    @base.batch_poll_helper
    def poll(self, timeout=None):
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._stopped.is_set():
            seen = arrivals.count
            message = _next_message(impl_fake, self)
            if message is not None:
                return message
            left = LONGEST_WAIT if deadline is None else deadline - time.monotonic()
            if left < 0:
                break
            arrivals.wait(seen, min(left, LONGEST_WAIT))
        return None

    impl_fake.FakeExchange.deliver_message = deliver_message
    impl_fake.FakeListener.poll = poll


def _next_message(impl_fake, listener):
    for target in listener._targets:
        exchange = listener._exchange_manager.get_exchange(target.exchange)
        context, message, replies, requeue = exchange.poll(target, listener._pool)
        if message is not None:
            return impl_fake.FakeIncomingMessage(context, message, replies, requeue)
    return None
