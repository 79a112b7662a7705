"""Trading accounts: the list and the record."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.accounts import AccountList, AccountRecord
from .components import (
    Column,
    Tab,
    action_buttons,
    badge,
    choices,
    chooser,
    columns_of,
    data_table,
    fact,
    field,
    link,
    list_tools,
    page_header,
    paper_links,
    record,
    record_columns,
    refusals,
    section,
    static_table,
    steps_panel,
    submit_button,
    tabs,
    urgent_badge,
    waiting_task,
)
from .layout import framed
from .registry import Page, register

ACCOUNT_COLUMNS = [
    *columns_of("accounts", {"buyer": "link"}, {"seller": 2, "buyer_code": 3, "currency": 2, "limit": 3}),
    Column("standing", msg("Standing"), "badge"),
]


def accounts_page() -> rx.Component:
    """The list of trading accounts."""
    return rx.fragment(
        page_header(t(msg("Trading accounts"))),
        rx.el.section(
            list_tools(AccountList, ACCOUNT_COLUMNS, t(msg("Code or name of seller or buyer"))),
            data_table(
                ACCOUNT_COLUMNS,
                AccountList,
                caption=t(msg("Trading accounts")),
                empty=t(msg("No trading account yet")),
            ),
            class_name="card",
        ),
    )


def account_page() -> rx.Component:
    """One account: facts, why the credit is what it is, open items, statement, forms."""
    return record(
        AccountRecord,
        account_header(),
        account_body(),
        missing=t(msg("This account does not exist, or you cannot see it.")),
        hint=t(msg("An account is seen by its seller, its buyer and those above them.")),
        back=(t(msg("To the accounts")), routes.ACCOUNTS),
    )


def account_header() -> rx.Component:
    """Seller → buyer, where the account stands, and the next actions."""
    facts = AccountRecord.facts
    return rx.fragment(
        page_header(
            rx.fragment(facts["seller"], " → ", facts["buyer"]),
            action_buttons(AccountRecord),
            note=rx.el.span(
                badge(facts["standing"], facts["standing_tone"]),
                urgent_badge(facts["urgent"]),
                class_name="title-note",
            ),
        ),
        refusals(AccountRecord),
        waiting_task(AccountRecord),
        rx.match(AccountRecord.form, ("receive", receipt_card()), ("credit", credit_card()), rx.fragment()),
    )


def account_body() -> rx.Component:
    """Numbers on the left, the why and the timeline on the right."""
    return record_columns(
        AccountRecord,
        facts_card(),
        tabs(
            AccountRecord,
            t(msg("Parts of the account")),
            Tab("items", msg("Open items"), items_card(), AccountRecord.items.length()),
            Tab("statement", msg("Statement of account"), statement_card()),
        ),
        aside=steps_panel(AccountRecord.steps, t(msg("Why this much credit"))),
    )


def facts_card() -> rx.Component:
    """Parties, terms, exposure against the limit."""
    facts = AccountRecord.facts
    return rx.el.section(
        rx.el.dl(
            fact(t(msg("Seller")), linked(facts["seller"], facts["seller_page"]), hint=facts["seller_code"]),
            fact(t(msg("Buyer")), linked(facts["buyer"], facts["buyer_page"]), hint=facts["buyer_code"]),
            fact(t(msg("Payment terms")), facts["terms"]),
            fact(t(msg("Overdue")), toned(facts["overdue"], facts["overdue_tone"])),
            fact(t(msg("Exposure")), facts["exposure"]),
            fact(t(msg("Credit limit")), facts["limit"]),
            fact(t(msg("Available")), toned(facts["available"], facts["available_tone"])),
            fact(
                t(msg("Temporary limit")),
                facts["temporary"],
                hint=rx.cond(
                    facts["temporary_until"] != "",
                    t(msg("until {day}"), day=facts["temporary_until"]),
                    "",
                ),
            ),
            class_name="facts four",
        ),
        rx.el.div(
            rx.el.span(
                rx.el.span(
                    style={"width": facts["used_width"]},
                    class_name=rx.Var.create("meter-fill ") + facts["used_tone"],
                ),
                class_name="meter",
            ),
            rx.el.span(t(msg("{share} of the limit used"), share=facts["used"]), class_name="note"),
            class_name="meter-row",
        ),
        class_name="card",
    )


def linked(text: Any, href: Any) -> rx.Component:
    """A party or a document, linked where it has a page the reader may open."""
    return rx.cond(href != "", link(text, href=href, class_name="link"), text)


def toned(value: Any, tone: Any) -> rx.Component:
    """A value in the colour of its tone."""
    return rx.el.span(value, class_name=rx.Var.create("tone ") + tone)


def items_card() -> rx.Component:
    """Unpaid invoices, oldest due first."""
    columns = [
        Column("number", msg("Invoice")),
        Column("due_on", msg("Due on")),
        Column("due", msg("Due"), "badge"),
        Column("amount", msg("Open amount"), "number"),
    ]
    return section(
        t(msg("Open items")),
        rx.cond(
            AccountRecord.items.length() > 0,
            rx.el.div(
                static_table(columns, AccountRecord.items, caption=t(msg("Open items"))),
                tab_index=0,
                class_name="scroll-box",
            ),
            rx.el.p(t(msg("Everything is paid")), class_name="note"),
        ),
        note=AccountRecord.facts["currency"],
        class_name="untitled",
    )


def statement_card() -> rx.Component:
    """The statement of account: opening balance, lines, closing balance."""
    return section(
        t(msg("Statement of account")),
        rx.el.div(
            rx.el.table(
                rx.el.caption(t(msg("Statement of account")), class_name="visually-hidden"),
                rx.el.thead(
                    rx.el.tr(
                        *[rx.el.th(t(text), scope="col") for text in STATEMENT_TEXTS],
                        *[rx.el.th(t(text), scope="col", class_name="number") for text in STATEMENT_NUMBERS],
                    )
                ),
                rx.el.tbody(
                    balance_row(t(msg("Opening balance")), AccountRecord.totals["opening"]),
                    rx.foreach(AccountRecord.statement, statement_row),
                    balance_row(
                        t(msg("Closing balance")),
                        AccountRecord.totals["closing"],
                        AccountRecord.totals["debit"],
                        AccountRecord.totals["credit"],
                    ),
                ),
            ),
            tab_index=0,
            class_name="table-wrap scroll-box tall",
        ),
        note=rx.fragment(
            AccountRecord.facts["currency"],
            " ",
            rx.el.select(
                choices(AccountRecord.period_options),
                value=AccountRecord.period,
                on_change=AccountRecord.choose_period,
                aria_label=t(msg("Period")),
                class_name="input small",
            ),
            paper_links(AccountRecord.totals["paper"], AccountRecord.totals["paper_days"]),
        ),
        class_name="untitled",
    )


STATEMENT_TEXTS = (msg("Day"), msg("Kind"), msg("Number"), msg("Document"))
STATEMENT_NUMBERS = (msg("Invoiced"), msg("Paid or credited"), msg("Balance"))


def statement_row(row: Any) -> rx.Component:
    """One document of the statement."""
    return rx.el.tr(
        *[rx.el.td(row[key]) for key in ("day", "kind", "number")],
        rx.el.td(linked(row["document"], row["document_href"])),
        *[rx.el.td(row[key], class_name="number") for key in ("debit", "credit", "balance")],
    )


def balance_row(label: Any, balance: Any, debit: Any = "", credit: Any = "") -> rx.Component:
    """The first and the last line of the statement."""
    return rx.el.tr(
        rx.el.th(label, scope="row", col_span=4),
        *[rx.el.td(value, class_name="number") for value in (debit, credit, balance)],
        class_name="balance",
    )


def receipt_card() -> rx.Component:
    """Money came in."""
    return section(
        t(msg("Record a receipt")),
        rx.el.form(
            rx.el.div(
                field(
                    t(msg("Amount")), "amount", required=True, input_mode="decimal", auto_complete="off",
                    placeholder="0.00", max_length=24,
                ),
                chooser(t(msg("Method")), "method", AccountRecord.method_options),
                field(
                    t(msg("Received on")), "received_on", kind="date", required=True,
                    default_value=AccountRecord.today, max=AccountRecord.today,
                ),
                field(t(msg("Reference")), "reference", max_length=80, auto_complete="off"),
                rx.el.div(field(t(msg("Maturity")), "cleared_on", kind="date"), class_name="only-bill"),
                class_name="field-pair",
            ),
            rx.el.p(t(msg("Applied to the invoices due first.")), class_name="note"),
            submit_button(t(msg("Record receipt"))),
            on_submit=AccountRecord.receive,
            key=AccountRecord.form_key + ":receipt",
            class_name="stack form",
        ),
        note=AccountRecord.facts["currency"],
        class_name="spaced",
    )  # fmt: skip


def credit_card() -> rx.Component:
    """The limit, and one for a time."""
    credit = AccountRecord.credit
    return section(
        t(msg("Credit")),
        rx.el.form(
            field(
                t(msg("Credit limit")), "limit", required=True, input_mode="decimal",
                default_value=credit["limit"], auto_complete="off", max_length=24,
            ),
            rx.el.div(
                field(
                    t(msg("Temporary limit")), "temporary", input_mode="decimal",
                    default_value=credit["temporary"], auto_complete="off", max_length=24,
                ),
                field(t(msg("Valid until")), "until", kind="date", default_value=credit["until"]),
                class_name="field-pair",
            ),
            submit_button(t(msg("Save credit"))),
            on_submit=AccountRecord.agree_credit,
            key=AccountRecord.form_key + ":credit",
            class_name="stack form",
        ),
        note=AccountRecord.facts["currency"],
        class_name="spaced",
    )  # fmt: skip


register(
    Page(
        route=routes.ACCOUNTS,
        title=msg("Accounts"),
        component=framed(accounts_page),
        on_load=[AccountList.load],
        permission=Permission.ACCOUNTS_READ,
        section="network",
        icon="wallet",
    )
)
register(
    Page(
        route=routes.ACCOUNT,
        title=msg("Account"),
        component=framed(account_page),
        on_load=[AccountRecord.load],
        permission=Permission.ACCOUNTS_READ,
    )
)
