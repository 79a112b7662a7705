"""Orders as the second revision kept them, written as plain rows: placed, shipped, delivered, returned …"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Date, DateTime, Integer, MetaData, Numeric, insert

AT = datetime(2026, 10, 15, 4, 0, tzinfo=UTC)
DAY = date(2026, 10, 15)
LATER = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
UNIT = (100, 13, 113)  # net, tax, gross of one AC; POST is 100, 6, 106


class Rows:
    """Writes rows into whatever columns a table has; what is not named is nothing, zero or empty."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.tables = MetaData()
        self.tables.reflect(connection)

    def put(self, table: str, **values: Any) -> Any:
        """Insert a row and return its id."""
        target = self.tables.tables[table]
        row = {column.name: _nothing(column.type) for column in target.columns if not column.nullable}
        row.pop("id", None)
        unknown = set(values) - set(target.columns.keys())
        assert not unknown, f"{table} has no {unknown}"
        return self.connection.execute(insert(target), row | values).inserted_primary_key[0]


def _nothing(kind: Any) -> Any:
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, DateTime):
        return AT
    if isinstance(kind, Date):
        return DAY
    if isinstance(kind, JSON):
        return {}
    return 0 if isinstance(kind, (Integer, Numeric)) else ""


class OldTrade:
    """A brand with two places, a buyer with one, and the life of six orders between them."""

    def __init__(self, connection: Connection) -> None:
        self.rows = Rows(connection)
        self._write_masters()
        self._stock: dict[tuple[str, str], list[int]] = {}
        self._orders: dict[str, Any] = {}
        self._lines: dict[tuple[str, int], Any] = {}
        self._legs: dict[tuple[str, int], Any] = {}
        for place in ("PLANT", "SOUTH"):
            self._move(place, 20, kind="receipt", cause="GRN", origin_on=DAY, unit_cost_micros=2_000_000)
        self._write_orders()
        self._write_balances()

    def _write_masters(self) -> None:
        put = self.rows.put
        region = put("region", code="440000", path="CN/440000/", level="province")
        line = put("product_line", code="HOME", path="HOME/")
        category = put("category", code="ALL", product_line_id=line)
        product = put("product", code="P", category_id=category)
        common = {"product_id": product, "order_multiple_qty": 1, "is_orderable": True, "version": 1}
        self.skus = {
            "AC": put("sku", code="AC", kind="goods", tax_ppm=130_000, **common),
            "POST": put("sku", code="POST", kind="service", tax_ppm=60_000, **common),
        }
        tier = put("tier", code="t", version=1)
        self.partners: dict[str, tuple[int, str]] = {}
        for code, kind in (("BR", "brand"), ("GZ", "agent")):
            path = "/1/" if code == "BR" else "/1/2/"
            key = put(
                "partner",
                code=code,
                kind=kind,
                tier_id=tier,
                region_id=region,
                status="active",
                path=path,
                version=1,
            )
            self.partners[code] = (key, path)
        self.region = region
        put(
            "network",
            id=1,
            brand_id=self.partners["BR"][0],
            currency="CNY",
            zone="Asia/Shanghai",
        )
        self.places = {
            code: put(
                "location",
                code=code,
                kind=kind,
                partner_id=self.partners[owner][0],
                partner_path=self.partners[owner][1],
                region_id=region,
            )
            for code, kind, owner in (
                ("PLANT", "plant", "BR"),
                ("SOUTH", "regional_warehouse", "BR"),
                ("GZ-WH", "warehouse", "GZ"),
            )
        }
        self.account = put(
            "trading_account",
            **self.parties(),
            currency="CNY",
            terms_days=30,
            credit_limit_amount=10_000_000,
            version=1,
        )

    def parties(self, *, paths: bool = True) -> dict[str, Any]:
        """Seller and buyer as columns."""
        (seller, seller_path), (buyer, buyer_path) = self.partners["BR"], self.partners["GZ"]
        ids = {"seller_id": seller, "buyer_id": buyer}
        return ids | ({"seller_path": seller_path, "buyer_path": buyer_path} if paths else {})

    def _move(self, place: str, on_hand: int, *, reserved: int = 0, **facts: Any) -> None:
        owner = self.partners["GZ" if place == "GZ-WH" else "BR"]
        self.rows.put(
            "stock_movement",
            location_id=self.places[place],
            sku_id=self.skus["AC"],
            partner_id=owner[0],
            partner_path=owner[1],
            on_hand_delta=on_hand,
            reserved_delta=reserved,
            moved_at=AT,
            **facts,
        )
        balance = self._stock.setdefault((place, "AC"), [0, 0])
        balance[0] += on_hand
        balance[1] += reserved

    def _write_balances(self) -> None:
        for (place, sku), (on_hand, reserved) in self._stock.items():
            owner = self.partners["GZ" if place == "GZ-WH" else "BR"]
            self.rows.put(
                "stock_balance",
                location_id=self.places[place],
                sku_id=self.skus[sku],
                partner_id=owner[0],
                partner_path=owner[1],
                on_hand_qty=on_hand,
                reserved_qty=reserved,
            )

    def _write_orders(self) -> None:
        # two places, a rest that nobody has, and a service
        self._order(
            "SO-1",
            "placed",
            [("AC", 5, "PLANT", 5), ("AC", 3, "SOUTH", 3), ("AC", 2, None, 0), ("POST", 1, None, 0)],
        )
        self._order("SO-2", "placed", [("AC", 1, "PLANT", 1), ("POST", 2, None, 0)])
        self._order("SO-3", "shipped", [("AC", 2, "PLANT", 2)], shipment="SH-3")
        self._order(
            "SO-4", "delivered", [("AC", 4, "PLANT", 4), ("AC", 1, "SOUTH", 1)], shipment="SH-4", returned=1
        )
        self._order("SO-5", "cancelled", [("AC", 1, "PLANT", 0), ("AC", 1, None, 0)])
        self._recorded("SO-6")

    def _order(
        self,
        number: str,
        status: str,
        lines: list[tuple[str, int, str | None, int]],
        *,
        shipment: str = "",
        returned: int = 0,
    ) -> None:
        put = self.rows.put
        totals = [sum(qty * _unit(sku)[column] for sku, qty, _, _ in lines) for column in range(3)]
        self._orders[number] = order = put(
            "sales_order",
            number=number,
            status=status,
            **self.parties(),
            **_amounts(*totals),
            region_id=self.region,
            account_id=self.account,
            currency="CNY",
            placed_at=AT,
            version=1,
        )
        for no, (sku, qty, place, held) in enumerate(lines, 1):
            is_out = bool(shipment)
            self._lines[number, no] = put(
                "order_line",
                order_id=order,
                line_no=no,
                sku_id=self.skus[sku],
                qty=qty,
                unit_price=_unit(sku)[2] * 10_000,
                tax_ppm=130_000 if sku == "AC" else 60_000,
                **_amounts(*(qty * part for part in _unit(sku))),
                location_id=self.places[place] if place else None,
                reserved_qty=0 if is_out else held,
                shipped_qty=held if is_out else 0,
                returned_qty=returned if no == 1 else 0,
            )
            if held:
                self._move(place or "", 0, reserved=held, kind="reserve", cause=number)
        if status == "placed":
            self._commit(number, totals[2])
        elif shipment:
            self._commit(number, totals[2])
            self._commit(number, -totals[2])
            self._ship(number, shipment, lines, is_delivered=status == "delivered")
        if returned:
            self._return(number, shipment, returned)

    def _commit(self, number: str, amount: int) -> None:
        self.rows.put(
            "account_commitment",
            account_id=self.account,
            **self.parties(paths=False),
            document=number,
            amount=amount,
            recorded_at=AT,
        )

    def _ship(
        self,
        number: str,
        shipment: str,
        lines: list[tuple[str, int, str | None, int]],
        *,
        is_delivered: bool,
    ) -> None:
        put = self.rows.put
        key = put(
            "shipment",
            number=shipment,
            order_id=self._orders[number],
            **self.parties(),
            carrier="顺丰",
            waybill=f"W-{number}",
            shipped_at=AT,
            delivered_at=LATER if is_delivered else None,
            signed_by="李四" if is_delivered else "",
        )
        posting = put("journal_posting", key=f"shipment:{shipment}", source="shipment", posted_at=AT)
        for no, (sku, qty, place, _) in enumerate(lines, 1):
            amounts = _amounts(*(qty * part for part in _unit(sku)))
            put("shipment_line", shipment_id=key, order_line_id=self._lines[number, no], qty=qty, **amounts)
            layer = {"origin_on": DAY, "unit_cost_micros": 2_000_000}
            self._move(place or "", -qty, reserved=-qty, kind="ship", cause=shipment, **layer)
            if is_delivered:
                self._move("GZ-WH", qty, kind="receipt", cause=shipment, **layer)
            self._legs[number, no] = self._leg(posting, number, no, sku, qty, document=number)
        self._invoice(number, f"IN-{number}", sum(qty for _, qty, _, _ in lines))

    def _return(self, number: str, shipment: str, qty: int) -> None:
        put = self.rows.put
        document = f"RT-{number}"
        back = put(
            "sales_return",
            number=document,
            order_id=self._orders[number],
            **self.parties(),
            returned_at=LATER,
            returned_on=DAY,
        )
        put(
            "return_line",
            return_id=back,
            line_no=1,
            order_line_id=self._lines[number, 1],
            sku_id=self.skus["AC"],
            qty=qty,
            unit_price=UNIT[2] * 10_000,
            **_amounts(*(qty * part for part in UNIT)),
        )
        layer = {"origin_on": DAY, "unit_cost_micros": 2_000_000}
        self._move("GZ-WH", -qty, kind="return", cause=document, **layer)
        self._move("PLANT", qty, kind="return", cause=document, **layer)
        posting = put("journal_posting", key=f"return:{document}", source="return", posted_at=LATER)
        origin = {"origin_leg_id": self._legs[number, 1], "origin_on": DAY}
        self._leg(posting, number, 1, "AC", -qty, document=document, **origin)
        self._invoice(document, f"CN-{number}", -qty)

    def _leg(
        self, posting: Any, number: str, no: int, sku: str, qty: int, *, document: str, **facts: Any
    ) -> Any:
        return self.rows.put(
            "journal_leg",
            posting_id=posting,
            step="sell_in",
            booked_on=DAY,
            **self.parties(),
            region_id=self.region,
            sku_id=self.skus[sku],
            qty=qty,
            price_micros=_unit(sku)[2] * 10_000,
            amount=qty * _unit(sku)[2] * 10_000,
            tax_amount=qty * _unit(sku)[1] * 10_000,
            order_id=self._orders[number],
            document=document,
            line_no=no,
            **facts,
        )

    def _invoice(self, document: str, number: str, qty: int) -> None:
        """An invoice (or, for a negative quantity, a credit note) over AC, and its ledger journal."""
        put = self.rows.put
        amounts = _amounts(*(qty * part for part in UNIT))
        invoice = put(
            "invoice",
            account_id=self.account,
            **self.parties(),
            number=number,
            document=document,
            kind="invoice" if qty > 0 else "credit_note",
            currency="CNY",
            **amounts,
        )
        put("invoice_line", invoice_id=invoice, line_no=1, sku_code="AC", qty=qty, **amounts)
        seller, buyer = (self.partners[code][0] for code in ("BR", "GZ"))
        journal = put("ledger_journal", key=f"invoice:{number}", document=number)
        gross = amounts["gross_amount"]
        for name, amount in ((f"{seller}:{buyer}:receivable", gross), (f"{seller}:{buyer}:revenue", -gross)):
            put(
                "ledger_entry",
                journal_id=journal,
                owner_id=seller,
                account=name,
                currency="CNY",
                amount=amount,
            )

    def _recorded(self, number: str) -> None:
        """Imported history: amounts stand in the journal only, nothing is fulfilled."""
        put = self.rows.put
        self._orders[number] = put(
            "sales_order",
            number=number,
            status="recorded",
            **self.parties(),
            region_id=self.region,
            currency="CNY",
            placed_at=AT,
            version=1,
        )
        put(
            "order_line",
            order_id=self._orders[number],
            line_no=1,
            sku_id=self.skus["AC"],
            qty=3,
            unit_price=UNIT[2] * 10_000,
        )
        posting = put("journal_posting", key="import", source="import", posted_at=AT)
        self._leg(posting, number, 1, "AC", 3, document=number)


def _unit(sku: str) -> tuple[int, int, int]:
    return UNIT if sku == "AC" else (100, 6, 106)


def _amounts(net: int, tax: int, gross: int) -> dict[str, int]:
    return {"net_amount": net, "tax_amount": tax, "gross_amount": gross}
