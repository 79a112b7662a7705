"""A transfer under work: loaded through the scope, locked, with what its verbs need around it.

Rows are locked in one order everywhere: the transfer, then its accounts, then balances by SKU and location.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from ..catalog import Sku
from ..channels import Partner, PartnerStatus
from ..kernel.access import Actor, Permission, unscoped
from ..kernel.db import check_version, get_by, row_id
from .balances import Placement
from .models import Location
from .transfer_lifecycle import TransferFacts, check_transfer
from .transfer_models import Transfer, TransferLine
from .transfer_rules import OriginCost, TransferPrice

SUBJECT = "transfer"


@dataclass(frozen=True, slots=True)
class TransferWork:
    """A transfer with its lines (by number), their SKUs by id, both places and both owners."""

    transfer: Transfer
    lines: Sequence[TransferLine]
    skus: dict[int, Sku]
    source: Location
    target: Location
    giver: Partner
    taker: Partner

    @property
    def is_sale(self) -> bool:
        """Whether the taker pays for the goods."""
        return bool(self.transfer.hops) and self.transfer.hops[-1][2] > 0

    def facts(self, refusal: str | None = None) -> TransferFacts:
        """What the guards of the lifecycle look at."""
        active = PartnerStatus.ACTIVE
        return TransferFacts(
            are_parties_active=self.giver.status == active and self.taker.status == active,
            road_qty=sum(line.road_qty for line in self.lines),
            refusal=refusal,
        )

    def placements(self) -> list[Placement]:
        """The whole quantities at the place they leave."""
        return [Placement(line.sku_id, row_id(self.source), line.qty) for line in self.lines]

    def price_of(self, line: TransferLine, hop: int = -1) -> TransferPrice:
        """The price of a line frozen for one of its hops, the last one unless it is named."""
        price, is_gross = line.hop_prices[hop]
        return TransferPrice(Decimal(price), is_gross, line.tax_ppm, self.transfer.currency)

    def origin_of(self, line: TransferLine) -> OriginCost:
        """What the received units of a line had cost the giver."""
        return OriginCost(line.origin_cost_micros, line.unknown_cost_qty)


def load_transfer(
    session: Session, actor: Actor, *, number: str, verb: str, version: int | None
) -> TransferWork:
    """Load and lock a transfer for `verb`: permission, scope, side, state, and the version the editor saw.

    Raises `ForbiddenError`, `NotFoundError` (also out of scope), `NotYourTransferError`, `TransitionError`,
    `StaleError`.
    """
    actor.require(Permission.STOCK_WRITE)
    transfer = get_by(session, Transfer, "transfer", number=number)
    session.refresh(transfer, with_for_update=True)
    work = read_transfer(session, transfer)
    check_transfer(actor, transfer, work.facts(), verb)
    check_version(transfer, version, number)
    return work


def read_transfer(session: Session, transfer: Transfer) -> TransferWork:
    """A transfer's lines, SKUs, places and owners, read afresh; the transfer was found within scope."""
    with unscoped(session, "both parties decide what may be done, whichever of them acts"):
        lines = session.exec(
            select(TransferLine)
            .where(TransferLine.transfer_id == row_id(transfer))
            .order_by(col(TransferLine.line_no))
            .execution_options(populate_existing=True)
        ).all()
        skus = session.exec(select(Sku).where(col(Sku.id).in_({line.sku_id for line in lines}))).all()
        return TransferWork(
            transfer,
            lines,
            {row_id(sku): sku for sku in skus},
            session.get_one(Location, transfer.from_location_id),
            session.get_one(Location, transfer.to_location_id),
            session.get_one(Partner, transfer.giver_id),
            session.get_one(Partner, transfer.taker_id),
        )
