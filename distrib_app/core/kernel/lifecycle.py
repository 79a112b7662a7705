"""One table per kind of document: state, verb, permission, guard. Buttons, refusals and REST come from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .access import Actor
from .errors import DomainError, msg


class TransitionError(DomainError):
    """The verb doesn't apply to the document's present state."""

    code = "transition"
    status = 409
    template = msg("{document} is {state}; {verb} is not possible: {reason}")


@dataclass(frozen=True, slots=True)
class Transition:
    """From one of `sources`, `verb` leads to `target` for those who hold `permission`.

    `guard` looks at the document and answers with a reason (msgid) why not, or None.
    """

    verb: str
    sources: frozenset[str]
    target: str
    permission: str
    label: str
    guard: Callable[[Any], str | None] | None = None


@dataclass(frozen=True, slots=True)
class ActionRow:
    """A next action of a document: allowed now, or the reason (msgid) why not."""

    verb: str
    label: str
    reason: str | None

    @property
    def is_allowed(self) -> bool:
        """Whether the action can be taken now."""
        return self.reason is None


NOT_IN_THIS_STATE = msg("not in this state")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The transitions of one kind of document."""

    name: str
    transitions: Sequence[Transition]

    def find(self, verb: str) -> Transition:
        """The transition named `verb`; a `KeyError` is a programming error."""
        for transition in self.transitions:
            if transition.verb == verb:
                return transition
        raise KeyError(f"{self.name} has no verb {verb}")

    def refusal(self, verb: str, state: str, document: Any) -> str | None:
        """Why `verb` is not possible now (msgid), or None."""
        transition = self.find(verb)
        if state not in transition.sources:
            return NOT_IN_THIS_STATE
        return transition.guard(document) if transition.guard else None

    def check(self, actor: Actor, verb: str, *, state: str, document: Any, key: str) -> Transition:
        """The transition, or `ForbiddenError`/`TransitionError`."""
        transition = self.find(verb)
        actor.require(transition.permission)
        reason = self.refusal(verb, state, document)
        if reason:
            raise TransitionError(document=key, state=state, verb=verb, reason=reason)
        return transition

    def actions(self, actor: Actor, state: str, document: Any) -> list[ActionRow]:
        """The actions this actor may ever take here that start from the present state."""
        return [
            ActionRow(transition.verb, transition.label, self.refusal(transition.verb, state, document))
            for transition in self.transitions
            if actor.can(transition.permission) and state in transition.sources
        ]
