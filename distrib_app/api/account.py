"""The caller's own account over REST: profile, password, second factor, sessions, tokens."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from ..core.channels import end_user_session, end_user_sessions, end_user_token
from ..core.kernel.access import (
    AccountDetail,
    Actor,
    begin_second_factor,
    change_password,
    change_profile,
    confirm_second_factor,
    disable_second_factor,
    get_account,
    issue_token,
    renew_recovery_codes,
)
from ..core.kernel.clock import utc_now
from .caller import CallerDep
from .models import PLAIN, Body, Code, Json, row_json
from .schemas import TEXT, Named, array_of, asks, object_of, row_of

router = APIRouter(tags=["me"])
ACCOUNT = row_of("Account", AccountDetail)
ENROLMENT = Named("Enrolment", object_of(secret=TEXT, uri=TEXT))
RECOVERY_CODES = Named("RecoveryCodes", object_of(recovery_codes=array_of(TEXT)))
NEW_TOKEN = Named("NewToken", object_of(token=TEXT | {"description": "Shown once."}))
Secret = Annotated[str, Field(min_length=1, max_length=200)]
OneTimeCode = Annotated[str, Field(min_length=6, max_length=30, pattern=PLAIN)]


class Profile(Body):
    """Name and e-mail address."""

    name: Annotated[str, Field(min_length=1, max_length=120, pattern=PLAIN)]
    email: Annotated[str, Field(max_length=200, pattern=PLAIN)] = ""


class NewPassword(Body):
    """The present password and the next one."""

    present: Secret
    password: Secret


class GivenCode(Body):
    """A code of the authenticator app, or a recovery code where one is accepted."""

    code: OneTimeCode


class Proof(Body):
    """Password and code."""

    password: Secret
    code: OneTimeCode


class TokenWish(Body):
    """A name, the permissions it is narrowed to (none: all of one's own), and for how many days."""

    name: Annotated[str, Field(min_length=1, max_length=120, pattern=PLAIN)]
    scopes: Annotated[list[Code], Field(default_factory=list, max_length=50)]
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


class SessionChoice(Body):
    """One session by its key; all of them without."""

    key: Code | None = None


class TokenChoice(Body):
    """A token by its key."""

    key: Code


@router.get("/me/account", openapi_extra=asks(answers=ACCOUNT))
async def read_account(caller: CallerDep) -> Json:
    """How one signs in, where one is signed in, which tokens act in one's name; not for narrowed tokens."""
    return row_json(await caller.read(get_account, now=utc_now()))


@router.put("/me/profile", openapi_extra=asks(answers=ACCOUNT))
async def change_own_profile(caller: CallerDep, body: Profile) -> Json:
    """Change one's own name and e-mail address."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Json:
        change_profile(session, actor, **facts)
        return row_json(get_account(session, actor, now=facts["now"]))

    return await caller.write(verb, name=body.name, email=body.email)


@router.post("/me/password", status_code=204, openapi_extra=asks())
async def change_own_password(caller: CallerDep, body: NewPassword) -> None:
    """Change one's own password; every browser is signed out."""
    await caller.prove(change_password, present=body.present, password=body.password)


@router.post("/me/second-factor", status_code=201, openapi_extra=asks(answers=ENROLMENT))
async def begin_factor(caller: CallerDep) -> Json:
    """A secret for an authenticator app, shown once; a first code switches the second factor on."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Json:
        return row_json(begin_second_factor(session, actor, **facts))

    return await caller.write_secret(verb)


@router.post("/me/second-factor/confirm", openapi_extra=asks(answers=RECOVERY_CODES))
async def confirm_factor(caller: CallerDep, body: GivenCode) -> Json:
    """Switch the second factor on; answers ten recovery codes, shown once."""
    return {"recovery_codes": list(await caller.prove(confirm_second_factor, code=body.code))}


@router.post("/me/second-factor/recovery-codes", openapi_extra=asks(answers=RECOVERY_CODES))
async def renew_codes(caller: CallerDep, body: GivenCode) -> Json:
    """Ten new recovery codes in place of the old ones, shown once."""
    return {"recovery_codes": list(await caller.prove(renew_recovery_codes, code=body.code))}


@router.post("/me/second-factor/disable", status_code=204, openapi_extra=asks())
async def disable_factor(caller: CallerDep, body: Proof) -> None:
    """Switch one's own second factor off, with password and code."""
    await caller.prove(disable_second_factor, password=body.password, code=body.code)


@router.post("/me/sessions/end", status_code=204, openapi_extra=asks())
async def end_own_sessions(caller: CallerDep, body: SessionChoice) -> None:
    """Sign one of one's own browsers out, or all."""

    def verb(session: Session, actor: Actor, **facts: Any) -> None:
        if body.key is None:
            end_user_sessions(session, actor, username=actor.username, **facts)
        else:
            end_user_session(session, actor, username=actor.username, key=body.key, **facts)

    await caller.write(verb)


@router.post("/me/tokens", status_code=201, openapi_extra=asks(answers=NEW_TOKEN))
async def add_token(caller: CallerDep, body: TokenWish) -> Json:
    """A new bearer token for oneself, shown once."""

    def verb(session: Session, actor: Actor, **facts: Any) -> Json:
        return {"token": issue_token(session, actor, **facts)}

    return await caller.write_secret(verb, name=body.name, scopes=tuple(body.scopes), days=body.days)


@router.post("/me/tokens/end", status_code=204, openapi_extra=asks())
async def end_own_token(caller: CallerDep, body: TokenChoice) -> None:
    """End one of one's own tokens."""

    def verb(session: Session, actor: Actor, **facts: Any) -> None:
        end_user_token(session, actor, username=actor.username, key=body.key, **facts)

    await caller.write(verb)
