"""Stock verbs on both databases: what they write, what they refuse, what each actor sees."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import func, select

from distrib_app.core.catalog import Sku
from distrib_app.core.channels import move_partner, set_scope_level
from distrib_app.core.inventory import (
    InsufficientStockError,
    Layer,
    Location,
    Movement,
    NotStockedError,
    NotYourLocationError,
    Placement,
    correct_stock,
    create_location,
    follow_partner_move,
    get_layers,
    list_locations,
    list_movements,
    list_stock,
    receive_stock,
    release,
    reserve,
    send_back,
    ship,
    take_back,
)
from distrib_app.core.inventory.queries import location_ids_of
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from distrib_app.core.kernel.events import Event, install_reactions
from distrib_app.core.kernel.listing import ListQuery

from .shop import NOW, actor, check_stock, stock

TODAY = date(2026, 10, 15)


def put(shop: Database, location: str, sku: str, qty: int, *, on: date = TODAY, cost: str = "100") -> None:
    with shop.write(SYSTEM) as session:
        lines = [(sku, qty, Decimal(cost))]
        receive_stock(
            session, SYSTEM, location_code=location, lines=lines, cause="GRN-1", origin_on=on, now=NOW
        )


def ids(shop: Database) -> tuple[dict[str, int], dict[str, int]]:
    with shop.read(SYSTEM) as session:
        skus = {row.code: row.id for row in session.exec(select(Sku))}
        places = {row.code: row.id for row in session.exec(select(Location))}
    return skus, places


def movements(shop: Database) -> int:
    with shop.read(SYSTEM) as session:
        return session.exec(select(func.count(Movement.id))).one()


def test_goods_are_received_by_their_owner(shop: Database) -> None:
    gz = actor(shop, "gz")
    with shop.write(gz) as session:
        lines = [("AC", 5, Decimal("88.5")), ("TV", 2, Decimal("0.000001")), ("AC", 1, Decimal("90"))]
        receive_stock(
            session,
            gz,
            location_code="GZ-WH",
            lines=lines,
            cause="GRN-7",
            origin_on=date(2026, 9, 1),
            now=NOW,
        )
    assert stock(shop) == {("GZ-WH", "AC"): (6, 0), ("GZ-WH", "TV"): (2, 0)}
    check_stock(shop)
    with shop.read(gz) as session:
        page = list_movements(session, location_code="GZ-WH", sku_code="AC")
        assert [(row.kind, row.on_hand_delta, row.cause, row.unit_cost_micros) for row in page.rows] == [
            ("receipt", 1, "GRN-7", 90_000_000),
            ("receipt", 5, "GRN-7", 88_500_000),
        ]
        assert page.total == 2
        event = session.exec(select(Event).where(Event.kind == "stock.received")).one()
        assert (event.subject_key, event.payload) == ("GZ-WH", {"cause": "GRN-7", "qty": 8})


def test_receipts_are_refused_whole(shop: Database) -> None:
    ops, gz, gd = actor(shop, "ops"), actor(shop, "gz"), actor(shop, "gd")
    ok = ("AC", 5, Decimal(1))
    cases = [
        (gz, "SZ-WH", [ok], "GRN", TODAY, NotFoundError),  # a neighbour's place does not exist
        (gd, "GZ-WH", [ok], "GRN", TODAY, NotFoundError),  # agents see their own stock only
        (ops, "GZ-WH", [ok], "GRN", TODAY, NotYourLocationError),  # the brand sees it, but may not move it
        (actor(shop, "boss"), "PLANT", [ok], "GRN", TODAY, ForbiddenError),
        (gz, "GZ-WH", [ok, ("AC", 0, Decimal(1))], "GRN", TODAY, InvalidError),
        (gz, "GZ-WH", [ok, ("AC", -3, Decimal(1))], "GRN", TODAY, InvalidError),
        (gz, "GZ-WH", [ok, ("AC", 1, Decimal("0.0000001"))], "GRN", TODAY, InvalidError),
        (gz, "GZ-WH", [ok, ("AC", 1, Decimal(-1))], "GRN", TODAY, InvalidError),
        (gz, "GZ-WH", [ok, ("NONE", 1, Decimal(1))], "GRN", TODAY, NotFoundError),
        (gz, "GZ-WH", [ok, ("POST", 1, Decimal(1))], "GRN", TODAY, NotStockedError),
        (gz, "GZ-WH", [ok], "", TODAY, InvalidError),
        (gz, "GZ-WH", [ok], "x" * 41, TODAY, InvalidError),
        (gz, "GZ-WH", [ok], "GRN", TODAY + timedelta(days=1), InvalidError),
        (gz, "GZ-WH", [], "GRN", TODAY, InvalidError),
    ]
    for who, location, lines, cause, on, error in cases:
        with pytest.raises(error), shop.write(who) as session:
            receive_stock(
                session, who, location_code=location, lines=lines, cause=cause, origin_on=on, now=NOW
            )
    assert stock(shop) == {}
    assert movements(shop) == 0


def test_corrections_move_free_stock_only(shop: Database) -> None:
    skus, places = ids(shop)
    put(shop, "PLANT", "AC", 4, on=date(2026, 3, 1), cost="90")
    put(shop, "PLANT", "AC", 6, on=date(2026, 9, 1), cost="100")
    ops = actor(shop, "ops")
    with shop.write(SYSTEM) as session:
        held = [Placement(skus["AC"], places["PLANT"], 3)]
        reserve(session, placements=held, cause="SO-1", now=NOW)
    with pytest.raises(InsufficientStockError) as caught, shop.write(ops) as session:
        correct_stock(
            session, ops, location_code="PLANT", sku_code="AC", delta_qty=-8, cause="COUNT-1", now=NOW
        )
    assert caught.value.facts == {"sku": "AC", "wanted": 8, "available": 7}
    with pytest.raises(InvalidError), shop.write(ops) as session:
        correct_stock(
            session, ops, location_code="PLANT", sku_code="AC", delta_qty=0, cause="COUNT-1", now=NOW
        )
    assert stock(shop) == {("PLANT", "AC"): (10, 3)}
    with shop.write(ops) as session:
        correct_stock(
            session, ops, location_code="PLANT", sku_code="AC", delta_qty=-5, cause="COUNT-1", now=NOW
        )
        correct_stock(
            session,
            ops,
            location_code="PLANT",
            sku_code="AC",
            delta_qty=2,
            cause="COUNT-2",
            unit_cost=Decimal("95"),
            now=NOW,
        )
    assert stock(shop) == {("PLANT", "AC"): (7, 3)}
    check_stock(shop)
    with shop.read(ops) as session:
        view = get_layers(session, location_code="PLANT", sku_code="AC", day=TODAY)
        assert [(row.origin_on, row.unit_cost_micros, row.qty) for row in view.layers] == [
            (TODAY, 95_000_000, 2),
            (date(2026, 9, 1), 100_000_000, 5),
        ]
        assert [row.age_days for row in view.layers] == [0, 44]
        assert list(view.ageing.values()) == [2, 5, 0, 0, 0]
        taken = session.exec(select(Movement).where(Movement.cause == "COUNT-1").order_by(Movement.id)).all()
        assert [(row.origin_on, row.on_hand_delta) for row in taken] == [
            (date(2026, 3, 1), -4),  # oldest first, one row per layer
            (date(2026, 9, 1), -1),
        ]


def test_layers_as_they_stood_at_an_instant(shop: Database) -> None:
    with shop.write(SYSTEM) as session:
        for month, qty in ((3, 10), (6, 5)):
            moment = NOW.replace(month=month)
            lines = [("AC", qty, Decimal(month))]
            receive_stock(session, SYSTEM, location_code="PLANT", lines=lines, cause="GRN", now=moment)
        correct_stock(
            session, SYSTEM, location_code="PLANT", sku_code="AC", delta_qty=-12, cause="COUNT", now=NOW
        )
    with shop.read(SYSTEM) as session:
        may = get_layers(
            session, location_code="PLANT", sku_code="AC", day=date(2026, 5, 1), until=NOW.replace(month=5)
        )
        now = get_layers(session, location_code="PLANT", sku_code="AC", day=TODAY)
    assert [(row.origin_on, row.qty) for row in may.layers] == [(date(2026, 3, 15), 10)]
    assert [(row.origin_on, row.qty) for row in now.layers] == [(date(2026, 6, 15), 3)]


def test_reserving_holds_what_a_plan_wants_place_by_place(shop: Database) -> None:
    """Several lines at one place are one movement (T10); freeing undoes it exactly."""
    skus, places = ids(shop)
    put(shop, "PLANT", "AC", 5)
    put(shop, "SOUTH", "AC", 5)
    with shop.read(SYSTEM) as session:
        brand = session.exec(select(Location).where(Location.code == "PLANT")).one().partner_id
        assert location_ids_of(session, partner_id=brand) == [places["PLANT"], places["SOUTH"]]
    wanted = [
        Placement(skus["AC"], places["SOUTH"], 3),
        Placement(skus["AC"], places["PLANT"], 2),
        Placement(skus["AC"], places["PLANT"], 3),
    ]
    with shop.write(SYSTEM) as session:
        reserve(session, placements=[], cause="SO-0", now=NOW)
        reserve(session, placements=wanted, cause="SO-1", now=NOW)
    assert stock(shop) == {("PLANT", "AC"): (5, 5), ("SOUTH", "AC"): (5, 3)}
    with shop.write(SYSTEM) as session:
        release(session, placements=wanted, cause="SO-1", now=NOW)
    assert stock(shop) == {("PLANT", "AC"): (5, 0), ("SOUTH", "AC"): (5, 0)}
    with shop.read(SYSTEM) as session:
        rows = session.exec(select(Movement).where(Movement.cause == "SO-1").order_by(Movement.id)).all()
    assert [(row.kind, row.location_id, row.on_hand_delta, row.reserved_delta) for row in rows] == [
        ("reserve", places["PLANT"], 0, 5),
        ("reserve", places["SOUTH"], 0, 3),
        ("release", places["PLANT"], 0, -5),
        ("release", places["SOUTH"], 0, -3),
    ]
    check_stock(shop)


def test_reserving_is_all_or_nothing(shop: Database) -> None:
    skus, places = ids(shop)
    put(shop, "PLANT", "AC", 5)
    put(shop, "PLANT", "TV", 2)
    plant = places["PLANT"]
    before = movements(shop)
    for wanted, facts in (
        ([("AC", 2), ("TV", 3)], {"sku": "TV", "wanted": 3, "available": 2}),
        ([("TV", 2), ("AC", 3), ("AC", 3)], {"sku": "AC", "wanted": 6, "available": 5}),
        ([("AC", 1), ("BOX", 1)], {"sku": "BOX", "wanted": 1, "available": 0}),  # never lay there
    ):
        placements = [Placement(skus[code], plant, qty) for code, qty in wanted]
        with pytest.raises(InsufficientStockError) as caught, shop.write(SYSTEM) as session:
            reserve(session, placements=placements, cause="SO-1", now=NOW)
        assert caught.value.facts == facts
    assert str(caught.value) == "BOX: 1 wanted, 0 available."
    service = [Placement(skus["AC"], plant, 1), Placement(skus["POST"], plant, 1)]
    with pytest.raises(NotStockedError), shop.write(SYSTEM) as session:
        reserve(session, placements=service, cause="SO-1", now=NOW)
    held = [Placement(skus["AC"], plant, 2)]
    with pytest.raises(InsufficientStockError), shop.write(SYSTEM) as session:
        release(session, placements=held, cause="SO-1", now=NOW)  # nothing was promised
    assert stock(shop) == {("PLANT", "AC"): (5, 0), ("PLANT", "TV"): (2, 0)}
    assert movements(shop) == before
    with shop.write(SYSTEM) as session:
        reserve(session, placements=[Placement(skus["AC"], plant, 5)], cause="SO-1", now=NOW)
    with pytest.raises(InsufficientStockError), shop.write(SYSTEM) as session:
        reserve(session, placements=[Placement(skus["AC"], plant, 1)], cause="SO-2", now=NOW)
    assert stock(shop) == {("PLANT", "AC"): (5, 5), ("PLANT", "TV"): (2, 0)}
    check_stock(shop)


def test_the_place_that_is_short_is_named_though_another_is_now_full(shop: Database) -> None:
    skus, places = ids(shop)
    put(shop, "PLANT", "AC", 5)
    put(shop, "PLANT", "TV", 2)
    wanted = [Placement(skus["AC"], places["PLANT"], 5), Placement(skus["TV"], places["PLANT"], 3)]
    with pytest.raises(InsufficientStockError) as caught, shop.write(SYSTEM) as session:
        reserve(session, placements=wanted, cause="SO-1", now=NOW)
    assert stock(shop) == {("PLANT", "AC"): (5, 0), ("PLANT", "TV"): (2, 0)}
    assert caught.value.facts == {"sku": "TV", "wanted": 3, "available": 2}


def test_shipping_takes_the_oldest_layers_and_a_return_brings_them_back(shop: Database) -> None:
    skus, places = ids(shop)
    put(shop, "PLANT", "AC", 3, on=date(2026, 2, 1), cost="90")
    put(shop, "PLANT", "AC", 5, on=date(2026, 8, 1), cost="100")
    placement = Placement(skus["AC"], places["PLANT"], 4)
    with shop.write(SYSTEM) as session:
        reserve(session, placements=[placement], cause="SO-1", now=NOW)
        # two order lines at one place are one issue
        halves = [Placement(skus["AC"], places["PLANT"], 2)] * 2
        left = ship(session, placements=halves, cause="SH-1", now=NOW)
        assert left == {
            skus["AC"]: [Layer(date(2026, 2, 1), 90_000_000, 3), Layer(date(2026, 8, 1), 100_000_000, 1)]
        }
        for before, qty in ((0, 2), (2, 2)):
            take_back(
                session,
                placement=Placement(skus["AC"], places["PLANT"], qty),
                shipped_cause="SH-1",
                returned_before_qty=before,
                fallback_on=TODAY,
                cause=f"RT-{before}",
                now=NOW,
            )
        take_back(
            session,
            placement=Placement(skus["AC"], places["PLANT"], 1),
            shipped_cause="SH-UNKNOWN",
            returned_before_qty=0,
            fallback_on=date(2026, 5, 5),
            cause="RT-X",
            now=NOW,
        )
    with shop.read(SYSTEM) as session:
        rows = session.exec(select(Movement).order_by(Movement.id)).all()
    assert [(row.kind, row.on_hand_delta, row.reserved_delta, row.origin_on) for row in rows[2:]] == [
        ("reserve", 0, 4, None),
        ("ship", -3, -3, date(2026, 2, 1)),
        ("ship", -1, -1, date(2026, 8, 1)),
        ("return", 2, 0, date(2026, 2, 1)),
        ("return", 1, 0, date(2026, 2, 1)),
        ("return", 1, 0, date(2026, 8, 1)),
        ("return", 1, 0, date(2026, 5, 5)),
    ]
    assert stock(shop) == {("PLANT", "AC"): (9, 0)}
    check_stock(shop)
    with pytest.raises(InsufficientStockError), shop.write(SYSTEM) as session:
        ship(session, placements=[placement], cause="SH-2", now=NOW)  # nothing is reserved
    assert stock(shop) == {("PLANT", "AC"): (9, 0)}


def test_sending_back_undoes_the_receipt_or_is_refused(shop: Database) -> None:
    skus, places = ids(shop)
    with shop.write(SYSTEM) as session:
        for cause, on in (("OLD", date(2026, 2, 1)), ("NEW", date(2026, 8, 1))):
            receive_stock(
                session,
                SYSTEM,
                location_code="GZ-WH",
                lines=[("AC", 5, Decimal(100))],
                cause=cause,
                origin_on=on,
                now=NOW,
            )
        back = [Placement(skus["AC"], places["GZ-WH"], 4)]
        send_back(session, placements=back, received_cause="NEW", cause="RT-1", now=NOW)
    with shop.read(SYSTEM) as session:
        view = get_layers(session, location_code="GZ-WH", sku_code="AC", day=TODAY)
    assert [(row.origin_on, row.qty) for row in view.layers] == [(date(2026, 8, 1), 1), (date(2026, 2, 1), 5)]
    too_much = [Placement(skus["AC"], places["GZ-WH"], 7)]
    with pytest.raises(InsufficientStockError), shop.write(SYSTEM) as session:
        send_back(session, placements=too_much, received_cause="NEW", cause="RT-2", now=NOW)
    assert stock(shop) == {("GZ-WH", "AC"): (6, 0)}
    check_stock(shop)


def test_locations_are_opened_by_their_owner_or_by_who_admits_partners(shop: Database) -> None:
    gz, ops = actor(shop, "gz"), actor(shop, "ops")
    facts = {"name": "新仓", "kind": "warehouse", "region_code": "440100", "now": NOW}
    with shop.write(gz) as session:
        create_location(session, gz, code="GZ-2", partner_code="GZ", priority=1, **facts)
    with shop.write(ops) as session:
        create_location(session, ops, code="SZ-2", partner_code="SZ", **facts)
    refusals = [
        (gz, {"code": "GD-9", "partner_code": "GD"}, NotFoundError),
        (gz, {"code": "OUT-9", "partner_code": "OUT"}, NotYourLocationError),
        (gz, {"code": "SZ-WH", "partner_code": "GZ"}, ConflictError),
        (gz, {"code": " ", "partner_code": "GZ"}, InvalidError),
        (gz, {"code": "GZ-3", "partner_code": "GZ", "kind": "cave"}, InvalidError),
        (actor(shop, "boss"), {"code": "BR-9", "partner_code": "BR"}, ForbiddenError),
    ]
    for who, changes, error in refusals:
        with pytest.raises(error), shop.write(who) as session:
            create_location(session, who, **(facts | changes))
    with shop.read(gz) as session:
        assert [row.code for row in list_locations(session)] == ["GZ-WH", "GZ-2"]
    with shop.read(SYSTEM) as session:
        assert [row.code for row in list_locations(session, partner_code="SZ")] == ["SZ-2", "SZ-WH"]
        assert len(list_locations(session)) == 7


def test_everybody_sees_their_own_stock_only(shop: Database) -> None:
    for location in ("PLANT", "SOUTH", "GD-WH", "GZ-WH", "SZ-WH"):
        put(shop, location, "AC", 3)
    put(shop, "PLANT", "TV", 1)
    seen = {}
    for username in ("ops", "gd", "gz", "sz", "shop"):
        with shop.read(actor(shop, username)) as session:
            page = list_stock(session)
            assert page.total == len(page.rows)
            seen[username] = [(row.location_code, row.sku_code) for row in page.rows]
    assert seen["ops"] == [
        ("PLANT", "AC"),
        ("PLANT", "TV"),
        ("SOUTH", "AC"),
        ("GD-WH", "AC"),
        ("GZ-WH", "AC"),
        ("SZ-WH", "AC"),
    ]
    assert seen["gd"] == [("GD-WH", "AC")]
    assert seen["gz"] == [("GZ-WH", "AC")]
    assert seen["shop"] == []
    with shop.read(actor(shop, "sz")) as session:
        assert list_stock(session, query=ListQuery(facets={"partner": ("GZ",)})).total == 0
        for read in (list_movements, lambda s, **k: get_layers(s, day=TODAY, **k)):
            with pytest.raises(NotFoundError):
                read(session, location_code="GZ-WH", sku_code="AC")
    with shop.read(SYSTEM) as session:
        assert list_stock(session, query=ListQuery("south")).total == 1
        assert list_stock(session, query=ListQuery("tv")).rows[0].available_qty == 1
        chosen = {"partner": ("BR",), "location": ("PLANT",), "sku": ("AC",)}
        assert list_stock(session, query=ListQuery(facets=chosen)).total == 1
        window = list_stock(session, query=ListQuery(offset=1, limit=2))
        assert ([row.location_code for row in window.rows], window.total) == (["PLANT", "SOUTH"], 6)
        with pytest.raises(InvalidError):
            list_stock(session, query=ListQuery(limit=0))


def test_stock_moves_with_its_owner_through_the_tree(shop: Database) -> None:
    put(shop, "GZ-WH", "AC", 3)
    with shop.write(SYSTEM) as session:
        set_scope_level(session, SYSTEM, tier_code="province", resource="stock", level="subtree", now=NOW)
    with shop.read(actor(shop, "gd")) as session:
        assert [row.location_code for row in list_stock(session).rows] == ["GZ-WH"]
        assert list_movements(session, location_code="GZ-WH", sku_code="AC").total == 1
    install_reactions({"partner.moved": (follow_partner_move,)})
    try:
        with shop.write(SYSTEM) as session:
            move_partner(session, SYSTEM, code="GZ", parent_code="BR", now=NOW)
    finally:
        install_reactions({})
    with shop.read(actor(shop, "gd")) as session:
        assert list_stock(session).total == 0
        assert [row.code for row in list_locations(session)] == ["GD-WH", "SZ-WH"]
    with shop.read(actor(shop, "gz")) as session:
        assert list_stock(session).total == 1
