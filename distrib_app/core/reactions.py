"""The one table `event kind → functions`: what must happen above because something happened below.

The composition root and the command line hand it to `kernel.events`; no floor imports it.
"""

from collections.abc import Sequence

from sqlmodel import Session

from . import accounts, catalog, channels, inventory, lists, orders
from .accounts import imports as receipt_sheets
from .catalog import imports as catalog_sheets
from .channels import imports as channel_sheets
from .inventory import imports as stock_sheets
from .kernel.access import Permission
from .kernel.db import get_by
from .kernel.errors import msg
from .kernel.events import Reaction
from .orders import imports as order_sheets
from .pricing import imports as price_sheets
from .workbench import (
    ImportEntity,
    JobKind,
    Searchable,
    Subject,
    TaskKind,
    TaskVerb,
    check_job,
    commit_job,
    find_tasks,
)
from .workbench.models import Task

REACTIONS: dict[str, Sequence[Reaction]] = {
    "partner.moved": (inventory.follow_partner_move, accounts.follow_partner_move),
    "shipment.reported": (orders.follow_shipment, inventory.follow_transfer_shipment),
    "order.cancelled": (orders.forget_expected,),
    "order.delivered": (orders.forget_expected,),
    "task.asked": (channels.tell_deciders,),
    "task.raised": (channels.tell_deciders,),
    "task.step_taken": (channels.tell_deciders,),
    "task.asked_again": (channels.tell_deciders,),
    "task.answered": (channels.tell_deciders,),
    "task.escalated": (channels.tell_deciders,),
    "task.approved": (channels.tell_requester,),
    "task.rejected": (channels.tell_requester,),
    "task.supplement_asked": (channels.tell_requester,),
    "task.withdrawn": (inventory.follow_withdrawal,),
    "transfer.received": (orders.follow_transfer,),
    "transfer.rejected": (orders.follow_transfer,),
    "transfer.cancelled": (orders.follow_transfer,),
}

# what is asked for in the one inbox, and what is done once it is approved
TASK_KINDS: dict[str, TaskKind] = {
    accounts.CREDIT_LIMIT: TaskKind(
        msg("Credit limit"),
        TaskVerb.APPROVE,
        apply=accounts.apply_credit,
        version=accounts.credit_version,
        is_divisible=True,
    ),
    orders.GOODS_RETURN: TaskKind(
        msg("Return of goods"),
        TaskVerb.APPROVE,
        apply=orders.apply_return,
        version=orders.return_version,
        grants=frozenset({Permission.ORDERS_FULFIL}),
        is_divisible=True,
    ),
    inventory.STOCK_CORRECTION: TaskKind(
        msg("Stock correction"), TaskVerb.APPROVE, apply=inventory.apply_correction
    ),
    inventory.STOCK_TRANSFER: TaskKind(
        msg("Transfer of stock"),
        TaskVerb.APPROVE,
        apply=inventory.apply_transfer,
        on_reject=inventory.refuse_transfer,
        grants=frozenset({Permission.STOCK_WRITE}),
    ),
    **{kind: TaskKind(name, TaskVerb.RESOLVE) for kind, name in inventory.TRANSFER_TASK_NAMES.items()},
    inventory.TRANSFER_SHORT: TaskKind(
        inventory.TRANSFER_TASK_NAMES[inventory.TRANSFER_SHORT],
        TaskVerb.RESOLVE,
        apply=inventory.settle_short_transfer,
        grants=frozenset({Permission.STOCK_WRITE}),
        resolutions=inventory.SHORT_OUTCOMES,
    ),
    orders.COMPLAINT: TaskKind(msg("Complaint"), TaskVerb.RESOLVE),
    orders.SHORT_DELIVERY: TaskKind(
        msg("Short delivery"),
        TaskVerb.RESOLVE,
        apply=orders.settle_short_delivery,
        resolutions=orders.CHOICES,
    ),
    **{kind: TaskKind(name, TaskVerb.RESOLVE) for kind, name in orders.EXCEPTION_NAMES.items()},
    "broken_invariant": TaskKind(msg("Broken rule"), TaskVerb.RESOLVE),
    "user_invitation": TaskKind(msg("Invitation"), TaskVerb.APPROVE, apply=channels.open_invitation),
}

# what the palette and `GET /search` look through, in the order of equal matches
SEARCHES: tuple[Searchable, ...] = (
    Searchable(
        "partner",
        msg("Partners"),
        Permission.PARTNERS_READ,
        channels.search_partners,
        channels.search_partners_inside,
    ),
    Searchable("order", msg("Orders"), Permission.ORDERS_READ, orders.search_orders),
    Searchable("transfer", msg("Transfers"), Permission.STOCK_READ, inventory.search_transfers),
    Searchable(
        "sku", msg("Products"), Permission.CATALOG_READ, catalog.search_skus, catalog.search_skus_inside
    ),
    Searchable("account", msg("Trading accounts"), Permission.ACCOUNTS_READ, accounts.search_accounts),
    Searchable(
        "customer",
        msg("End customers"),
        Permission.CUSTOMERS_READ,
        channels.search_customers,
        channels.search_customers_inside,
    ),
    Searchable("task", msg("Tasks"), "", find_tasks),
)

# kinds of long work by name; scheduled jobs stand in `scheduler.py`
JOB_KINDS: dict[str, JobKind] = {
    "export": JobKind(msg("Export of a list"), lists.export_job),
    "import_check": JobKind(msg("Check of a sheet"), check_job),
    "import_commit": JobKind(msg("Import of a sheet"), commit_job),
}

# what sheets may hold, in the order of the wizard
IMPORTS: dict[str, ImportEntity] = {
    "partners": channel_sheets.PARTNERS,
    "customers": channel_sheets.CUSTOMERS,
    "skus": catalog_sheets.SKUS,
    "prices": price_sheets.PRICES,
    "opening_stock": stock_sheets.OPENING_STOCK,
    "stock_reports": stock_sheets.STOCK_REPORT,
    "receipts": receipt_sheets.RECEIPTS,
    "waybills": order_sheets.WAYBILLS,
}


def _order(session: Session, key: str) -> orders.SalesOrder:
    return get_by(session, orders.SalesOrder, "order", number=key)


def _account(session: Session, key: str) -> accounts.TradingAccount:
    seller_code, _, buyer_code = key.partition(":")
    return accounts.get_account(session, seller_code=seller_code, buyer_code=buyer_code)


def _stock(session: Session, key: str) -> inventory.Location:
    location_code, _, sku_code = key.partition(":")
    get_by(session, catalog.Sku, "SKU", code=sku_code)
    return get_by(session, inventory.Location, "location", code=location_code)


# what comments, files, notices and tasks hang on
SUBJECTS: dict[str, Subject] = {
    "order": Subject(
        msg("Order"), _order, Permission.ORDERS_READ, parties=lambda row: (row.seller_id, row.buyer_id)
    ),
    "part": Subject(
        msg("Part of an order"),
        lambda session, key: get_by(session, orders.FulfilmentOrder, "fulfilment order", number=key),
        Permission.ORDERS_READ,
        parties=lambda row: (row.owner_id, row.seller_id, row.buyer_id),
    ),
    "partner": Subject(
        msg("Partner"),
        lambda session, key: get_by(session, channels.Partner, "partner", code=key),
        Permission.PARTNERS_READ,
        parties=lambda row: (row.id,),
    ),
    "account": Subject(
        msg("Account"), _account, Permission.ACCOUNTS_READ, parties=lambda row: (row.seller_id, row.buyer_id)
    ),
    "sku": Subject(
        msg("SKU"),
        lambda session, key: get_by(session, catalog.Sku, "sku", code=key),
        Permission.CATALOG_READ,
    ),
    "stock": Subject(msg("Stock"), _stock, Permission.STOCK_READ, parties=lambda row: (row.partner_id,)),
    "transfer": Subject(
        msg("Transfer"),
        lambda session, key: get_by(session, inventory.Transfer, "transfer", number=key),
        Permission.STOCK_READ,
        parties=lambda row: (row.giver_id, row.taker_id),
    ),
    "task": Subject(
        msg("Task"),
        lambda session, key: get_by(session, Task, "task", number=key),
        parties=lambda row: (row.owner_id, row.requester_id),
    ),
}

# kinds of notices by name: what a person may choose to hear of, and how
NOTICE_KINDS: dict[str, str] = {
    "mention": msg("Somebody mentions me"),
    "user.reset_asked": msg("Somebody has forgotten a password"),
    "export": msg("An export of mine is ready"),
    channels.TO_DECIDE: msg("Something waits for my decision"),
    channels.DECIDED: msg("My request was decided"),
    orders.BUMPED: msg("An order of ours gave way to an urgent one"),
}
