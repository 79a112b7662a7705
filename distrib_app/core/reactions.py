"""The one table `event kind → functions`: what must happen above because something happened below.

The composition root and the command line hand it to `kernel.events`; no floor imports it.
"""

from collections.abc import Sequence

from .accounts import follow_partner_move as move_accounts
from .inventory import follow_partner_move as move_locations
from .kernel.events import Reaction

REACTIONS: dict[str, Sequence[Reaction]] = {
    "partner.moved": (move_locations, move_accounts),
}
