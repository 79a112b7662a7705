"""One table of transitions gives verbs, refusals and buttons."""

from types import SimpleNamespace

import pytest

from distrib_app.core.kernel.access import SYSTEM, Actor, Permission
from distrib_app.core.kernel.errors import ForbiddenError
from distrib_app.core.kernel.lifecycle import (
    NOT_IN_THIS_STATE,
    ActionRow,
    Lifecycle,
    Transition,
    TransitionError,
)

FLOW = Lifecycle(
    "parcel",
    (
        Transition(
            "send",
            frozenset({"new"}),
            "sent",
            Permission.ORDERS_FULFIL,
            "Send",
            lambda parcel: None if parcel.is_packed else "not packed yet",
        ),
        Transition("cancel", frozenset({"new", "sent"}), "cancelled", Permission.ORDERS_PLACE, "Cancel"),
    ),
)
PACKED, OPEN = SimpleNamespace(is_packed=True), SimpleNamespace(is_packed=False)
CLERK = Actor(user_id=1, username="clerk", name="Clerk", permissions=frozenset({Permission.ORDERS_FULFIL}))
NOBODY = Actor(user_id=2, username="nobody", name="Nobody")


def test_an_allowed_verb_gives_its_transition() -> None:
    assert FLOW.check(CLERK, "send", state="new", document=PACKED, key="P-1").target == "sent"
    assert FLOW.check(SYSTEM, "cancel", state="sent", document=OPEN, key="P-1").target == "cancelled"


@pytest.mark.parametrize(
    ("state", "parcel", "reason"),
    [
        ("sent", PACKED, NOT_IN_THIS_STATE),
        ("cancelled", OPEN, NOT_IN_THIS_STATE),
        ("new", OPEN, "not packed yet"),
    ],
)
def test_a_refused_verb_says_why(state: str, parcel: object, reason: str) -> None:
    with pytest.raises(TransitionError) as caught:
        FLOW.check(CLERK, "send", state=state, document=parcel, key="P-1")
    assert caught.value.facts == {"document": "P-1", "state": state, "verb": "send", "reason": reason}
    assert FLOW.refusal("send", state, parcel) == reason


def test_the_permission_comes_before_the_reason() -> None:
    for actor, verb in ((CLERK, "cancel"), (NOBODY, "send")):
        with pytest.raises(ForbiddenError):
            FLOW.check(actor, verb, state="cancelled", document=OPEN, key="P-1")


def test_buttons_are_what_the_actor_may_do_from_here() -> None:
    assert FLOW.actions(SYSTEM, "new", OPEN) == [
        ActionRow("send", "Send", "not packed yet"),
        ActionRow("cancel", "Cancel", None),
    ]
    assert [row.is_allowed for row in FLOW.actions(SYSTEM, "new", OPEN)] == [False, True]
    assert FLOW.actions(CLERK, "new", PACKED) == [ActionRow("send", "Send", None)]
    assert FLOW.actions(CLERK, "sent", PACKED) == []
    assert FLOW.actions(NOBODY, "new", PACKED) == []


def test_an_unknown_verb_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError, match="parcel has no verb fly"):
        FLOW.find("fly")
