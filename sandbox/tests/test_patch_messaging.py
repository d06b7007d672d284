"""Messages wake whoever listens for them."""

import unittest

from alone import run_alone

CALL = """
import threading, time
{patch}
from oslo_messaging._drivers import impl_fake
import oslo_messaging
from oslo_config import cfg
manager = impl_fake.FakeExchangeManager("one")
target = oslo_messaging.Target(exchange="one", topic="work", server="here")
listener = impl_fake.FakeListener(manager, [target])
late = []
def listen():
    for _ in range(20):
        sent = listener.poll()[0].message
        late.append(time.monotonic() - sent)
thread = threading.Thread(target=listen)
thread.start()
for _ in range(20):
    while len(late) < _:
        time.sleep(0.0005)
    manager.get_exchange("one").deliver_message("work", {{}}, time.monotonic(), server="here")
thread.join()
print("slow" if sum(late) / 20 > 0.01 else "fast")
{after}
"""
STOP = """
started = time.monotonic()
print(listener.poll(timeout=0.1), time.monotonic() - started < 0.4)
threading.Timer(0.1, listener.stop).start()
print(listener.poll())
"""


class Messaging(unittest.TestCase):
    def test_the_private_names_are_there(self):
        printed = run_alone(
            """
            import inspect
            from oslo_messaging._drivers import base, impl_fake
            print(*inspect.signature(impl_fake.FakeExchange.deliver_message).parameters)
            print(callable(base.batch_poll_helper))
            source = inspect.getsource(impl_fake.FakeListener)
            names = ("_targets", "_exchange_manager", "_pool", "_stopped")
            print(all(name in source for name in names))
            """
        )
        self.assertEqual(printed, "self topic ctxt message server fanout reply_q\nTrue\nTrue")

    def test_upstream_s_listener_is_slow(self):
        self.assertEqual(run_alone(CALL.format(patch="", after="")), "slow")

    def test_ours_is_fast_and_keeps_to_time_out_and_stop(self):
        patch = "from govstack_sandbox.patches import messaging; messaging.apply()"
        printed = run_alone(CALL.format(patch=patch, after=STOP))
        self.assertEqual(printed, "fast\n[] True\n[]")


if __name__ == "__main__":
    unittest.main()
