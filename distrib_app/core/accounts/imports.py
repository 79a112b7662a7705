"""Sheets of receipts: money that came in, each once by its number."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from ..channels import get_network, own_company, require_partner
from ..kernel.access import Actor, Permission
from ..kernel.errors import InvalidError, msg
from ..kernel.money import decimal_to_minor
from ..workbench.import_fields import FieldKind, ImportEntity, ImportField
from .models import Receipt, ReceiptMethod
from .receipts import record_receipt

METHODS = {
    "转账": ReceiptMethod.TRANSFER,
    "银行转账": ReceiptMethod.TRANSFER,
    "transfer": ReceiptMethod.TRANSFER,
    "现金": ReceiptMethod.CASH,
    "cash": ReceiptMethod.CASH,
    "承兑": ReceiptMethod.ACCEPTANCE_BILL,
    "承兑汇票": ReceiptMethod.ACCEPTANCE_BILL,
    "acceptance bill": ReceiptMethod.ACCEPTANCE_BILL,
}


def import_receipt(session: Session, actor: Actor, *, row: dict[str, Any], now: datetime) -> str:
    """Record a receipt once per number of the sheet; the same number with other facts is refused."""
    actor.require(Permission.ACCOUNTS_WRITE)
    seller = require_partner(session, row["seller"]) if "seller" in row else own_company(session, actor)
    key = f"import:{row['number']}"
    earlier = session.exec(
        select(Receipt.id).where(Receipt.seller_id == seller.id, Receipt.idempotency_key == key)
    ).first()
    try:
        amount = decimal_to_minor(row["amount"], get_network(session).currency)
    except InvalidError as error:
        raise InvalidError(field="amount", reason=error.facts["reason"]) from error
    record_receipt(
        session,
        actor,
        seller_code=seller.code,
        buyer_code=row["buyer"],
        amount=amount,
        method=row.get("method", ReceiptMethod.TRANSFER),
        received_on=row["received_on"],
        cleared_on=row.get("cleared_on"),
        reference=row.get("reference", ""),
        invoice_numbers=[row["invoice"]] if "invoice" in row else [],
        idempotency_key=key,
        now=now,
    )
    return "created" if earlier is None else "unchanged"


RECEIPTS = ImportEntity(
    name=msg("Receipts"),
    permission=Permission.ACCOUNTS_WRITE,
    key=("seller", "number"),
    commit=import_receipt,
    fields=(
        ImportField(
            "number",
            msg("Receipt number"),
            required=True,
            aliases=("number", "receipt", "收款单号", "收款编号", "流水号", "单号"),
            example="SK-20260101-01",
            note=msg("of your own system; a number is recorded once"),
        ),
        ImportField(
            "buyer",
            msg("Buyer code"),
            required=True,
            aliases=("buyer", "付款方", "买方", "买方编码", "客户编码", "经销商编码"),
            example="GD-0101",
        ),
        ImportField(
            "amount",
            msg("Amount"),
            required=True,
            aliases=("金额", "收款金额", "到账金额"),
            example="50000.00",
            kind=FieldKind.NUMBER,
        ),
        ImportField(
            "received_on",
            msg("Received on"),
            required=True,
            aliases=("date", "收款日", "收款日期", "到账日期"),
            example="2026-01-15",
            kind=FieldKind.DAY,
        ),
        ImportField(
            "method",
            msg("Method"),
            aliases=("payment method", "方式", "收款方式", "付款方式"),
            example="转账",
            choices=METHODS,
        ),
        ImportField(
            "cleared_on",
            msg("Maturity"),
            aliases=("cleared on", "到期日", "兑付日", "到期日期"),
            kind=FieldKind.DAY,
            note=msg("of an acceptance bill"),
        ),
        ImportField(
            "reference", msg("Reference"), aliases=("参考号", "备注", "银行流水", "附言"), example=""
        ),
        ImportField(
            "invoice", msg("Invoice"), aliases=("invoice number", "发票", "发票号", "核销发票"), example=""
        ),
        ImportField(
            "seller",
            msg("Seller code"),
            aliases=("seller", "收款方", "卖方", "卖方编码"),
            note=msg("empty means your own company"),
        ),
    ),
)
