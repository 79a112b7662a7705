"""The shape of every explanation: numbered steps a document freezes and a page shows in either language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a message of the catalogue with its facts, and the result it led to (plain text)."""

    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    result: str = ""

    @classmethod
    def thawed(cls, kept: Mapping[str, Any]) -> "Step":
        """The step that a document kept."""
        return cls(kept["text"], kept.get("facts", {}), kept.get("result", ""))

    def frozen(self) -> dict[str, Any]:
        """The step as JSON, to be kept in a document."""
        return {"text": self.text, "facts": dict(self.facts), "result": self.result}


@dataclass(frozen=True, slots=True)
class Why:
    """Why a number is what it is: its name (a message with its facts), and the steps that end in it."""

    text: str
    facts: Mapping[str, Any]
    steps: tuple[Step, ...]
