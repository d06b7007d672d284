"""Looks at the cloud while engines start, and has its say before anything is told or changed."""

import threading
from collections.abc import Callable
from concurrent.futures import Future


class Check:
    """A check that runs beside what it is for.

    `on_failure` is called from the check's own thread, so that what is under way can be stopped.
    """

    def __init__(self, check: Callable[[], None], on_failure: Callable[[], None]) -> None:
        self._check = check
        self._on_failure = on_failure
        self._result: Future[None] = Future()
        # A daemon: who is interrupted does not wait until a dead cloud has not answered.
        threading.Thread(target=self._run, daemon=True).start()

    def passed(self) -> None:
        """Wait until the check has passed.

        Raises:
            Exception: what the check raised.
        """
        self._result.result()

    def passed_so_far(self) -> None:
        """Go on if the check has not failed yet.

        Raises:
            Exception: what the check raised.
        """
        if self._result.done():
            self._result.result()

    def _run(self) -> None:
        try:
            self._check()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._result.set_exception(error)
            self._on_failure()
        else:
            self._result.set_result(None)
