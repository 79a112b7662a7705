"""What may be done with a partner, and why not."""

from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.lifecycle import ActionRow, Lifecycle, Transition
from .models import Partner, PartnerKind, PartnerStatus

_LIVING = frozenset(
    {PartnerStatus.APPLICANT.value, PartnerStatus.ACTIVE.value, PartnerStatus.SUSPENDED.value}
)


def _below_the_brand(partner: Partner) -> str | None:
    return (
        msg("the brand stays as it is, at the top of the tree") if partner.kind == PartnerKind.BRAND else None
    )


PARTNER_LIFECYCLE = Lifecycle(
    "partner",
    (
        Transition("add", _LIVING, "", Permission.PARTNERS_WRITE, msg("New partner below")),
        Transition(
            "move",
            _LIVING,
            "",
            Permission.PARTNERS_WRITE,
            msg("Move below another partner"),
            _below_the_brand,
        ),
        Transition(
            "activate",
            frozenset({PartnerStatus.APPLICANT.value, PartnerStatus.SUSPENDED.value}),
            PartnerStatus.ACTIVE,
            Permission.PARTNERS_WRITE,
            msg("Activate"),
        ),
        Transition(
            "suspend",
            frozenset({PartnerStatus.ACTIVE.value}),
            PartnerStatus.SUSPENDED,
            Permission.PARTNERS_WRITE,
            msg("Suspend"),
            _below_the_brand,
        ),
    ),
)


def partner_actions(actor: Actor, partner: Partner) -> tuple[ActionRow, ...]:
    """What this actor can do with a partner that it sees; with the reason where not now."""
    return tuple(PARTNER_LIFECYCLE.actions(actor, partner.status, partner))
