"""From a stock record of core to what its page shows."""

from .. import routes
from ..core.inventory import LayersView, RecallView, StockRecord
from ..core.kernel.errors import msg
from ..core.lists.words import LOCATION_KINDS
from ..i18n import gettext
from ..i18n.presentation import NO_VALUE, day, in_language, instant, micros, number


def facts(record: StockRecord, language: str) -> dict[str, str]:
    """The header and the key facts."""
    found = record.reported
    return {
        "place": in_language(record.location_name, record.location_name_en, language),
        "place_code": record.location_code,
        "place_href": f"{routes.STOCK}?location={record.location_code}",
        "kind": gettext(LOCATION_KINDS[record.location_kind], language),
        "partner": in_language(record.partner_name, record.partner_name_en, language),
        "partner_code": record.partner_code,
        "partner_href": routes.partner(record.partner_code),
        "sku": record.sku_code,
        "sku_href": routes.sku(record.sku_code),
        "name": in_language(record.sku_name, record.sku_name_en, language),
        "unit": gettext(record.unit, language),
        "on_hand": number(record.on_hand_qty, language),
        "reserved": number(record.reserved_qty, language),
        "available": number(record.available_qty, language),
        "unfit": number(record.unfit_qty, language) if record.is_lot_tracked else "",
        "min_life": str(record.min_life_days) if record.is_lot_tracked else "",
        "has_lots": "yes" if record.is_lot_tracked else "",
        "reported": number(found.reported_qty, language) if found else NO_VALUE,
        "reported_by": f"{found.source} · {found.document}" if found else "",
        "calculated": number(found.calculated_qty, language) if found else NO_VALUE,
        "counted_on": day(found.counted_on) if found else NO_VALUE,
        "gap": f"{found.gap_qty:+,d}" if found and found.gap_qty else ("0" if found else NO_VALUE),
        "gap_tone": "good" if found and not found.gap_qty else "warn",
        "age": number(found.age_days, language) if found else NO_VALUE,
        "today": record.day.isoformat(),
    }


def lots(record: StockRecord, language: str) -> list[dict[str, str]]:
    """Lots on hand, first expired first."""
    rows = []
    for lot in record.lots:
        word, tone = msg("can be shipped"), "good"
        if lot.left_days < 0:
            word, tone = msg("expired"), "bad"
        elif not lot.is_fit:
            word, tone = msg("too little life left"), "warn"
        rows.append(
            {
                "code": lot.code,
                "code_href": f"{routes.stock_record(record.location_code, record.sku_code)}"
                f"?tab=recall&recall={lot.code}",
                "expires": day(lot.expires_on),
                "left": number(lot.left_days, language),
                "qty": number(lot.qty, language),
                "state": gettext(word, language),
                "state_tone": tone,
            }
        )
    return rows


def layers(view: LayersView, currency: str, language: str) -> list[dict[str, str]]:
    """Layers, newest first."""
    return [
        {
            "origin": day(row.origin_on),
            "lot": row.lot_code or NO_VALUE,
            "age": number(row.age_days, language),
            "qty": number(row.qty, language),
            "cost": micros(row.unit_cost_micros, currency, language),
        }
        for row in view.layers
    ]


def ages(view: LayersView, language: str) -> list[dict[str, str]]:
    """Ageing buckets with the width of their bars in per cent of what is on hand."""
    return [
        {
            "label": gettext(label, language),
            "qty": number(qty, language),
            "width": f"{qty * 100 // view.on_hand_qty if view.on_hand_qty else 0}%",
        }
        for label, qty in view.ageing.items()
    ]


def recall_places(view: RecallView, language: str) -> list[dict[str, str]]:
    """Where the lot lies."""
    return [
        {
            "place": in_language(row.location_name, row.location_name_en, language),
            "place_href": routes.stock_record(row.location_code, view.sku_code),
            "partner": in_language(row.partner_name, row.partner_name_en, language),
            "partner_href": routes.partner(row.partner_code),
            "qty": number(row.qty, language),
        }
        for row in view.places
    ]


def recall_shipments(view: RecallView, language: str, zone: str) -> list[dict[str, str]]:
    """To whom it went."""
    return [
        {
            "document": row.document,
            "at": instant(row.shipped_at, zone),
            "place": row.location_code,
            "receiver": in_language(row.receiver_name, row.receiver_name_en, language) or NO_VALUE,
            "receiver_href": routes.partner(row.receiver_code) if row.receiver_code else "",
            "qty": number(row.qty, language),
        }
        for row in view.shipments
    ]
