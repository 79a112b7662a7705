"""Users: the list with its invitations, and the page of one user."""

from typing import Any

import reflex as rx

from .. import routes
from ..core.kernel.access import Permission
from ..core.kernel.errors import msg
from ..i18n import t
from ..state.users import UserList, UserRecord
from .components import (
    Column,
    action_button,
    badge,
    chooser,
    columns_of,
    data_table,
    fact,
    field,
    link,
    list_tools,
    page_header,
    plain_form,
    record,
    section,
    shown_once,
    static_table,
    submit_button,
)
from .layout import framed
from .people_tables import actions_table, end_button, keys_table, sessions_table
from .registry import Page, register

COLUMNS = columns_of(
    "users", {"username": "link", "factor": "badge", "status": "badge"}, {"seen": 2, "factor": 3, "role": 3}
)


def users_page() -> rx.Component:
    """The list, and the form that invites."""
    return rx.fragment(
        page_header(t(msg("Users"))),
        rx.el.div(
            rx.el.section(
                list_tools(UserList, COLUMNS, t(msg("User name, name or e-mail"))),
                data_table(COLUMNS, UserList, caption=t(msg("Users"))),
                class_name="card",
            ),
            rx.cond(UserList.is_forbidden, rx.fragment(), invite_card()),
            class_name="columns with-form",
        ),
    )


def invite_card() -> rx.Component:
    """Invite somebody; the answer stands above the form."""
    return section(
        t(msg("Invite somebody")),
        rx.cond(
            UserList.invited_link != "",
            shown_once(
                t(msg("Link for {user}"), user=UserList.invited),
                UserList.invited_link,
                note=t(msg("Hand it over yourself: it is shown only now and is valid for seven days.")),
            ),
        ),
        rx.cond(
            UserList.invited_task != "",
            rx.el.p(
                t(msg("The invitation of {user} waits for approval:"), user=UserList.invited),
                " ",
                link(UserList.invited_task, href=UserList.invited_task_href, class_name="link"),
                role="status",
                class_name="notice",
            ),
        ),
        rx.el.form(
            field(
                t(msg("User name")), "new_username", required=True, min_length=2, max_length=64,
                pattern="[a-z0-9][a-z0-9._@\\-]*", auto_complete="off", auto_capitalize="none",
            ),
            field(t(msg("Full name")), "name", required=True, max_length=120, auto_complete="off"),
            field(t(msg("E-mail")), "email", kind="email", max_length=200, auto_complete="off"),
            field(
                t(msg("Company code")), "partner", required=True, max_length=40, auto_complete="off",
                default_value=UserList.own_company,
            ),
            chooser(t(msg("Role")), "role", UserList.role_options),
            submit_button(t(msg("Invite"))),
            on_submit=UserList.invite,
            key=UserList.form_key.to_string() + UserList.own_company,
            class_name="stack form",
        ),
    )  # fmt: skip


# --- one user -----------------------------------------------------------------------------------------


def user_page() -> rx.Component:
    """Facts and actions on top; posts, browsers and tokens; what this person sees."""
    return record(
        UserRecord,
        page_header(
            UserRecord.facts["name"],
            actions(),
            note=rx.el.span(
                UserRecord.facts["username"],
                badge(UserRecord.facts["status"], UserRecord.facts["status_tone"]),
                class_name="title-note",
            ),
        ),
        rx.el.div(
            rx.el.div(
                posts_card(),
                rx.cond(UserRecord.can_administer, browsers_card()),
                rx.cond(UserRecord.can_administer, keys_card()),
                rx.cond(UserRecord.can_administer, reach_card()),
                class_name="stack",
            ),
            facts_card(),
            class_name="columns",
        ),
        missing=t(msg("This user does not exist")),
        hint=t(msg("Or belongs to another company.")),
        back=(t(msg("All users")), routes.USERS),
    )


def actions() -> rx.Component:
    """What may be done with the account now."""
    facts = UserRecord.facts
    return rx.cond(
        UserRecord.can_manage,
        rx.fragment(
            rx.cond(
                UserRecord.can_administer
                & (facts["view_refusal"] == "")
                & (facts["status_code"] != "disabled"),
                plain_form(
                    rx.el.input(type="hidden", name="username", default_value=facts["username"]),
                    rx.el.button(t(msg("View as this person")), type="submit", class_name="button quiet"),
                    action=routes.BEGIN_VIEW,
                ),
            ),
            rx.cond(
                UserRecord.can_administer & (facts["has_factor"] != "") & ~UserRecord.is_self,
                action_button(t(msg("Reset second factor")), UserRecord.reset_factor),
            ),
            rx.cond(
                facts["status_code"] != "disabled",
                action_button(
                    rx.cond(
                        facts["status_code"] == "invited",
                        t(msg("New invitation link")),
                        t(msg("Link for a new password")),
                    ),
                    UserRecord.hand_link,
                ),
            ),
            rx.cond(
                UserRecord.is_self,
                rx.fragment(),
                rx.cond(
                    facts["status_code"] == "disabled",
                    action_button(t(msg("Let in again")), UserRecord.set_access("active")),
                    action_button(t(msg("Disable")), UserRecord.set_access("disabled")),
                ),
            ),
        ),
    )


def facts_card() -> rx.Component:
    """How the person signs in; a one-time link is shown once."""
    facts = UserRecord.facts
    return section(
        t(msg("Account")),
        rx.cond(
            UserRecord.link != "",
            shown_once(
                t(msg("One-time link")),
                UserRecord.link,
                note=t(msg("Hand it over yourself: it is shown only now and is valid for seven days.")),
            ),
        ),
        rx.el.dl(
            fact(t(msg("E-mail")), facts["email"]),
            fact(t(msg("Second factor")), badge(facts["factor"], facts["factor_tone"])),
            fact(t(msg("Created")), facts["created"]),
            fact(t(msg("Last seen")), facts["seen"]),
            class_name="facts",
        ),
        rx.cond(
            (facts["link_until"] != "") & (UserRecord.link == ""),
            rx.el.p(t(msg("An open link is valid until {day}."), day=facts["link_until"]), class_name="note"),
        ),
    )


def posts_card() -> rx.Component:
    """Who the person acts for."""

    def cells(row: Any) -> list[rx.Component]:
        return [
            rx.el.td(link(row["company"], href="/partners/" + row["partner"], class_name="link")),
            rx.el.td(row["role"]),
            rx.el.td(row["since"], class_name="nowrap"),
            rx.cond(
                UserRecord.can_manage,
                end_button(
                    t(msg("End")),
                    t(msg("End {role} at {company}"), role=row["role"], company=row["company"]),
                    UserRecord.end_post(row["partner"], row["role_code"]),
                ),
                rx.el.td(),
            ),
        ]

    return section(
        t(msg("Companies and roles")),
        rx.cond(
            UserRecord.posts.length() > 0,
            actions_table(
                t(msg("Companies and roles")),
                [msg("Company"), msg("Role"), msg("Valid from")],
                UserRecord.posts,
                cells,
            ),
            rx.el.p(t(msg("Acts for nobody and sees nothing")), class_name="note"),
        ),
        rx.cond(
            UserRecord.can_manage,
            rx.el.form(
                field(t(msg("Company code")), "partner", required=True, max_length=40, auto_complete="off"),
                chooser(t(msg("Role")), "role", UserRecord.role_options),
                submit_button(t(msg("Add"))),
                on_submit=UserRecord.add_post,
                key=UserRecord.form_key.to_string(),
                class_name="form-row under",
            ),
        ),
    )


def browsers_card() -> rx.Component:
    """Where the person is signed in."""
    return section(
        t(msg("Browsers")),
        sessions_table(UserRecord.sessions, UserRecord.end_session),
        note=rx.cond(
            UserRecord.sessions.length() > 0,
            action_button(t(msg("Sign all out")), UserRecord.end_sessions),
        ),
    )


def keys_card() -> rx.Component:
    """Tokens that act in the person's name."""
    return section(t(msg("Tokens")), keys_table(UserRecord.api_keys, UserRecord.end_key))


def reach_card() -> rx.Component:
    """What the person would see, counted through the same scope as the pages use."""
    columns = [
        Column("resource", msg("Data set")),
        Column("level", msg("Level")),
        Column("table", msg("Records")),
        Column("count", msg("Count"), "number"),
        Column("examples", msg("For example")),
    ]
    return section(
        t(msg("What this person sees")),
        rx.cond(
            UserRecord.reach.length() > 0,
            static_table(columns, UserRecord.reach, caption=t(msg("What this person sees"))),
            rx.el.p(
                t(msg("Counted at this moment, through the same rules as on every page.")), class_name="note"
            ),
        ),
        note=action_button(t(msg("Count")), UserRecord.show_reach),
    )


register(
    Page(
        route=routes.USERS,
        title=msg("Users"),
        component=framed(users_page),
        on_load=[UserList.open_form, UserList.load],
        permission=Permission.USERS_INVITE,
        section="system",
        icon="user-cog",
    )
)
register(
    Page(
        route=routes.USER,
        title=msg("User"),
        component=framed(user_page),
        on_load=[UserRecord.load],
        permission=Permission.USERS_INVITE,
    )
)
