"""The ring: what a device is given, whatever filler and device do when."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.block import BLOCK, Samples, silence
from audio.ring import FRAMES, RISE, SINK, Pair, Ring, play


def _call(ring: Ring, frames: int, *, channels: int = 2, heard_at: float = 1.0) -> Samples:
    """As PortAudio does: by a pointer to native code."""
    out = np.full((frames, channels), np.nan, np.float32)
    moments = (ctypes.c_double * 3)(0.0, 0.5, heard_at)
    data = out.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
    assert play.ctypes(None, data, frames, moments, 0, ring.memory.ctypes.data_as(ctypes.POINTER(ctypes.c_int64))) == 0
    return out


def _block(value: float) -> Samples:
    block = silence()
    block[:, 0], block[:, 1] = value, -value
    return block


def _opened(blocks: int, *, channels: int = 2) -> Ring:
    ring = Ring()
    ring.attach(channels)
    for number in range(blocks):
        ring.write(_block(0.1 + 0.001 * number))
    ring.open()
    return ring


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 1500)), max_size=40))
def test_all_that_is_written_is_heard_once_and_in_order(turns: list[tuple[int, int]]) -> None:
    ring = _opened(0)
    written, heard = 0, []
    for blocks, frames in turns:
        for _ in range(blocks):
            if ring.ready + BLOCK <= FRAMES:
                block = silence()
                block[:, 0], block[:, 1] = 1.0, written  # their ratio is the same however soft it is played
                ring.write(block)
                written += 1
        ready = min(ring.ready, frames)
        out = _call(ring, frames)
        assert np.isfinite(out).all()
        heard += [*np.round(out[:ready, 1] / out[:ready, 0])]
    assert heard == [*np.repeat(np.arange(written), BLOCK)[: len(heard)]]
    assert len(heard) + ring.ready == BLOCK * written


def test_from_a_rise_on_it_is_bit_for_bit_what_was_written() -> None:
    ring = _opened(8)
    out = _call(ring, 8 * BLOCK)
    expected = np.concatenate([_block(0.1 + 0.001 * number) for number in range(8)])
    assert np.array_equal(out[RISE:], expected[RISE:])
    assert np.all(np.abs(out[:RISE]) <= np.abs(expected[:RISE]))


def test_what_is_missing_sinks_in_5_ms_and_rises_again_without_a_step() -> None:
    ring = _opened(4)
    ring.write(_block(0.103))
    first = _call(ring, 4 * BLOCK)
    short = _call(ring, 2 * BLOCK)
    assert ring.starved == 1 and ring.ready == 0
    for _ in range(4):
        ring.write(_block(0.2))
    after = _call(ring, 2 * BLOCK)
    whole = np.concatenate([first[RISE:], short, after])[:, 0]
    assert np.all(short[BLOCK + SINK :] == 0.0)
    assert np.abs(np.diff(whole)).max() < 2.0 * 0.2 / SINK
    assert after[0, 0] > 0.0


def test_while_it_is_shut_there_is_silence_and_nothing_is_missed() -> None:
    ring = _opened(4)
    _call(ring, 2 * BLOCK)
    ring.shut()
    assert np.abs(_call(ring, SINK + 8))[-1].max() == 0.0
    assert np.all(_call(ring, 4 * BLOCK) == 0.0)
    assert ring.starved == 0 and ring.ready == 2 * BLOCK
    ring.skip(10 * BLOCK)
    assert ring.ready == 0


@pytest.mark.parametrize("channels", [1, 2, 8])
def test_devices_with_one_or_many_channels(channels: int) -> None:
    ring = _opened(4, channels=channels)
    out = _call(ring, 4 * BLOCK, channels=channels)[RISE:]
    assert out.shape[1] == channels
    if channels == 1:
        assert np.all(out == 0.0)  # left and right were opposite: their mean
    else:
        assert np.all(out[:, 0] > 0.0) and np.all(out[:, 1] < 0.0) and np.all(out[:, 2:] == 0.0)


def test_a_pair_says_which_frame_is_heard_when_once() -> None:
    ring = _opened(8)
    assert ring.pair() is None
    _call(ring, 300, heard_at=2.0)
    _call(ring, 300, heard_at=2.00625)
    assert ring.pair() == Pair(300, 2_006_250_000)
    assert ring.pair() is None
    _call(ring, 300, heard_at=0.0)  # a system that does not tell: when it was called
    assert ring.pair() == Pair(600, 500_000_000)


def test_another_device_begins_with_what_comes_next() -> None:
    ring = _opened(4)
    ring.attach(2)
    assert ring.ready == 0 and not ring.is_open
    ring.write(_block(0.7))
    ring.open()
    assert _call(ring, BLOCK)[-1, 0] == pytest.approx(0.7 * BLOCK / RISE, rel=0.01)
