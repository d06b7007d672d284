"""Takes three costs out of the Pulumi SDK of one exact version; of any other, it leaves everything.

Waiting for the outputs of a program looks at all of them again whenever one is there: quadratic in
the number of resources.  And each of the SDK's notes for its own debugging is a call to the engine
that the program waits for, about ten a resource, whether or not anybody has asked for them.

Without the notes alone, waiting becomes slower than before: the two belong together.

The third is the stack of calls that declared a resource: looking at it takes a fifth of a program's
time, and in the checkpoint, where it names files of this machine, two thirds of the space.
"""

import asyncio
from contextlib import suppress
from importlib.metadata import version
from typing import Final

import pulumi
from pulumi.runtime import resource, settings, stack
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.rpc_manager import RPCManager

KNOWN: Final = "3.259.0"
"""The version whose code was read; with another one, stacks run as slowly as the SDK has it."""


def quicken() -> bool:
    """Take the costs out, for all programs of this process; return whether that was possible."""
    if version("pulumi") != KNOWN:
        return False
    pulumi.log.debug = _say_nothing
    stack.wait_for_rpcs = _wait_for_all
    resource._get_stack_trace = _tell_no_calls  # noqa: SLF001 - there is no setting for it
    return True


def _say_nothing(*_: object, **__: object) -> None:
    """Stand in for `pulumi.log.debug`."""


def _tell_no_calls() -> source_pb2.StackTrace:
    """Stand in for the SDK's look at who declares a resource."""
    return source_pb2.StackTrace()


async def _wait_for_all(await_all_outstanding_tasks: bool = True) -> None:  # noqa: FBT001, FBT002 - the SDK's
    """Stand in for `pulumi.runtime.stack.wait_for_rpcs`: waits for all outputs in one go.

    As there, the first failure ends the program, unless it is one that the engine knows of.
    """
    manager = settings._get_rpc_manager()  # noqa: SLF001 - what the function it stands for uses
    while True:
        while manager.rpcs:
            await asyncio.sleep(0)
            try:
                await manager.rpcs.pop()
            except Exception as error:
                if manager.unhandled_exception is None:
                    raise
                raise error from _unhandled(manager)
        if manager.unhandled_exception is not None:
            raise _unhandled(manager)
        while await_all_outstanding_tasks and settings.SETTINGS.outputs:
            await _wait_for_outputs()
        if not manager.rpcs:
            return


async def _wait_for_outputs() -> None:
    """Wait until all outputs that are known of now are there, or one has failed."""
    with settings.SETTINGS.lock:
        pending = list(settings.SETTINGS.outputs)
        settings.SETTINGS.outputs.clear()
    if not pending:
        return
    done, not_done = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        # A resource that the engine could not make has failed there already.
        with suppress(stack.ResourceRegistrationFailed):
            await task
    with settings.SETTINGS.lock:
        settings.SETTINGS.outputs.update(not_done)


def _unhandled(manager: RPCManager) -> BaseException:
    error = manager.unhandled_exception or RuntimeError("a call to the engine failed")
    return error.with_traceback(manager.exception_traceback)
