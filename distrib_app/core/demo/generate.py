"""The one entry of the generator: a brand, its network and two years of trade, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlmodel import Session, SQLModel, col, func, select

from ..accounts.models import Invoice, Receipt, TradingAccount
from ..catalog.models import Sku
from ..channels import Membership, Network, NetworkPlan, Partner, PartnerKind, Role, found_network, set_up
from ..inventory.lot_models import Lot
from ..inventory.models import Location, Movement
from ..journal import JournalLeg
from ..kernel.access import SYSTEM, User
from ..kernel.db import Database, row_id
from ..kernel.events import emit
from ..orders.models import OrderLine, SalesOrder, SalesReturn
from ..pricing.models import PriceRow
from . import book_rows, fulfilment_rows, lanes, master_rows, order_rows
from .books import Books, keep_books
from .catalogue import CatalogueDraft, assign_ranges, plan_catalogue
from .demand import Account, plan_accounts, plan_slots
from .first_aid import write_first_aid
from .geography import Place, Province, read_provinces
from .imports import Progress, quiet
from .locations import LocationPlan, plan_locations
from .made_to_order import write_made_to_order
from .network import NetworkDraft, Party, plan_network
from .numbering import Numbers, number_orders, number_receipts
from .planning import plan_stock
from .prices import PricePlan, plan_prices
from .reports import ReportPlan, plan_reports
from .stock import BalancePlan, MovementPlan, StockHistory
from .timeline import DAY, Timeline, plan_timeline
from .trade import OrderPlan, Trade
from .transfers import write_transfers
from .work import ago, write_work
from .writer import Writer

SOURCE = "demo"
ZONE = "Asia/Shanghai"

_COUNTED: dict[str, type[SQLModel]] = {
    "partners": Partner,
    "skus": Sku,
    "price_rows": PriceRow,
    "accounts": TradingAccount,
    "orders": SalesOrder,
    "order_lines": OrderLine,
    "returns": SalesReturn,
    "legs": JournalLeg,
    "invoices": Invoice,
    "receipts": Receipt,
    "movements": Movement,
}


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A demo sign-in; the password is the same for all."""

    username: str
    name: str
    role_code: str
    partner_code: str
    partner_name: str


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What the database holds after the call; `already_there`: the demo had been generated before."""

    brand_code: str
    brand_name: str
    founded_on: date
    already_there: bool
    counts: dict[str, int]
    users: tuple[DemoUser, ...]
    password: str


@dataclass(slots=True)
class _Story:
    """The whole plan, in memory, before a row of trade is written."""

    timeline: Timeline
    provinces: Sequence[Province]
    network: NetworkDraft
    catalogue: CatalogueDraft
    prices: PricePlan
    accounts: Sequence[Account]
    locations: Sequence[LocationPlan]
    orders: Sequence[OrderPlan]
    stock: StockHistory
    movements: Sequence[MovementPlan]
    balances: Sequence[BalancePlan]
    reports: Sequence[ReportPlan]
    books: Books
    numbers: Numbers


def generate_demo(
    database: Database,
    *,
    seed: int = 7,
    as_of: date,
    lines: int = 150_000,
    now: datetime,
    progress: Progress = quiet,
) -> DemoReport:
    """Fill an empty database with the demo network and trade of 24 months up to `as_of`.

    One writing transaction; the same arguments give the same rows. `lines` is the exact number of order
    lines of the history; what people order on the last day comes on top. Where the demo is there already
    nothing changes. Raises `SecondNetworkError` when another network is there, `InvalidError` for an `as_of`
    after `now` or too few lines, `ConflictError` when a demo user's name is taken.
    """
    timeline = plan_timeline(as_of=as_of, zone=ZONE, now=now)
    with database.write(SYSTEM) as session:
        already_there = session.get(Network, 1) is not None
        brand = _found(session, timeline, now)
        if not already_there:
            master_rows.check_user_names(session)
            writer = Writer(session, timeline, now)
            story = _plan(writer, brand, seed=seed, lines=lines, progress=progress)
            _write(writer, story, seed=seed, progress=progress)
            short = write_work(session, story.network, now=now)
            plan_stock(session, now=now)
            write_transfers(session, short=short, began=ago(now, 26), now=now)
            write_first_aid(session, now=now)
            write_made_to_order(session, story.network, now=now)
            emit(session, SYSTEM, "demo.generated", subject=("network", SOURCE), now=now, lines=lines)
            session.flush()
        return _report(session, already_there=already_there)


def _found(session: Session, timeline: Timeline, now: datetime) -> Partner:
    set_up(session)
    plan = NetworkPlan(
        brand_code="BR",
        brand_name="远山电器",
        brand_name_en="Farhill Appliances",
        region_code="CN",
        currency="CNY",
        zone=ZONE,
        area_level="province",
        source=SOURCE,
        founded_on=timeline.start,
    )
    network = found_network(session, SYSTEM, plan=plan, now=now)
    session.flush()
    return session.get_one(Partner, network.brand_id)


def _plan(writer: Writer, brand_row: Partner, *, seed: int, lines: int, progress: Progress) -> _Story:
    session, timeline = writer.session, writer.timeline
    # Each part draws from its own source, so that more of one does not change the others.
    network_rng, goods_rng, demand_rng, trade_rng, stock_rng = (Random(seed * 10 + i) for i in range(5))
    provinces = read_provinces(session)
    country = Place(brand_row.region_id, "CN", "CN/", "全国", "China")
    brand = Party(
        row_id(brand_row), brand_row.code, brand_row.name, brand_row.name_en, "brand", PartnerKind.BRAND,
        None, brand_row.path, country, None,
    )  # fmt: skip
    network = plan_network(provinces, brand=brand, first_id=writer.first_id(Partner), rng=network_rng)
    catalogue = plan_catalogue(first_sku_id=writer.first_id(Sku), rng=goods_rng)
    assign_ranges(catalogue, network, goods_rng)
    prices = plan_prices(catalogue, timeline, goods_rng)
    accounts = plan_accounts(network, first_id=writer.first_id(TradingAccount), rng=demand_rng)
    slots = plan_slots(accounts, timeline, lines=lines, rng=demand_rng)
    trade = Trade(accounts, catalogue, prices, timeline, trade_rng)
    trade.warm_up(slot for slot in slots if slot.second < timeline.months[1].first_day * DAY)
    orders: list[OrderPlan] = []
    first_order = writer.first_id(SalesOrder)
    for index, slot in enumerate(slots):
        order = trade.fill(slot)
        order.id = first_order + index
        orders.append(order)
        if index % 5_000 == 0:
            progress("orders", index, len(slots))
    numbers = Numbers(timeline)
    number_orders(orders, numbers)
    locations = plan_locations(network, provinces, first_id=writer.first_id(Location))
    first_lot_id = writer.first_id(Lot)
    stock = StockHistory(locations, catalogue, prices, timeline, stock_rng, first_lot_id=first_lot_id)
    for order in orders:
        stock.record(order)
    movements, balances = stock.lay_out()
    reports = plan_reports(stock.streams, stock.by_id, timeline, Random(seed * 10 + 5))
    books = keep_books(accounts, orders, timeline, first_invoice_id=writer.first_id(Invoice))
    number_receipts(books, numbers, first_id=writer.first_id(Receipt))
    return _Story(
        timeline, provinces, network, catalogue, prices, accounts, locations, orders, stock, movements,
        balances, reports, books, numbers,
    )  # fmt: skip


def _write(writer: Writer, story: _Story, *, seed: int, progress: Progress) -> None:
    tiers = master_rows.tier_ids(writer.session)
    orders, books = story.orders, story.books
    stages: list[tuple[str, Callable[[], object]]] = [
        ("partners", lambda: master_rows.write_partners(writer, story.network, tiers)),
        ("territories", lambda: master_rows.write_territories(writer, story.network)),
        ("users", lambda: master_rows.write_sign_ins(writer, story.network)),
        ("catalogue", lambda: master_rows.write_catalogue(writer, story.catalogue)),
        (
            "prices",
            lambda: master_rows.write_prices(writer, story.prices, story.catalogue, story.network, tiers),
        ),
        ("locations", lambda: master_rows.write_locations(writer, story.locations)),
        ("lanes", lambda: lanes.write_lanes(writer, story.locations, story.provinces)),
        ("accounts", lambda: master_rows.write_accounts(writer, story.accounts)),
        ("order rows", lambda: order_rows.write_orders(writer, orders, story.prices)),
        ("shipments", lambda: fulfilment_rows.write_shipments(writer, orders, story.stock)),
        ("journal", lambda: order_rows.write_legs(writer, orders, key=f"{SOURCE}:{seed}", source=SOURCE)),
        ("parts", lambda: fulfilment_rows.write_parts(writer, orders, story.stock)),
        ("returns", lambda: order_rows.write_returns(writer, orders)),
        ("events", lambda: order_rows.write_events(writer, orders)),
        ("invoices", lambda: book_rows.write_invoices(writer, books)),
        ("receipts", lambda: book_rows.write_receipts(writer, books)),
        ("ledger", lambda: book_rows.write_ledger(writer, books)),
        ("lots", lambda: book_rows.write_lots(writer, story.stock.book.lots.values())),
        ("stock", lambda: book_rows.write_stock(writer, story.movements, story.balances)),
        ("shares", lambda: lanes.write_shares(writer, story.accounts, story.balances)),
        ("stock reports", lambda: book_rows.write_reports(writer, story.reports)),
        ("numbers", lambda: book_rows.write_number_series(writer, dict(story.numbers.last))),
    ]
    for position, (name, stage) in enumerate(stages):
        progress(name, position, len(stages))
        stage()
    progress("done", len(stages), len(stages))


def _report(session: Session, *, already_there: bool) -> DemoReport:
    network = session.get_one(Network, 1)
    brand = session.get_one(Partner, network.brand_id)
    counts = {
        name: int(session.exec(select(func.count()).select_from(model)).one())
        for name, model in _COUNTED.items()
    }
    rows = session.exec(
        select(User, Role, Partner)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .join(Role, col(Role.id) == col(Membership.role_id))
        .join(Partner, col(Partner.id) == col(Membership.partner_id))
        .where(col(User.is_demo))
        .order_by(col(User.id))
    ).all()
    return DemoReport(
        brand_code=brand.code,
        brand_name=brand.name,
        founded_on=network.founded_on,
        already_there=already_there,
        counts=counts,
        users=tuple(
            DemoUser(user.username, user.name, role.code, partner.code, partner.name)
            for user, role, partner in rows
        ),
        password=master_rows.DEMO_PASSWORD,
    )
