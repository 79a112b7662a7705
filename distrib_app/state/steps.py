"""Explanation steps as the why panel shows them."""

from collections.abc import Mapping
from typing import Any

from ..i18n import translate_step
from ..i18n.presentation import for_people


def step_row(step: Mapping[str, Any], language: str, zone: str) -> dict[str, str]:
    """A frozen explanation step as the why panel shows it."""
    return {
        "text": for_people(translate_step(step, language), language, zone),
        "result": for_people(str(step.get("result", "")), language, zone),
    }
