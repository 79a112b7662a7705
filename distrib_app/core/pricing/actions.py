"""What may be done with the prices of a SKU."""

from ..kernel.access import Actor, Permission
from ..kernel.errors import msg
from ..kernel.lifecycle import ActionRow


def sku_actions(actor: Actor) -> tuple[ActionRow, ...]:
    """What this actor can do with a SKU."""
    if not actor.can(Permission.PRICES_WRITE):
        return ()
    return (ActionRow("price", msg("New price"), None),)
