"""End customers: the list and the record."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.channels import CustomerKind
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.customers import CustomerList, CustomerRecord
from ..state.shell import Shell
from .components import (
    action_button,
    columns_of,
    data_table,
    field,
    link,
    list_tools,
    page_header,
    record,
    section,
    select_field,
    submit_button,
)
from .layout import framed
from .registry import Page, register

COLUMNS = columns_of("customers", {"code": "link"}, {"email": 3, "address": 2})
KINDS = [(CustomerKind.PERSON.value, msg("person")), (CustomerKind.FIRM.value, msg("firm"))]


def customers_page() -> rx.Component:
    """The list, with a form for one more."""
    return rx.fragment(
        page_header(
            t(msg("End customers")),
            rx.cond(
                Shell.permissions.contains(Permission.CUSTOMERS_WRITE),
                rx.fragment(
                    link(
                        t(msg("Import")), href=f"{routes.IMPORT}?entity=customers", class_name="button quiet"
                    ),
                    action_button(t(msg("New customer")), CustomerList.toggle_form, is_primary=True),
                ),
            ),
        ),
        rx.cond(
            CustomerList.is_form_open,
            section(
                t(msg("New customer")),
                rx.el.form(
                    field(t(msg("Code")), "code", required=True, max_length=40),
                    *fields({}),
                    submit_button(t(msg("Save"))),
                    on_submit=CustomerList.add,
                    class_name="form-row",
                ),
                class_name="spaced",
            ),
        ),
        rx.el.section(
            list_tools(CustomerList, COLUMNS, t(msg("Code, name, initials or telephone"))),
            data_table(
                COLUMNS,
                CustomerList,
                caption=t(msg("End customers")),
                empty=t(msg("No customers yet: add one, or import a sheet")),
            ),
            class_name="card",
        ),
    )


def fields(facts: Any) -> list[rx.Component]:
    """The fields of a customer, filled with what is recorded."""

    def filled(key: str) -> dict[str, Any]:
        return {"default_value": facts[key]} if facts is not None and not isinstance(facts, dict) else {}

    return [
        field(t(msg("Name")), "name", required=True, max_length=160, **filled("name")),
        select_field(
            t(msg("Kind")), "kind", [(value, t(text)) for value, text in KINDS], **filled("kind_code")
        ),
        field(t(msg("Telephone")), "phone", kind="tel", max_length=30, **filled("phone")),
        field(t(msg("E-mail")), "email", kind="email", max_length=200, **filled("email")),
        field(t(msg("Region code")), "region", max_length=40, **filled("region_code")),
        field(t(msg("Address")), "address", max_length=300, **filled("address")),
        field(t(msg("Remark")), "note", max_length=400, **filled("note")),
    ]


def customer_page() -> rx.Component:
    """One customer: what is known, to be changed or forgotten."""
    facts = CustomerRecord.facts
    return record(
        CustomerRecord,
        page_header(
            facts["name"],
            rx.cond(
                Shell.permissions.contains(Permission.CUSTOMERS_WRITE),
                rx.el.button(
                    t(msg("Remove")),
                    type="button",
                    on_click=CustomerRecord.remove,
                    class_name="button danger",
                ),
            ),
            note=facts["code"],
        ),
        section(
            t(msg("What is known")),
            rx.el.form(
                *fields(facts),
                rx.cond(
                    Shell.permissions.contains(Permission.CUSTOMERS_WRITE), submit_button(t(msg("Save")))
                ),
                on_submit=CustomerRecord.save,
                key=CustomerRecord.form_key.to_string(),
                class_name="form-row",
            ),
            note=facts["region"],
        ),
        missing=t(msg("This customer does not exist, or you cannot see it.")),
        hint=t(msg("Customers are known to the company that sells to them.")),
        back=(t(msg("To the customers")), routes.CUSTOMERS),
    )


register(
    Page(
        route=routes.CUSTOMERS,
        title=msg("End customers"),
        component=framed(customers_page),
        on_load=[CustomerList.load],
        permission=Permission.CUSTOMERS_READ,
        section="network",
        icon="contact-round",
    )
)
register(
    Page(
        route=routes.CUSTOMER,
        title=msg("Customer"),
        component=framed(customer_page),
        on_load=[CustomerRecord.load],
    )
)
