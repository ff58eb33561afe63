"""Keeps the picture in time: scales it down quickly when the GPU falls behind, and up again slowly."""

from __future__ import annotations


class Governor:
    """`scale` is the share of an eye's width and height that is drawn; `detail` what scenes may show (Frame.detail)."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.detail = 2

    def use_rate(self, hz: float) -> None:
        """The display refreshes `hz` times a second now; 0 when the runtime does not tell."""

    def heed(self, gpu_ns: int) -> None:
        """A frame's GPU time in nanoseconds; 0: not measured."""
