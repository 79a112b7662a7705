"""Partners: the list and the record."""

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.partners import PartnerList, PartnerRecord
from .components import (
    Column,
    Tab,
    action_buttons,
    badge,
    chooser,
    columns_of,
    data_table,
    fact,
    field,
    link,
    list_tools,
    no_permission,
    page_header,
    record,
    record_columns,
    refusals,
    section,
    static_table,
    submit_button,
    table_card,
    tabs,
)
from .layout import framed
from .registry import Page, register

PARTNER_COLUMNS = columns_of(
    "partners", {"code": "link", "status": "badge"}, {"parent": 2, "region": 3, "tier": 3}
)


def partners_page() -> rx.Component:
    """The list of partners."""
    return rx.fragment(
        page_header(t(msg("Partners"))),
        rx.el.section(
            list_tools(PartnerList, PARTNER_COLUMNS, t(msg("Code, name or initials"))),
            data_table(PARTNER_COLUMNS, PartnerList, caption=t(msg("Partners"))),
            class_name="card",
        ),
    )


# --- record -------------------------------------------------------------------------------------------


def partner_page() -> rx.Component:
    """One partner: header with actions, facts, what stands below it, what happened."""
    return record(
        PartnerRecord,
        partner_header(),
        partner_body(),
        missing=t(msg("This partner does not exist, or you cannot see it.")),
        hint=t(msg("The network shows you your own company and those below it.")),
        back=(t(msg("To the partners")), routes.PARTNERS),
    )


def partner_header() -> rx.Component:
    """Name, code, status, and the next actions."""
    facts = PartnerRecord.facts
    return rx.fragment(
        page_header(
            facts["name"],
            action_buttons(PartnerRecord),
            note=rx.el.span(
                facts["code"], badge(facts["status"], facts["status_tone"]), class_name="title-note"
            ),
        ),
        refusals(PartnerRecord),
        rx.match(PartnerRecord.form, ("add", add_card()), ("move", move_card()), rx.fragment()),
    )


def partner_body() -> rx.Component:
    """Facts and tables on the left, the timeline on the right."""
    return record_columns(
        PartnerRecord,
        facts_card(),
        tabs(
            PartnerRecord,
            t(msg("Parts of the partner")),
            Tab("children", msg("Partners below"), children_card(), PartnerRecord.facts["child_count"]),
            Tab("accounts", msg("Trading accounts"), accounts_card()),
            Tab("territories", msg("Territories"), territories_card(), PartnerRecord.territories.length()),
            Tab("people", msg("People"), members_card()),
        ),
    )


def facts_card() -> rx.Component:
    """Where the partner stands in the network."""
    facts = PartnerRecord.facts
    parent = rx.cond(
        facts["parent_href"] != "",
        link(facts["parent"], href=facts["parent_href"], class_name="link"),
        facts["parent"],
    )
    return rx.el.section(
        rx.el.dl(
            fact(t(msg("Tier")), facts["tier"]),
            fact(t(msg("Kind")), facts["kind"]),
            fact(t(msg("Parent")), parent, hint=facts["parent_code"]),
            fact(t(msg("Home region")), facts["region"], hint=facts["region_code"]),
            fact(t(msg("Partners below")), facts["child_count"]),
            fact(t(msg("Time zone")), facts["zone"]),
            class_name="facts three",
        ),
        class_name="card",
    )


def accounts_card() -> rx.Component:
    """The partner's trading accounts with what is at risk."""
    columns = [
        Column("seller", msg("Seller")),
        Column("buyer", msg("Buyer"), "link"),
        Column("currency", msg("Currency")),
        Column("exposure", msg("Exposure"), "number"),
        Column("available", msg("Available"), "number"),
        Column("standing", msg("Standing"), "badge"),
    ]
    shown = rx.cond(
        PartnerRecord.accounts.length() > 0,
        static_table(columns, PartnerRecord.accounts, caption=t(msg("Trading accounts"))),
        rx.el.p(t(msg("No trading account yet")), class_name="note"),
    )
    return section(
        t(msg("Trading accounts")),
        rx.cond(PartnerRecord.can_see_accounts, shown, no_permission()),
        rx.cond(
            PartnerRecord.has_more_accounts,
            link(t(msg("All accounts")), href=PartnerRecord.accounts_href, class_name="link"),
        ),
        class_name="untitled",
    )


def children_card() -> rx.Component:
    """The partners right below."""
    columns = [column for column in PARTNER_COLUMNS if column.key != "parent"]
    return table_card(
        t(msg("Partners below")),
        columns,
        PartnerRecord.children,
        nothing=t(msg("Nobody stands below this partner")),
        is_long=True,
    )


def territories_card() -> rx.Component:
    """Where the partner may sell."""
    columns = [
        Column("region", msg("Region")),
        Column("line", msg("Product line")),
        Column("kind", msg("Grant"), "badge"),
        Column("since", msg("Valid from")),
        Column("until", msg("Valid until")),
    ]
    return table_card(
        t(msg("Territories")),
        columns,
        PartnerRecord.territories,
        nothing=t(msg("No territory has been granted")),
        is_long=True,
    )


def members_card() -> rx.Component:
    """The people who act for the partner; only its own and administrators see them."""
    columns = [
        Column("name", msg("Name")),
        Column("username", msg("User name")),
        Column("role", msg("Role")),
    ]
    return table_card(
        t(msg("People")),
        columns,
        PartnerRecord.members,
        nothing=t(msg("Only its own people and administrators see who works there")),
    )


def add_card() -> rx.Component:
    """Admit a partner below the one shown."""
    return section(
        t(msg("New partner below")),
        rx.el.form(
            rx.el.div(
                field(t(msg("Code")), "new_code", required=True, max_length=40, auto_complete="off"),
                chooser(t(msg("Kind")), "kind", PartnerRecord.kind_options),
                class_name="field-pair",
            ),
            field(t(msg("Name")), "name", required=True, max_length=160, auto_complete="off"),
            field(t(msg("English name")), "name_en", max_length=160, auto_complete="off"),
            rx.el.div(
                chooser(
                    t(msg("Tier")), "tier", PartnerRecord.tier_options, default_value=PartnerRecord.next_tier
                ),
                field(
                    t(msg("Region code")), "region", required=True, max_length=40, list="region-codes",
                    auto_complete="off",
                ),
                class_name="field-pair",
            ),
            rx.el.datalist(
                rx.foreach(
                    PartnerRecord.region_options,
                    lambda row: rx.el.option(row["text"], value=row["value"]),
                ),
                id="region-codes",
            ),
            submit_button(t(msg("Admit partner"))),
            on_submit=PartnerRecord.add_below,
            key=PartnerRecord.form_key + ":add",
            class_name="stack form",
        ),
        class_name="spaced",
    )  # fmt: skip


def move_card() -> rx.Component:
    """Put the partner below another one."""
    return section(
        t(msg("Move below")),
        rx.el.form(
            field(
                t(msg("Code of the new parent")), "parent", required=True, max_length=40, auto_complete="off"
            ),
            rx.el.p(
                t(msg("All partners below move along; earlier documents stay with the old line.")),
                class_name="note",
            ),
            submit_button(t(msg("Move"))),
            on_submit=PartnerRecord.move,
            key=PartnerRecord.form_key + ":move",
            class_name="stack form",
        ),
        class_name="spaced",
    )


register(
    Page(
        route=routes.PARTNERS,
        title=msg("Partners"),
        component=framed(partners_page),
        on_load=[PartnerList.load],
        permission=Permission.PARTNERS_READ,
        section="network",
        icon="users",
    )
)
register(
    Page(
        route=routes.PARTNER,
        title=msg("Partner"),
        component=framed(partner_page),
        on_load=[PartnerRecord.load],
        permission=Permission.PARTNERS_READ,
    )
)
