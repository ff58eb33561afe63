"""Puts faults between the application and a real OpenXR runtime: any XrResult, at any call site, by seed.

It replaces what makes callables of the runtime's pointers and pyopenxr's set-up functions while it is installed, and
keeps a log of every call, so that the order of calls can be judged too.
"""

from __future__ import annotations

import inspect
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch

import xr

from vr_app.xr import body, calls, device, graphics, headset, picture, runtime

ERRORS = (-1, -2, -3, -7, -12, -16, -25, -30, -37, -39)  # that a runtime may give and still serve the next call
_TIMEOUT = 1
LOSSES = (-13, -17)  # XR_ERROR_INSTANCE_LOST, XR_ERROR_SESSION_LOST
QUALIFIED = {  # successes that are not XR_SUCCESS, where the specification allows them
    "xrBeginFrame": (9, 3),
    "xrSyncActions": (8, 3),
    "xrWaitSwapchainImage": (_TIMEOUT, 3),
}
_SETUP_SHARE = 0.01  # of the rate for set-up: a connection takes some 150 calls and should come about at times
_LOSS_SHARE = 0.005  # of all faults: each costs a new session
# To do these and deny it would be the runtime's bug that no application can heal: a leak, an event eaten, a frame open.
_NEVER_DONE_AND_DENIED = re.compile("xrWaitFrame|xrBeginFrame|xrPollEvent|xrAcquire.*|create_.*")


class Called(NamedTuple):
    """One call: `result` is what the application was told."""

    name: str
    result: int
    fault: bool


class Faults:
    """Injects at `rate` (0..1 of all calls) from `seed`; change `rate` at any time. `fail` queues single faults."""

    def __init__(self, seed: int = 0, rate: float = 0.0, kept: int = 200_000) -> None:
        self.rate = rate
        self.injected = 0
        self.log: deque[Called] = deque(maxlen=kept)
        self._random = Random(seed)
        self._queued: dict[str, list[int]] = {}
        self._denied: set[str] = set()

    def fail(self, name: str, *results: int) -> None:
        """The next calls of `name` give `results` without reaching the runtime (destroying reaches it)."""
        self._queued.setdefault(name, []).extend(results)

    def deny(self, name: str) -> None:
        """The next call of `name` is carried out, and then denied as XR_ERROR_RUNTIME_FAILURE."""
        self._denied.add(name)
        self.fail(name, -2)

    @contextmanager
    def installed(self) -> Iterator[Faults]:
        """Connections made inside the `with` carry faults."""
        native = calls.native
        with ExitStack() as stack:
            made = lambda name, prototype, address: self._around(name, native(name, prototype, address))  # noqa: E731
            stack.enter_context(patch.object(calls, "native", made))
            for name in _setup_functions():
                stack.enter_context(patch.object(xr, name, self._around_setup(name, getattr(xr, name))))
            yield self

    def _draw(self, name: str) -> int | None:
        """The XrResult to inject into this call of `name`, or None."""
        if queued := self._queued.get(name):
            self.injected += 1
            return queued.pop(0)
        if self._random.random() >= self.rate * (1.0 if name.startswith("xr") else _SETUP_SHARE):
            return None
        self.injected += 1
        if self._random.random() < _LOSS_SHARE:
            return self._random.choice(LOSSES)
        choices: tuple[int, ...] = (*ERRORS, *QUALIFIED.get(name, ()))
        return self._random.choice(choices)

    def _reaches_runtime(self, name: str, result: int) -> bool:
        """Whether a faulty call is carried out all the same: the runtime did it and denies it."""
        if name in self._denied:
            self._denied.remove(name)
            return True
        if result == _TIMEOUT:
            return False
        if result > 0 or name.startswith("destroy"):
            return True
        return not _NEVER_DONE_AND_DENIED.match(name) and self.rate > 0 and self._random.random() < 0.2

    def _around(self, name: str, call: Callable[..., int]) -> Callable[..., int]:
        def faulty(*arguments: Any) -> int:
            result = self._draw(name)
            if result is None:
                true = call(*arguments)
                self.log.append(Called(name, true, False))
                return true
            if self._reaches_runtime(name, result):
                true = call(*arguments)
                result = result if result < 0 or true == 0 else true
            self.log.append(Called(name, result, True))
            return result

        return faulty

    def _around_setup(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(*arguments: Any, **named: Any) -> Any:
            result = self._draw(name)
            if result is None:
                answer = call(*arguments, **named)
                self.log.append(Called(name, 0, False))
                return answer
            if self._reaches_runtime(name, result):
                call(*arguments, **named)
            self.log.append(Called(name, result, True))
            raise xr.check_result(xr.Result(result))

        return faulty


def _setup_functions() -> Sequence[str]:
    """The wrappers of pyopenxr that vr_app.xr calls, read from its source so that none can be forgotten."""
    source = "".join(inspect.getsource(module) for module in (body, device, graphics, headset, picture, runtime))
    names = set(re.findall(r"\bxr\.([a-z][a-z0-9_]*)\(", source))
    return sorted(name for name in names if inspect.isfunction(getattr(xr, name, None)))
