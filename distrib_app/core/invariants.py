"""What must always hold between the books, the stock, the orders, the journal and the lake.

Each invariant is one statement that returns the keys of the rows that break it; none is the good answer.
They run as the system, see everything, and change nothing.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from .analytics import LakeStore
from .kernel.errors import msg


@dataclass(frozen=True, slots=True)
class Invariant:
    """A statement of what must not exist; its first column names the offender."""

    name: str
    offenders: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one invariant."""

    name: str
    is_clean: bool
    detail: str


INVARIANTS = (
    Invariant(
        msg("every ledger journal balances per owner and currency"),
        """SELECT journal_id FROM ledger_entry
           GROUP BY journal_id, owner_id, currency HAVING SUM(amount) <> 0""",
    ),
    Invariant(
        msg("stock balance = sum of its movements"),
        """SELECT b.location_id, b.sku_id FROM stock_balance b LEFT JOIN (
             SELECT location_id, sku_id, SUM(on_hand_delta) AS on_hand, SUM(reserved_delta) AS reserved
             FROM stock_movement GROUP BY location_id, sku_id) m
           ON m.location_id = b.location_id AND m.sku_id = b.sku_id
           WHERE COALESCE(m.on_hand, 0) <> b.on_hand_qty OR COALESCE(m.reserved, 0) <> b.reserved_qty""",
    ),
    Invariant(
        msg("every movement has its balance"),
        """SELECT DISTINCT m.location_id, m.sku_id FROM stock_movement m LEFT JOIN stock_balance b
           ON b.location_id = m.location_id AND b.sku_id = m.sku_id WHERE b.sku_id IS NULL""",
    ),
    Invariant(
        msg("reserved ≤ on hand, neither below zero"),
        """SELECT location_id, sku_id FROM stock_balance
           WHERE reserved_qty < 0 OR on_hand_qty < 0 OR reserved_qty > on_hand_qty""",
    ),
    Invariant(
        msg("lots of a SKU kept by lot add up to its balance"),
        """SELECT b.location_id, b.sku_id FROM stock_balance b JOIN sku s ON s.id = b.sku_id
           JOIN product p ON p.id = s.product_id JOIN category c ON c.id = p.category_id
           JOIN product_line l ON l.id = c.product_line_id LEFT JOIN (
             SELECT location_id, sku_id, SUM(on_hand_delta) AS qty FROM stock_movement
             WHERE lot_id IS NOT NULL GROUP BY location_id, sku_id) m
           ON m.location_id = b.location_id AND m.sku_id = b.sku_id
           WHERE l.is_lot_tracked AND COALESCE(m.qty, 0) <> b.on_hand_qty""",
    ),
    Invariant(
        msg("no lot below zero at any place, and each of its own SKU"),
        """SELECT m.location_id, t.code FROM stock_movement m JOIN stock_lot t ON t.id = m.lot_id
           GROUP BY m.location_id, t.id, t.code
           HAVING SUM(m.on_hand_delta) < 0 OR MIN(m.sku_id) <> MAX(t.sku_id)
              OR MAX(m.sku_id) <> MAX(t.sku_id)""",
    ),
    Invariant(
        msg("reserved stock = what open orders and transfers reserved"),
        """SELECT b.location_id, b.sku_id FROM stock_balance b LEFT JOIN (
             SELECT location_id, sku_id, SUM(reserved_qty) AS reserved FROM (
               SELECT f.location_id, l.sku_id, l.reserved_qty
               FROM fulfilment_line l JOIN fulfilment_order f ON f.id = l.fulfilment_id
               WHERE l.reserved_qty <> 0
               UNION ALL SELECT t.from_location_id, q.sku_id, q.reserved_qty
               FROM stock_transfer_line q JOIN stock_transfer t ON t.id = q.transfer_id
               WHERE q.reserved_qty <> 0) r
             GROUP BY location_id, sku_id) o
           ON o.location_id = b.location_id AND o.sku_id = b.sku_id
           WHERE COALESCE(o.reserved, 0) <> b.reserved_qty""",
    ),
    Invariant(
        msg("every unit of a transfer is reserved, on the road, or known to have ended somewhere"),
        """SELECT t.number, l.line_no FROM stock_transfer_line l JOIN stock_transfer t ON t.id = l.transfer_id
           WHERE l.received_qty < 0 OR l.short_qty < 0 OR l.restored_qty < 0 OR l.written_off_qty < 0
             OR l.reserved_qty <> CASE WHEN t.status IN ('approved', 'picked') THEN l.qty ELSE 0 END
             OR l.shipped_qty <> CASE WHEN t.shipped_at IS NOT NULL THEN l.qty ELSE 0 END
             OR l.received_qty + l.short_qty + l.restored_qty + l.written_off_qty > l.shipped_qty
             OR (t.status NOT IN ('in_transit', 'partly_received')
               AND l.received_qty + l.short_qty + l.restored_qty + l.written_off_qty <> l.shipped_qty)""",
    ),
    Invariant(
        msg("movements of a transfer = its units on the road"),
        """SELECT t.number, l.line_no FROM stock_transfer_line l JOIN stock_transfer t ON t.id = l.transfer_id
           LEFT JOIN (SELECT cause, sku_id, SUM(on_hand_delta) AS qty FROM stock_movement
                      WHERE kind IN ('transfer_out', 'transfer_in') GROUP BY cause, sku_id) m
           ON m.cause = t.number AND m.sku_id = l.sku_id
           WHERE COALESCE(m.qty, 0)
             <> l.received_qty + l.short_qty + l.restored_qty + l.written_off_qty - l.shipped_qty""",
    ),
    Invariant(
        msg("a place expects what transfers have on the road to it"),
        """SELECT t.number, l.line_no FROM stock_transfer_line l JOIN stock_transfer t ON t.id = l.transfer_id
           LEFT JOIN pending_stock p ON p.cause = t.number AND p.kind = 'expected'
             AND p.location_id = t.to_location_id AND p.sku_id = l.sku_id
           WHERE COALESCE(p.qty, 0) <> CASE
             WHEN t.status IN ('requested', 'approved', 'picked') THEN l.qty
             WHEN t.status IN ('in_transit', 'partly_received') THEN
               l.shipped_qty - l.received_qty - l.short_qty - l.restored_qty - l.written_off_qty
             ELSE 0 END""",
    ),
    Invariant(
        msg("order = sum of its lines"),
        """SELECT o.number FROM sales_order o JOIN (
             SELECT order_id, SUM(net_amount) AS net, SUM(tax_amount) AS tax, SUM(gross_amount) AS gross
             FROM order_line GROUP BY order_id) l ON l.order_id = o.id
           WHERE o.gross_amount IS NOT NULL
             AND (l.net <> o.net_amount OR l.tax <> o.tax_amount OR l.gross <> o.gross_amount)""",
    ),
    Invariant(
        msg("order line = sum of its parts, in quantity and to the cent"),
        """SELECT o.number, l.line_no FROM sales_order o JOIN order_line l ON l.order_id = o.id LEFT JOIN (
             SELECT f.order_id, q.line_no, SUM(q.qty) AS qty, SUM(q.net_amount) AS net,
               SUM(q.tax_amount) AS tax, SUM(q.gross_amount) AS gross
             FROM fulfilment_line q JOIN fulfilment_order f ON f.id = q.fulfilment_id
             GROUP BY f.order_id, q.line_no) p
           ON p.order_id = l.order_id AND p.line_no = l.line_no
           WHERE o.status <> 'recorded' AND (COALESCE(p.qty, 0) <> l.qty OR p.net <> l.net_amount
             OR p.tax <> l.tax_amount OR p.gross <> l.gross_amount)""",
    ),
    Invariant(
        msg("part of an order = sum of its lines"),
        """SELECT f.number FROM fulfilment_order f LEFT JOIN (
             SELECT fulfilment_id, SUM(net_amount) AS net, SUM(tax_amount) AS tax, SUM(gross_amount) AS gross
             FROM fulfilment_line GROUP BY fulfilment_id) l ON l.fulfilment_id = f.id
           WHERE COALESCE(l.net, 0) <> f.net_amount OR COALESCE(l.tax, 0) <> f.tax_amount
             OR COALESCE(l.gross, 0) <> f.gross_amount""",
    ),
    Invariant(
        msg("a line of a part: 0 ≤ returned ≤ shipped ≤ ordered, and reserved or shipped, not both"),
        """SELECT f.number, l.line_no FROM fulfilment_line l JOIN fulfilment_order f ON f.id = l.fulfilment_id
           WHERE l.returned_qty < 0 OR l.returned_qty > l.shipped_qty OR l.shipped_qty > l.qty
             OR l.reserved_qty < 0 OR l.reserved_qty + l.shipped_qty > l.qty""",
    ),
    Invariant(
        msg("what is missing of a line = its open shortages, and at most what is out"),
        """SELECT f.number, l.line_no FROM fulfilment_line l JOIN fulfilment_order f ON f.id = l.fulfilment_id
           LEFT JOIN (SELECT fulfilment_line_id, SUM(qty) AS qty FROM delivery_shortage
             WHERE choice = '' GROUP BY fulfilment_line_id) s ON s.fulfilment_line_id = l.id
           WHERE l.missing_qty <> COALESCE(s.qty, 0) OR l.missing_qty < 0
             OR l.missing_qty > l.shipped_qty - l.returned_qty""",
    ),
    Invariant(
        msg("journal quantity of an order line = shipped less returned"),
        """SELECT o.number, l.sku_id FROM sales_order o JOIN (
             SELECT f.order_id, p.sku_id, SUM(p.shipped_qty - p.returned_qty) AS qty
             FROM fulfilment_line p JOIN fulfilment_order f ON f.id = p.fulfilment_id
             GROUP BY f.order_id, p.sku_id) l ON l.order_id = o.id
           LEFT JOIN (SELECT order_id, seller_id, buyer_id, sku_id, SUM(qty) AS qty FROM journal_leg
                      WHERE order_id IS NOT NULL GROUP BY order_id, seller_id, buyer_id, sku_id) j
           ON j.order_id = o.id AND j.seller_id = o.seller_id AND j.buyer_id = o.buyer_id
             AND j.sku_id = l.sku_id
           WHERE o.status <> 'recorded' AND l.qty <> COALESCE(j.qty, 0)""",
    ),
    Invariant(
        msg("each unit has one credited partner per step"),
        """SELECT o.number, s.sku_id, s.step FROM sales_order o JOIN (
             SELECT order_id, sku_id, step, SUM(qty) AS qty FROM journal_leg
             WHERE order_id IS NOT NULL GROUP BY order_id, sku_id, step) s ON s.order_id = o.id
           JOIN (SELECT f.order_id, p.sku_id, SUM(p.shipped_qty - p.returned_qty) AS qty
                 FROM fulfilment_line p JOIN fulfilment_order f ON f.id = p.fulfilment_id
                 GROUP BY f.order_id, p.sku_id) l ON l.order_id = o.id AND l.sku_id = s.sku_id
           WHERE o.status <> 'recorded' AND s.qty > l.qty""",
    ),
    Invariant(
        msg("what was returned on its way is all back"),
        """SELECT f.number, l.line_no FROM fulfilment_order f JOIN fulfilment_line l ON l.fulfilment_id = f.id
           WHERE f.status = 'returned' AND l.returned_qty <> l.shipped_qty""",
    ),
    Invariant(
        msg("parts of a delivered shipment have arrived"),
        """SELECT f.number FROM fulfilment_order f JOIN shipment s ON s.id = f.shipment_id
           WHERE (s.status = 'delivered' AND f.status IN ('shipped', 'in_transit'))
              OR (s.status <> 'delivered' AND f.status = 'delivered')""",
    ),
    Invariant(
        msg("a share is not used beyond what is shared"),
        "SELECT location_id, sku_id FROM stock_share WHERE used_qty < 0 OR used_qty > shared_qty",
    ),
    Invariant(
        msg("used of a quota = what open and shipped orders took of it"),
        """SELECT q.id FROM stock_quota q LEFT JOIN (
             SELECT l.quota_id, SUM(CASE WHEN f.status = 'cancelled' THEN 0 ELSE p.qty - p.returned_qty END)
               AS qty FROM order_line l JOIN fulfilment_order f ON f.order_id = l.order_id
             JOIN fulfilment_line p ON p.fulfilment_id = f.id AND p.line_no = l.line_no
             WHERE l.quota_id IS NOT NULL GROUP BY l.quota_id) u ON u.quota_id = q.id
           WHERE COALESCE(u.qty, 0) <> q.used_qty OR q.used_qty > q.qty""",
    ),
    Invariant(
        msg("fees payable to partners = fees of what they shipped, less what came back"),
        """SELECT COALESCE(f.account, e.account) FROM (
             SELECT p.seller_id || ':' || p.owner_id || '\\:payable' AS account, SUM(l.fee_amount
               - (2 * l.fee_amount * l.returned_qty + l.qty) / (2 * l.qty)) AS total
             FROM fulfilment_line l JOIN fulfilment_order p ON p.id = l.fulfilment_id
             WHERE l.fee_amount <> 0 AND l.shipped_qty > 0 GROUP BY p.seller_id, p.owner_id) f
           FULL JOIN (SELECT account, SUM(amount) AS total FROM ledger_entry
             WHERE account LIKE '%\\:payable' GROUP BY account) e ON e.account = f.account
           WHERE COALESCE(f.total, 0) + COALESCE(e.total, 0) <> 0""",
    ),
    Invariant(
        msg("every recorded order line has its journal row"),
        """SELECT o.number, l.line_no FROM sales_order o JOIN order_line l ON l.order_id = o.id
           LEFT JOIN journal_leg j ON j.order_id = l.order_id AND j.line_no = l.line_no AND j.qty = l.qty
           WHERE o.status = 'recorded' AND j.id IS NULL""",
    ),
    Invariant(
        msg("invoice = sum of its lines, and gross = net + tax"),
        """SELECT i.number FROM invoice i LEFT JOIN (
             SELECT invoice_id, SUM(net_amount) AS net, SUM(tax_amount) AS tax, SUM(gross_amount) AS gross
             FROM invoice_line GROUP BY invoice_id) l ON l.invoice_id = i.id
           WHERE i.net_amount + i.tax_amount <> i.gross_amount OR l.net <> i.net_amount
              OR l.tax <> i.tax_amount OR l.gross <> i.gross_amount""",
    ),
    Invariant(
        msg("nothing is applied beyond an invoice's amount"),
        """SELECT i.number FROM invoice i JOIN (
             SELECT invoice_id, SUM(amount) AS applied FROM receipt_application GROUP BY invoice_id) a
           ON a.invoice_id = i.id WHERE a.applied > i.gross_amount""",
    ),
    Invariant(
        msg("nothing is applied beyond a receipt's amount"),
        """SELECT r.number FROM receipt r JOIN (
             SELECT receipt_id, SUM(amount) AS applied FROM receipt_application GROUP BY receipt_id) a
           ON a.receipt_id = r.id WHERE a.applied > r.amount""",
    ),
    Invariant(
        msg("receivable in the ledger = invoices less receipts"),
        """SELECT t.id FROM trading_account t
           LEFT JOIN (SELECT account_id, SUM(gross_amount) AS total FROM invoice GROUP BY account_id) i
             ON i.account_id = t.id
           LEFT JOIN (SELECT account_id, SUM(amount) AS total FROM receipt GROUP BY account_id) r
             ON r.account_id = t.id
           LEFT JOIN (SELECT account, SUM(amount) AS total FROM ledger_entry GROUP BY account) e
             ON e.account = t.seller_id || ':' || t.buyer_id || '\\:receivable'
           WHERE COALESCE(i.total, 0) - COALESCE(r.total, 0) <> COALESCE(e.total, 0)""",
    ),
    Invariant(
        msg("commitments = unshipped value of open orders"),
        """SELECT o.number FROM sales_order o LEFT JOIN (
             SELECT account_id, document, SUM(amount) AS total FROM account_commitment
             GROUP BY account_id, document) c ON c.document = o.number AND c.account_id = o.account_id
           LEFT JOIN (SELECT order_id, SUM(gross_amount) AS total FROM fulfilment_order
             WHERE status IN ('offered', 'waiting', 'in_production', 'allocated', 'picked')
             GROUP BY order_id) f ON f.order_id = o.id
           WHERE o.status <> 'recorded'
             AND COALESCE(c.total, 0) <> CASE WHEN o.status = 'held' THEN 0 ELSE COALESCE(f.total, 0) END""",
    ),
)


def check_all(session: Session, *, store: LakeStore) -> list[Finding]:
    """The verdict on every invariant, the lake last."""
    findings = [_check(session, invariant) for invariant in INVARIANTS]
    return [*findings, _lake_equals_records(session, store)]


def _check(session: Session, invariant: Invariant) -> Finding:
    rows = session.connection().execute(text(f"{invariant.offenders} LIMIT 6")).all()
    if not rows:
        return Finding(invariant.name, True, "–")
    shown = "; ".join("/".join(str(value) for value in row) for row in rows[:5])
    return Finding(invariant.name, False, shown + (" …" if len(rows) > 5 else ""))


def _lake_equals_records(session: Session, store: LakeStore) -> Finding:
    """Rows, quantity and amount of every month are the same in the Parquet files and in the journal."""
    store.refresh()
    month = "strftime('%Y-%m', j.booked_on)"
    if session.get_bind().dialect.name == "postgresql":
        month = "to_char(j.booked_on, 'YYYY-MM')"
    rows = session.connection().execute(
        text(
            f"SELECT {month}, COUNT(*), SUM(j.qty), SUM(j.amount) FROM journal_leg j "
            "JOIN journal_posting p ON p.id = j.posting_id WHERE p.lake_seq IS NOT NULL GROUP BY 1"
        )
    )
    records = {row[0]: tuple(int(value) for value in row[1:]) for row in rows}
    lake = store.month_sums()
    wrong = sorted(key for key in records.keys() | lake.keys() if records.get(key) != lake.get(key))
    name = msg("the lake equals the records, month by month")
    if wrong:
        return Finding(
            name, False, "; ".join(f"{key}: {records.get(key)} / {lake.get(key)}" for key in wrong[:5])
        )
    return Finding(name, True, f"{sum(value[0] for value in records.values())} rows")
