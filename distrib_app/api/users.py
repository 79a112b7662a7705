"""People over REST: invite, look at, give posts, shut out; sessions and tokens of others."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from .. import routes
from ..core.channels import (
    InvitationAnswer,
    PostRow,
    ReachPreview,
    UserDetail,
    UserRow,
    add_membership,
    change_role,
    end_membership,
    end_user_session,
    end_user_sessions,
    end_user_token,
    get_user,
    invite_user,
    list_users,
    open_link,
    preview_reach,
    reset_second_factor,
    set_user_disabled,
)
from ..core.kernel.access import Actor, Permission
from ..core.kernel.clock import utc_now
from .caller import CallerDep
from .models import (
    PLAIN,
    Body,
    Code,
    CodePath,
    CodesQuery,
    Json,
    Search,
    SortQuery,
    Version,
    WindowDep,
    page_json,
    row_json,
)
from .schemas import TEXT, Named, asks, list_of, object_of, row_of

router = APIRouter(tags=["users"])
USER = row_of("User", UserRow)
POST = row_of("Post", PostRow)
USER_DETAIL = row_of("UserDetail", UserDetail)
REACH = row_of("Reach", ReachPreview)
INVITED = Named(
    "InvitationAnswer",
    object_of(
        username=TEXT,
        task_number=TEXT | {"description": "The task that has to be approved first; empty when it acted."},
        path=TEXT | {"description": "The one-time link, shown once; empty while it waits for approval."},
    ),
)
LINK = Named("OneTimeLink", object_of(path=TEXT | {"description": "Shown once; valid for seven days."}))
MANAGERS = (Permission.ADMIN_ACCESS, Permission.USERS_INVITE)


class NewUser(Body):
    """Somebody to invite into a company in a role."""

    username: Annotated[str, Field(min_length=2, max_length=64, pattern=r"^[a-z0-9][a-z0-9._@-]*$")]
    name: Annotated[str, Field(min_length=1, max_length=120, pattern=PLAIN)]
    email: Annotated[str, Field(max_length=200, pattern=PLAIN)] = ""
    partner: Code
    role: Code


class Post(Body):
    """A role in a company."""

    partner: Code
    role: Code


class RoleChange(Body):
    """Another role in the same company."""

    partner: Code
    role: Code
    new_role: Code


class Access(Body):
    """Whether somebody is shut out."""

    is_disabled: bool
    version: Version | None = None


class SessionChoice(Body):
    """One session by its key; all of them without."""

    key: Code | None = None


class TokenChoice(Body):
    """A token by its key."""

    key: Code


@router.get("/users", openapi_extra=asks(*MANAGERS, answers=list_of(USER)))
async def read_users(
    caller: CallerDep,
    window: WindowDep,
    status: CodesQuery,
    second_factor: CodesQuery,
    role: CodesQuery,
    search: Search = "",
    sort: SortQuery = "",
) -> Json:
    """Users: all for administrators, the people of one's own company for who may invite."""
    query = window.query(search=search, sort=sort, status=status, second_factor=second_factor, role=role)
    return page_json(await caller.read(list_users, query=query, now=utc_now()), window)


@router.post("/users", status_code=201, openapi_extra=asks(*MANAGERS, answers=INVITED))
async def invite(caller: CallerDep, body: NewUser) -> Json:
    """Invite somebody; answers a one-time link, or the task that asks for approval first."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Json:
        return _invited_json(invite_user(session, actor, **facts))

    return await caller.write_secret(
        verb,
        username=body.username,
        name=body.name,
        email=body.email,
        partner_code=body.partner,
        role_code=body.role,
    )


@router.get("/users/{username}", openapi_extra=asks(*MANAGERS, answers=USER_DETAIL))
async def read_user(caller: CallerDep, username: CodePath) -> Json:
    """One user with posts; for administrators sessions and tokens too."""
    return row_json(await caller.read(get_user, username=username, now=utc_now()))


@router.post("/users/{username}/link", openapi_extra=asks(*MANAGERS, answers=LINK))
async def open_one_time_link(caller: CallerDep, username: CodePath) -> Json:
    """A new one-time link to join, or to choose another password; earlier ones end."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Json:
        return {"path": routes.invitation(open_link(session, actor, **facts))}

    return await caller.write_secret(verb, username=username)


@router.put("/users/{username}/access", openapi_extra=asks(*MANAGERS, answers=USER_DETAIL))
async def set_access(caller: CallerDep, username: CodePath, body: Access) -> Json:
    """Shut somebody out at once, or let them in again."""
    return await caller.write(
        _then_shown(set_user_disabled),
        username=username,
        is_disabled=body.is_disabled,
        version=body.version,
    )


@router.post("/users/{username}/posts", status_code=201, openapi_extra=asks(*MANAGERS, answers=USER_DETAIL))
async def add_post(caller: CallerDep, username: CodePath, body: Post) -> Json:
    """Give somebody a role in a company."""
    return await caller.write(
        _then_shown(add_membership), username=username, partner_code=body.partner, role_code=body.role
    )


@router.post("/users/{username}/posts/change", openapi_extra=asks(*MANAGERS, answers=USER_DETAIL))
async def change_post(caller: CallerDep, username: CodePath, body: RoleChange) -> Json:
    """Another role in the same company."""
    return await caller.write(
        _then_shown(change_role),
        username=username,
        partner_code=body.partner,
        role_code=body.role,
        new_role_code=body.new_role,
    )


@router.post("/users/{username}/posts/end", status_code=204, openapi_extra=asks(*MANAGERS))
async def end_post(caller: CallerDep, username: CodePath, body: Post) -> None:
    """End a role in a company at once."""
    await caller.write(end_membership, username=username, partner_code=body.partner, role_code=body.role)


@router.post("/users/{username}/sessions/end", status_code=204, openapi_extra=asks(Permission.ADMIN_ACCESS))
async def end_sessions_of(caller: CallerDep, username: CodePath, body: SessionChoice) -> None:
    """Sign one browser of a user out, or all."""
    if body.key is None:
        await caller.write(_without_answer(end_user_sessions), username=username)
    else:
        await caller.write(end_user_session, username=username, key=body.key)


@router.post("/users/{username}/tokens/end", status_code=204, openapi_extra=asks(Permission.ADMIN_ACCESS))
async def end_token_of(caller: CallerDep, username: CodePath, body: TokenChoice) -> None:
    """End a bearer token of a user."""
    await caller.write(end_user_token, username=username, key=body.key)


@router.post(
    "/users/{username}/second-factor/reset", status_code=204, openapi_extra=asks(Permission.ADMIN_ACCESS)
)
async def reset_factor(caller: CallerDep, username: CodePath) -> None:
    """Switch somebody's second factor off after a lost device."""
    await caller.write(reset_second_factor, username=username)


@router.get("/users/{username}/reach", openapi_extra=asks(Permission.ADMIN_ACCESS, answers=REACH))
async def read_reach(caller: CallerDep, username: CodePath) -> Json:
    """What somebody may do and would see: per data set the level, counts and examples."""
    return row_json(await caller.read(preview_reach, username=username, now=utc_now()))


def _invited_json(answer: InvitationAnswer) -> Json:
    return {
        "username": answer.username,
        "task_number": answer.task_number,
        "path": routes.invitation(answer.link) if answer.link else "",
    }


def _then_shown(verb: Any) -> Any:
    """A verb on a user that answers the user as it is then."""

    def call(session: Session, actor: Actor, *, username: str, **facts: Any) -> Json:
        verb(session, actor, username=username, **facts)
        session.flush()
        return row_json(get_user(session, actor, username=username, now=facts["now"]))

    return call


def _without_answer(verb: Any) -> Any:
    def call(session: Session, actor: Actor, **facts: Any) -> None:
        verb(session, actor, **facts)

    return call
