"""What steps of documents share: the version they were decided on, a reason, who carries the goods."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from .caller import Caller, shown
from .models import PLAIN, Body, Code, Json, Qty, Text, Version

Short = Annotated[str, Field(max_length=60, pattern=PLAIN)]


class WantedLine(Body):
    """A quantity of a SKU."""

    sku: Code
    qty: Qty


class Step(Body):
    """A step that says no more than which version of the document it was decided on."""

    version: Version | None = None

    def facts(self) -> dict[str, Any]:
        """The fields as the verb takes them."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class ReasonedStep(Step):
    """A step with why it is taken."""

    reason: Text = ""


class Dispatch(Step):
    """Who carries the goods."""

    carrier: Short = ""
    waybill: Short = ""


async def take_step(
    caller: Caller, verb: Callable[..., Any], show: Callable[[str], Any], number: str, body: Step
) -> Json:
    """Call a verb with what a step says, and answer the document as `show(language)` draws it."""
    return await caller.write(shown(verb, show(caller.language)), number=number, **body.facts())
