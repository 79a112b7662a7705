"""Explanation steps as the why panel shows them."""

from collections.abc import Mapping
from typing import Any

from ..i18n import translate_step
from ..i18n.presentation import amounts_in


def step_row(step: Mapping[str, Any], language: str) -> dict[str, str]:
    """A frozen explanation step as the why panel shows it."""
    return {
        "text": amounts_in(translate_step(step, language), language),
        "result": amounts_in(str(step.get("result", "")), language),
    }
