"""The recovery key: whatever a hand makes of it is read, and what is not it is noticed."""

from __future__ import annotations

import re
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.records.recovery import ALPHABET, CHARACTERS, looks_like_one, new_recovery_key, read_recovery_key


def _made_by(chance: Random) -> str:
    """What chance makes; hypothesis must be able to make it again."""
    with patch("vr_app.records.recovery.secrets", chance):
        return new_recovery_key()


keys = st.randoms(use_true_random=False).map(_made_by)
places = st.integers(0, CHARACTERS - 1)
characters = st.sampled_from(ALPHABET)


def test_it_is_printed_in_seven_groups_and_never_twice_the_same() -> None:
    many = {new_recovery_key() for _ in range(200)}
    assert len(many) == 200
    assert all(re.fullmatch(rf"([{ALPHABET}]{{4}}-){{6}}[{ALPHABET}]{{4}}", key) for key in many)


@given(keys, st.data())
def test_however_it_is_typed_it_is_read(key: str, data: st.DataObject) -> None:
    typed = ""
    for character in key:
        alike = {"1": "1IilL", "0": "0Oo", "-": "- –\t_."}.get(character, character + character.lower())
        typed += data.draw(st.sampled_from(alike)) + data.draw(st.sampled_from(("", "", " ")))
    assert read_recovery_key(typed) == key.replace("-", "")


def test_full_width_characters_are_read() -> None:
    key = new_recovery_key()
    wide = "".join(chr(ord(character) + 0xFEE0) for character in key.replace("-", ""))
    assert read_recovery_key(wide) == key.replace("-", "")


@given(keys, places, characters)
def test_one_wrong_character_is_noticed(key: str, place: int, other: str) -> None:
    plain = key.replace("-", "")
    wrong = plain[:place] + other + plain[place + 1 :]
    assert (read_recovery_key(wrong) is None) == (wrong != plain)
    assert looks_like_one(wrong)


@given(keys, places, places)
def test_two_exchanged_characters_are_noticed(key: str, one: int, other: int) -> None:
    swapped = list(key.replace("-", ""))
    swapped[one], swapped[other] = swapped[other], swapped[one]
    wrong = "".join(swapped)
    assert (read_recovery_key(wrong) is None) == (wrong != key.replace("-", ""))


@given(keys, places)
def test_a_missing_character_is_noticed(key: str, place: int) -> None:
    plain = key.replace("-", "")
    assert read_recovery_key(plain[:place] + plain[place + 1 :]) is None


@given(st.text())
def test_any_other_text_is_none(text: str) -> None:
    read = read_recovery_key(text)
    assert read is None or len(read) == CHARACTERS


@pytest.mark.parametrize("text", ["", "-", "ß" * 14, "U" * CHARACTERS, "\0" * 28])
def test_odd_texts_are_none(text: str) -> None:
    assert read_recovery_key(text) is None
