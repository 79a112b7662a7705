"""Why the numbers of water lines and suggestions are what they are: pure, from their rows and steps."""

from collections.abc import Sequence
from decimal import Decimal

from ..kernel.errors import msg
from ..kernel.explain import Step, Why
from .planning_queries import SuggestionDetail, WaterLineRow

# where the steps of `explain_lines` end for each line; the first three are what all of them rest on
_ENDS = {"safety": 4, "warning": 5, "maximum": 6}
_LINES = {
    "safety": ("safety_qty", msg("Safety line")),
    "warning": ("warning_qty", msg("Warning line")),
    "maximum": ("max_qty", msg("Maximum line")),
}


def why_of_line(row: WaterLineRow, steps: Sequence[Step], key: str) -> Why | None:
    """Why a line is where it is (`safety`, `warning`, `maximum`), or the demand of a day (`daily`).

    `steps` are those of `explain_water_line`; a line set by hand has only one.
    """
    if key == "daily" and row.daily_milli is not None:
        mean = f"{Decimal(row.daily_milli).scaleb(-3):.2f}"
        return Why(msg("Demand a day"), {}, (Step(steps[0].text, steps[0].facts, mean),))
    if key not in _LINES:
        return None
    column, title = _LINES[key]
    found = tuple(steps[: _ENDS[key]])
    shown = str(getattr(row, column))
    if found[-1].result != shown:  # set by hand
        found = (*found[:-1], Step(found[-1].text, found[-1].facts, shown))
    return Why(title, {}, found)


def why_of_suggestion(found: SuggestionDetail, key: str) -> Why | None:
    """Why a suggestion is about so much (`qty`), and what it was decided on (`position`, `lines`)."""
    row = found.row
    steps = [Step.thawed(step) for step in found.steps]
    if key == "position":
        return Why(msg("Position"), {}, _ending(steps[:1], msg("Position"), str(row.position_qty)))
    if key == "qty":
        return Why(msg("Suggested quantity"), {}, _ending(steps, msg("Suggested quantity"), str(row.qty)))
    if key != "lines":
        return None
    kept = ((title, str(getattr(row, column))) for column, title in _LINES.values())
    lines = [Step(title, {}, qty) for title, qty in kept]
    text = msg("Safety / warning / maximum")
    return Why(text, {}, _ending(lines, text, " / ".join(step.result for step in lines)))


def _ending(steps: Sequence[Step], text: str, result: str) -> tuple[Step, ...]:
    """The steps, and one more where the last of them does not end in the number."""
    if steps and steps[-1].result == result:
        return tuple(steps)
    return (*steps, Step(text, {}, result))
