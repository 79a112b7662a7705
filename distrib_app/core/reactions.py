"""The one table `event kind → functions`: what must happen above because something happened below.

The composition root and the command line hand it to `kernel.events`; no floor imports it.
"""

from collections.abc import Sequence

from . import accounts, inventory
from .kernel.events import Reaction

REACTIONS: dict[str, Sequence[Reaction]] = {
    "partner.moved": (inventory.follow_partner_move, accounts.follow_partner_move),
}
