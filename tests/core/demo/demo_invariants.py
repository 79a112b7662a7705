"""What must hold in a generated database, checked from its rows alone."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session, select

from distrib_app.core.channels import Partner, ProductLine, Region, Territory
from distrib_app.core.channels.rules import Grant, find_overlap
from distrib_app.core.inventory.models import Movement
from distrib_app.core.inventory.rules import Layer, derive_layers, net_receipts, take_oldest
from distrib_app.core.kernel.numbers import BLOCK

SHANGHAI = ZoneInfo("Asia/Shanghai")


def rows(session: Session, statement: str) -> list[Any]:
    return list(session.connection().execute(text(statement)).all())


def instant(value: Any) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def local_day(value: Any) -> str:
    return instant(value).astimezone(SHANGHAI).date().isoformat()


def check_stock(session: Session) -> None:
    """Balance = Σ movements; reserved is what open lines hold; nothing ever below zero."""
    on_hand: Counter[tuple[int, int]] = Counter()
    reserved: Counter[tuple[int, int]] = Counter()
    last = datetime.min.replace(tzinfo=UTC)
    for location, sku, hand, held, moved_at, cause in rows(
        session,
        "SELECT location_id, sku_id, on_hand_delta, reserved_delta, moved_at, cause FROM stock_movement "
        "ORDER BY id",
    ):
        place = (location, sku)
        on_hand[place] += hand
        reserved[place] += held
        assert 0 <= reserved[place] <= on_hand[place], (place, moved_at)
        # transfers are told behind the story, and some were asked for days before
        assert instant(moved_at) >= last or cause.startswith("TF-")
        last = max(last, instant(moved_at))
    balances = {
        (location, sku): (hand, held)
        for location, sku, hand, held in rows(
            session, "SELECT location_id, sku_id, on_hand_qty, reserved_qty FROM stock_balance"
        )
    }
    assert balances == {place: (on_hand[place], reserved[place]) for place in on_hand}
    promised: Counter[tuple[int, int]] = Counter()
    for statement in (
        "SELECT f.location_id, l.sku_id, l.reserved_qty FROM fulfilment_line l "
        "JOIN fulfilment_order f ON f.id = l.fulfilment_id WHERE l.reserved_qty > 0",
        "SELECT t.from_location_id, l.sku_id, l.reserved_qty FROM stock_transfer_line l "
        "JOIN stock_transfer t ON t.id = l.transfer_id WHERE l.reserved_qty > 0",
    ):
        for location, sku, qty in rows(session, statement):
            promised[location, sku] += qty
    assert {place: held for place, (_, held) in balances.items() if held} == promised
    unpriced = "SELECT COUNT(*) FROM stock_movement WHERE kind IN ('receipt', 'return', 'ship') AND "
    assert rows(session, unpriced + "(origin_on IS NULL OR unit_cost_micros IS NULL)") == [(0,)]


def check_lots(session: Session) -> None:
    """Goods kept by lot move by lot, no lot is ever below zero, and none is shipped with too little life."""
    tracked = {
        sku
        for (sku,) in rows(
            session,
            "SELECT s.id FROM sku s JOIN product p ON p.id = s.product_id JOIN category c "
            "ON c.id = p.category_id JOIN product_line l ON l.id = c.product_line_id WHERE l.is_lot_tracked",
        )
    }
    expiry = dict(rows(session, "SELECT id, expires_on FROM stock_lot"))
    on_hand: Counter[tuple[int, int]] = Counter()
    shipped = short = 0
    for location, sku, lot, hand, kind, moved_at in rows(
        session,
        "SELECT location_id, sku_id, lot_id, on_hand_delta, kind, moved_at FROM stock_movement ORDER BY id",
    ):
        assert (lot is not None) == (sku in tracked and hand != 0)
        if lot is None:
            continue
        on_hand[location, lot] += hand
        assert on_hand[location, lot] >= 0
        if kind == "ship":
            left = date.fromisoformat(str(expiry[lot])) - date.fromisoformat(local_day(moved_at))
            shipped, short = shipped + 1, short + (left < timedelta(days=90))
    assert shipped
    assert short * 20 <= shipped
    assert not [one for one in rows(session, "SELECT reported_qty FROM stock_report") if one[0] < 0]
    reports = rows(session, "SELECT COUNT(*), COUNT(DISTINCT counted_on) FROM stock_report")[0]
    assert reports[0] > 100
    assert reports[1] >= 3


def check_layers(session: Session, *, places: int) -> None:
    """What left busy places is what the house's rule for layers says, movement by movement."""
    busiest = rows(
        session,
        "SELECT m.location_id, m.sku_id, COUNT(*) AS n FROM stock_movement m "
        "WHERE EXISTS (SELECT 1 FROM stock_movement r WHERE r.location_id = m.location_id "
        "AND r.sku_id = m.sku_id AND r.kind = 'return') "
        f"GROUP BY m.location_id, m.sku_id ORDER BY n DESC, 1, 2 LIMIT {places}",
    )
    assert busiest
    for location_id, sku_id, _ in busiest:
        found = session.exec(
            select(Movement)
            .where(Movement.location_id == location_id, Movement.sku_id == sku_id)
            .order_by(Movement.id)
        ).all()
        receipts: list[Layer] = []
        sent_back: list[Layer] = []
        on_hand = 0
        shipments: dict[str, list[Movement]] = defaultdict(list)
        for row in found:
            if row.kind == "ship":
                shipments[row.cause].append(row)
        for row in found:
            layer = Layer(row.origin_on, row.unit_cost_micros, abs(row.on_hand_delta))
            if row.on_hand_delta > 0:
                receipts.append(layer)
            elif row.kind == "return":
                sent_back.append(layer)
            elif row.kind == "ship" and row is shipments[row.cause][0]:
                parts = [
                    Layer(part.origin_on, part.unit_cost_micros, -part.on_hand_delta)
                    for part in shipments[row.cause]
                ]
                lying = derive_layers(on_hand, net_receipts(receipts, sent_back))
                assert parts == take_oldest(lying, sum(part.qty for part in parts))
            on_hand += row.on_hand_delta


def check_orders(session: Session) -> None:
    """An order is the sum of its lines; a line is quantity × price with 13 % tax inside."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    promised: dict[tuple[int, int], tuple[int, ...]] = {}
    for order, line_no, sku, qty, price, net, tax, gross in rows(
        session,
        "SELECT order_id, line_no, sku_id, qty, unit_price, net_amount, tax_amount, gross_amount "
        "FROM order_line",
    ):
        assert gross == qty * price // 10_000
        assert price % 10_000 == 0
        assert net == int((Decimal(gross) / Decimal("1.13")).quantize(Decimal(1), ROUND_HALF_UP))
        assert gross == net + tax
        promised[order, line_no] = (sku, qty, net, tax, gross)
        sums[order] = [a + b for a, b in zip(sums[order], (net, tax, gross), strict=True)]
    heads = rows(session, "SELECT id, net_amount, tax_amount, gross_amount FROM sales_order")
    assert {key: list(amounts) for key, *amounts in heads} == sums
    _check_parts(session, promised, sums)
    deliveries = rows(
        session,
        "SELECT o.status, s.status, s.shipped_at, s.delivered_at, s.signed_by, o.placed_at "
        "FROM shipment s JOIN fulfilment_order f ON f.shipment_id = s.id "
        "JOIN sales_order o ON o.id = f.order_id",
    )
    for status, stage, shipped_at, delivered_at, signed_by, placed_at in deliveries:
        assert instant(placed_at) <= instant(shipped_at)
        if status == "delivered":
            assert stage == "delivered"
            assert instant(shipped_at) < instant(delivered_at)
            assert signed_by
        else:
            assert (status, stage, delivered_at, signed_by) == ("shipped", "in_transit", None, "")


_HISTORY = "idempotency_key IS NULL OR idempotency_key NOT LIKE '%demo-%'"


def _check_parts(
    session: Session, promised: dict[tuple[int, int], tuple[int, ...]], sums: dict[int, list[int]]
) -> None:
    """Each order of the history is served by one part, which holds the promise line by line and stands where
    it stands; what people order on the last day (by a key of theirs) may be split."""
    orders = {
        key: (number, status)
        for key, number, status in rows(
            session, f"SELECT id, number, status FROM sales_order WHERE {_HISTORY}"
        )
    }
    promised = {key: values for key, values in promised.items() if key[0] in orders}
    parts = {}
    for key, number, order, status, place, shipment, *amounts in rows(
        session,
        "SELECT id, number, order_id, status, location_id, shipment_id, net_amount, tax_amount, gross_amount "
        "FROM fulfilment_order",
    ):
        if order not in orders:
            continue
        assert number == f"{orders[order][0]}-1"
        assert status == orders[order][1]
        assert place is not None
        assert (shipment is None) == (status == "allocated")
        assert amounts == sums[order]
        parts[key] = order
    assert sorted(parts.values()) == sorted(orders)
    held = {}
    for part, line_no, sku, qty, net, tax, gross, reserved, shipped, returned, leg in rows(
        session,
        "SELECT fulfilment_id, line_no, sku_id, qty, net_amount, tax_amount, gross_amount, reserved_qty, "
        "shipped_qty, returned_qty, leg_id FROM fulfilment_line",
    ):
        if part not in parts:
            continue
        order = parts[part]
        is_open = orders[order][1] == "allocated"
        assert (reserved, shipped) == ((qty, 0) if is_open else (0, qty))
        assert 0 <= returned <= shipped
        assert (leg is None) == is_open
        held[order, line_no] = (sku, qty, net, tax, gross)
    assert held == promised


def check_journal(session: Session) -> None:
    """A leg per shipped line on its Shanghai day, a negative one per returned line, under one posting."""
    regions = dict(rows(session, "SELECT id, region_id FROM partner"))
    brand = rows(session, "SELECT brand_id FROM network")[0][0]
    legs = {
        (document, line_no): values
        for document, line_no, *values in rows(
            session,
            "SELECT document, line_no, order_id, step, booked_on, seller_id, buyer_id, seller_path, "
            "buyer_path, region_id, sku_id, qty, price_micros, amount, tax_amount, origin_leg_id, origin_on, "
            "id FROM journal_leg",
        )
    }
    expected = {}
    shipped = rows(
        session,
        "SELECT o.number, l.line_no, o.id, s.shipped_at, o.seller_id, o.buyer_id, s.seller_path, "
        "s.buyer_path, l.sku_id, x.qty, l.unit_price, p.gross_amount, p.tax_amount FROM shipment_line x "
        "JOIN shipment s ON s.id = x.shipment_id JOIN fulfilment_order f ON f.number = x.document "
        "JOIN fulfilment_line p ON p.fulfilment_id = f.id AND p.line_no = x.line_no "
        "JOIN order_line l ON l.order_id = f.order_id AND l.line_no = x.line_no AND l.sku_id = x.sku_id "
        "JOIN sales_order o ON o.id = f.order_id",
    )
    for number, line_no, order, at, seller, buyer, *paths, sku, qty, price, gross, tax in shipped:
        step = "sell_in" if seller == brand else "sell_through"
        expected[number, line_no] = [
            order, step, local_day(at), seller, buyer, *paths, regions[buyer], sku, qty, price,
            gross * 10_000, tax * 10_000, None, None,
        ]  # fmt: skip
    returned = rows(
        session,
        "SELECT r.number, x.line_no, r.returned_on, o.number, l.line_no, x.qty, x.gross_amount, x.tax_amount "
        "FROM return_line x JOIN sales_return r ON r.id = x.return_id "
        "JOIN order_line l ON l.id = x.order_line_id JOIN sales_order o ON o.id = l.order_id",
    )
    for number, line_no, day, order_number, order_line, qty, gross, tax in returned:
        origin = list(expected[order_number, order_line])
        origin[2], origin[9], origin[11], origin[12] = str(day), -qty, -gross * 10_000, -tax * 10_000
        origin[13:] = legs[order_number, order_line][-1], expected[order_number, order_line][2]
        expected[number, line_no] = origin
    found = {key: [_plain(value) for value in values[:-1]] for key, values in legs.items()}
    assert found == expected
    assert rows(session, "SELECT COUNT(*) FROM journal_posting") == [(1,)]
    # what left knows its leg, what came back the line it left with
    assert not rows(
        session,
        "SELECT p.id FROM fulfilment_line p JOIN fulfilment_order f ON f.id = p.fulfilment_id "
        "JOIN journal_leg j ON j.id = p.leg_id WHERE j.order_id <> f.order_id OR j.line_no <> p.line_no "
        "OR j.qty <> p.shipped_qty",
    )
    back = "SELECT fulfilment_line_id, SUM(qty) FROM return_line GROUP BY fulfilment_line_id"
    assert {key: int(qty) for key, qty in rows(session, back)} == dict(
        rows(session, "SELECT id, returned_qty FROM fulfilment_line WHERE returned_qty > 0")
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def check_books(session: Session) -> None:
    """Journals balance, documents equal their lines, nothing is applied beyond what is there."""
    assert not rows(
        session,
        "SELECT journal_id, owner_id FROM ledger_entry GROUP BY journal_id, owner_id HAVING SUM(amount) <> 0",
    )
    for table, lines, key in (
        ("invoice", "invoice_line", "invoice_id"),
        ("sales_order", "order_line", "order_id"),
    ):
        for column in ("net_amount", "tax_amount", "gross_amount"):
            assert not rows(
                session,
                f"SELECT h.id FROM {table} h JOIN {lines} l ON l.{key} = h.id GROUP BY h.id, h.{column} "
                f"HAVING SUM(l.{column}) <> h.{column}",
            )
    assert rows(session, "SELECT COUNT(*) FROM invoice WHERE gross_amount <> net_amount + tax_amount") == [
        (0,)
    ]
    documents = {
        key: (kind, abs(gross), instant(at))
        for key, kind, gross, at in rows(session, "SELECT id, kind, gross_amount, issued_at FROM invoice")
    }
    receipts = {
        key: (amount, instant(at))
        for key, amount, at in rows(session, "SELECT id, amount, recorded_at FROM receipt")
    }
    used: Counter[tuple[str, int]] = Counter()
    for receipt, note, invoice, amount, at in rows(
        session, "SELECT receipt_id, credit_note_id, invoice_id, amount, applied_at FROM receipt_application"
    ):
        assert amount > 0
        assert (receipt is None) != (note is None)
        assert documents[invoice][0] == "invoice"
        used["invoice", invoice] += amount
        used["receipt", receipt] += amount * (receipt is not None)
        used["note", note] += amount * (note is not None)
        assert used["invoice", invoice] <= documents[invoice][1]
        assert instant(at) >= documents[invoice][2]
        source_at = receipts[receipt][1] if receipt is not None else documents[note][2]
        assert instant(at) >= source_at
    assert all(used["receipt", key] == amount for key, (amount, _) in receipts.items())
    assert all(
        used["note", key] <= gross for key, (kind, gross, _) in documents.items() if kind == "credit_note"
    )
    owed: Counter[str] = Counter()
    for seller, buyer, gross in rows(session, "SELECT seller_id, buyer_id, gross_amount FROM invoice"):
        owed[f"{seller}:{buyer}:receivable"] += gross
    for seller, buyer, amount in rows(session, "SELECT seller_id, buyer_id, amount FROM receipt"):
        owed[f"{seller}:{buyer}:receivable"] -= amount
    balances = rows(
        session,
        "SELECT account, SUM(amount) FROM ledger_entry WHERE account LIKE '%receivable' GROUP BY account",
    )
    assert {account: int(amount) for account, amount in balances} == dict(owed)
    committed = rows(
        session,
        "SELECT c.document, o.account_id = c.account_id, SUM(c.amount) FROM account_commitment c "
        "JOIN sales_order o ON o.number = c.document GROUP BY c.document, o.account_id = c.account_id",
    )
    placed = rows(
        session,
        "SELECT number, gross_amount FROM sales_order WHERE status NOT IN ('shipped', 'delivered')",
    )
    assert {document: int(amount) for document, is_own, amount in committed if is_own} == dict(placed)
    # what a seller buys of the brand for its buyer takes its own credit
    bought = rows(
        session,
        "SELECT o.number, SUM(l.supply_gross_amount) FROM fulfilment_line l JOIN fulfilment_order f "
        "ON f.id = l.fulfilment_id JOIN sales_order o ON o.id = f.order_id "
        "WHERE l.supply_gross_amount IS NOT NULL GROUP BY o.number",
    )
    assert {document: int(amount) for document, is_own, amount in committed if not is_own} == {
        document: int(amount) for document, amount in bought
    }


def check_numbers(session: Session) -> None:
    """Every number is unique, dated by its day, and the series stands at the last one."""
    used: dict[tuple[str, str], int] = {}
    for kind, table, column in (
        ("SO", "sales_order", "placed_at"),
        ("SH", "shipment", "shipped_at"),
        ("RT", "sales_return", "returned_at"),
        ("RC", "receipt", "recorded_at"),
        ("IN", "invoice", "issued_at"),
        ("CN", "invoice", "issued_at"),
        ("TK", "task", "requested_at"),
        ("TF", "stock_transfer", "requested_at"),
        ("MO", "production_request", "asked_at"),
        ("SG", "suggestion", "CAST(suggested_on AS VARCHAR(10))"),
    ):
        for number, at in rows(
            session,
            f"SELECT number, {column} FROM {table} WHERE number LIKE '{kind}-%' ORDER BY {column}, id",
        ):
            letters, day, ordinal = number.split("-")
            assert (letters, day) == (kind, local_day(at).replace("-", ""))
            key = (kind, local_day(at))
            assert int(ordinal) == used.get(key, 0) + 1
            used[key] = int(ordinal)
    series = rows(session, "SELECT kind, day, last FROM number_series")
    last = {(kind, str(day)): ordinal for kind, day, ordinal in series}
    assert last.keys() == used.keys()
    # PostgreSQL gives numbers in blocks: the series may be ahead by less than one
    ahead = BLOCK if session.get_bind().dialect.name == "postgresql" else 1
    assert all(0 <= ordinal - used[key] < ahead for key, ordinal in last.items())


def check_network(session: Session, *, as_of: date) -> None:
    """Direct buyers per province in every month, exclusivity, the size of each tier."""
    provinces = {
        region: path.split("/")[1]
        for region, path in rows(session, "SELECT id, path FROM region WHERE path LIKE 'CN/%/%'")
    }
    buyers: dict[tuple[str, str], set[int]] = defaultdict(set)
    for region, day, buyer in rows(
        session, "SELECT region_id, booked_on, buyer_id FROM journal_leg WHERE step = 'sell_in' AND qty > 0"
    ):
        buyers[provinces[region], str(day)[:7]].add(buyer)
    months = {month for _, month in buyers}
    assert len(months) == 25
    assert max(months) == as_of.isoformat()[:7]
    sizes = {}
    for province in {province for province, _ in buyers}:
        groups = [buyers[province, month] for month in months]
        assert all(group == groups[0] for group in groups)  # the same stable set in every month
        sizes[province] = len(groups[0])
    assert len(sizes) == 31
    assert sum(size >= 3 for size in sizes.values()) >= 20
    assert sum(size < 3 for size in sizes.values()) >= 4
    tiers = rows(
        session, "SELECT t.code, COUNT(*) FROM partner p JOIN tier t ON t.id = p.tier_id GROUP BY t.code"
    )
    assert dict(tiers) == {"brand": 1, "province": 40, "city": 150, "county": 300, "outlet": 200}
    found = session.exec(
        select(Territory, Partner, Region)
        .join(Partner, Partner.id == Territory.partner_id)
        .join(Region, Region.id == Territory.region_id)
    ).all()
    assert not session.exec(select(ProductLine).where(ProductLine.path == "")).all()
    grants = [
        Grant(partner.path, region.path, "", held.is_exclusive, held.valid_from, held.valid_to, partner.code)
        for held, partner, region in found
    ]
    for position, grant in enumerate(grants):
        if grant.is_exclusive:
            assert find_overlap(grant, grants[:position] + grants[position + 1 :]) is None, grant


def check_prices(session: Session) -> None:
    """Every line was sold at the seller's price of its day; resale prices lie inside ±10 % of the base."""
    brand = rows(session, "SELECT brand_id FROM network")[0][0]
    book: dict[tuple[int, int, int | None], list[tuple[str, str, int]]] = defaultdict(list)
    for seller, sku, tier, since, until, price in rows(
        session, "SELECT seller_id, sku_id, tier_id, valid_from, valid_to, unit_price FROM price_row"
    ):
        book[seller, sku, tier].append((str(since), str(until or "9999"), price))

    def price_on(seller: int, sku: int, tier: int | None, day: str) -> int | None:
        held = [price for since, until, price in book[seller, sku, tier] if since <= day < until]
        assert len(held) <= 1
        return held[0] if held else None

    tiers = dict(rows(session, "SELECT id, tier_id FROM partner"))
    for seller, buyer, placed_at, sku, price in rows(
        session,
        "SELECT o.seller_id, o.buyer_id, o.placed_at, l.sku_id, l.unit_price FROM order_line l "
        "JOIN sales_order o ON o.id = l.order_id",
    ):
        day = local_day(placed_at)
        wanted = price_on(seller, sku, tiers[buyer], day) or price_on(seller, sku, None, day)
        assert price == wanted
        base = price_on(brand, sku, None, day)
        assert base is not None
        if seller != brand:
            assert base * 9 <= price * 10 <= base * 11
    windows = {key[1]: len(found) for key, found in book.items() if key[0] == brand and found}
    # three price lists, and one for the first aid and what is made to order, which came last
    assert Counter(windows.values()) == {3: 215, 1: 4}


def check_dates(session: Session, *, start: date, now: datetime) -> None:
    """Nothing lies before the story or after now."""
    for table, column in (
        ("sales_order", "placed_at"),
        ("shipment", "shipped_at"),
        ("shipment", "delivered_at"),
        ("sales_return", "returned_at"),
        ("receipt", "recorded_at"),
        ("invoice", "issued_at"),
        ("stock_movement", "moved_at"),
        ("event", "occurred_at"),
    ):
        first, last = rows(session, f"SELECT MIN({column}), MAX({column}) FROM {table}")[0]
        assert instant(first) >= datetime.combine(start, datetime.min.time(), SHANGHAI)
        assert instant(last) <= now
    due = rows(
        session,
        "SELECT i.issued_on, i.due_on, a.terms_days FROM invoice i JOIN trading_account a "
        "ON a.id = i.account_id WHERE i.kind = 'invoice'",
    )
    for issued_on, due_on, terms in due:
        assert date.fromisoformat(str(due_on)) == date.fromisoformat(str(issued_on)) + timedelta(days=terms)


def check_everything(session: Session, *, as_of: date, start: date, now: datetime, places: int) -> None:
    check_stock(session)
    check_lots(session)
    check_layers(session, places=places)
    check_orders(session)
    check_journal(session)
    check_books(session)
    check_numbers(session)
    check_network(session, as_of=as_of)
    check_prices(session)
    check_dates(session, start=start, now=now)
