"""Refusals of the inventory floor."""

from collections.abc import Sequence

from ..accounts import Reason
from ..kernel.errors import ConflictError, DomainError, ForbiddenError, InvalidError, msg


class InsufficientStockError(DomainError):
    """Less is available than was asked for; nothing moved."""

    code = "insufficient_stock"
    status = 409
    template = msg("{sku}: {wanted} wanted, {available} available.")


class NotStockedError(DomainError):
    """A service is sold but never kept in stock."""

    code = "not_stocked"
    template = msg("{sku} is a service and is not kept in stock.")


class NotYourLocationError(ForbiddenError):
    """Only the owner of a location moves its stock."""

    code = "not_your_location"
    template = msg("{location} belongs to another partner; only its owner moves stock there.")


class ShareTakenError(DomainError):
    """What a partner shares of its stock has been taken by somebody else; nothing moved."""

    code = "share_taken"
    status = 409
    template = msg("The stock a partner shares has just been taken by somebody else.")


class TariffError(DomainError):
    """A tariff whose amount falls with the weight cannot be routed by, nor explained to anybody."""

    code = "tariff"
    template = msg(
        "Tariff {tariff}: above {band} kg it charges {after}, less than the {before} just below; "
        "the amount must not fall with the weight."
    )


class NotYourQuotaError(ForbiddenError):
    """Only the seller itself says who may have how much."""

    code = "not_your_quota"
    template = msg("Quotas of {seller} are set by {seller} alone.")


class QuotaExceededError(DomainError):
    """The buyer's quota of a SKU is used up; nothing was taken."""

    code = "quota_exceeded"
    status = 409
    template = msg("{sku}: {wanted} wanted, {left} left of the quota.")


class NotOpenSuggestionError(DomainError):
    """A suggestion that was decided or has expired is not decided again."""

    code = "suggestion_not_open"
    status = 409
    template = msg("{number} is not open any more.")


class LotRequiredError(InvalidError):
    """Goods of this SKU are kept by lot; without lot and expiry nobody knows until when they are good.

    Names the field that is missing: the lot, or the last good day of a new one.
    """

    code = "lot_required"
    template = msg("{sku} is kept by lot: name the lot and until when it is good.")


class LotMismatchError(DomainError):
    """The same lot code came with another expiry than before."""

    code = "lot_mismatch"
    status = 409
    template = msg("Lot {lot} of {sku} is good until {known}, not until {given}.")


class ExpiresTooSoonError(DomainError):
    """There is enough, but part of it has too little life left to be shipped; nothing moved."""

    code = "expires_too_soon"
    status = 409
    template = msg(
        "{sku}: {wanted} wanted, {short_lived} of {on_hand} expire too soon (fewer than {days} days left)."
    )


class ReportedOtherwiseError(DomainError):
    """A line of a stock report came again with other content; a newer document corrects it."""

    code = "reported_otherwise"
    status = 409
    template = msg("Line {line} of {document} was reported otherwise; correct it with a newer document.")


class NotYourShipmentError(ForbiddenError):
    """The shipment can be seen, but what happens to it is reported by those who send it."""

    code = "not_your_shipment"
    template = msg("Shipment {shipment} is not yours to report on.")


class AlreadyBookedError(ConflictError):
    """A shipment travels under one waybill, and under none any more once it has arrived."""

    code = "already_booked"
    template = msg("Shipment {shipment} travels under waybill {waybill} already; nothing was changed.")


class ReusedMessageError(ConflictError):
    """The id of a message came again with another waybill; nothing was recorded."""

    code = "reused_message"
    template = msg("The message {key} has been about another shipment; nothing was recorded.")


class NotYourTransferError(ForbiddenError):
    """The transfer can be seen, but this is for another party to do."""

    code = "not_your_transfer"
    template = msg("Transfer {transfer} is not yours to {verb}.")


class ReusedKeyError(ConflictError):
    """An idempotency key came again with another transfer; nothing was requested."""

    code = "reused_key"
    template = msg(
        "The key {key} was used for transfer {document} with other content; nothing was requested."
    )


class NoTitleError(DomainError):
    """Nobody could invoice the goods between the two owners; nothing was requested."""

    code = "no_title"
    template = msg(
        "Goods of {giver} cannot pass to {taker}: there is no trading account between them with a price for "
        "every SKU, and the brand did not plan it."
    )


class NoLaneError(DomainError):
    """The place sends its goods by lanes, and none that is open leads there."""

    code = "no_lane"
    status = 409
    template = msg("No open lane leads from {source} to {target}.")


class TransferCreditError(DomainError):
    """Who takes the goods owes too much; nothing was reserved."""

    code = "transfer_credit"
    status = 409
    template = msg("The goods of {transfer} are not released: {reasons}")

    def __init__(self, transfer: str, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        texts = " ".join(reason.text.format(**reason.facts) for reason in reasons)
        super().__init__(transfer=transfer, reasons=texts)


class RoadQuantityError(DomainError):
    """More was reported of a line than is on the road; nothing was booked."""

    code = "road_quantity"
    status = 409
    template = msg("Line {line} ({sku}): {wanted} reported, {road} on the road.")
