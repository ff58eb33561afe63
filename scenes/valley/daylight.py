"""The light of the valley by time of day and weather, as vr_app.api.Light."""

from __future__ import annotations

from vr_app.api import Light

TIMES = ("day_end", "first_light", "blue_hour", "night")
WEATHERS = ("fair", "clear", "cloudy", "misty")


def light_of(time: str, weather: str) -> Light:
    """The whole light; raises KeyError for a word that is in neither TIMES nor WEATHERS."""
    if time not in TIMES or weather not in WEATHERS:
        raise KeyError(f"{time}, {weather}")
    return Light()
