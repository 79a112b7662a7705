"""Who calls: the bearer token of a request, and the two ways through the gate.

A write knows what surrounds it: with an `Idempotency-Key` it is done once and its answer replayed, with an
`If-Match` the verb gets the version the caller saw.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.encoders import jsonable_encoder
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session
from starlette.datastructures import UploadFile

from .. import doors, gate
from ..core.kernel.access import Actor
from ..core.kernel.errors import ForbiddenError, InvalidError, StaleError, UnauthenticatedError, msg
from ..core.kernel.idempotency import Intention, do_once
from ..gate import Credential
from .limits import Limiter, monotonic_ms
from .problems import PreconditionFailedError, language_of

# Requests inside the gate at once. More of them would only hold their locks while they wait for a core.
_turns = CapacityLimiter(4)

Result = TypeVar("Result")
Shown = TypeVar("Shown")
_bearer = HTTPBearer(
    auto_error=False, scheme_name="bearer", description="A token of `python -m distrib_app token create`."
)
KEY = "Idempotency-Key"
KEY_PATTERN = r"^[\x21-\x7e]{1,80}$"
_TAG = re.compile(r'"([0-9]{1,10})(?:-[0-9a-f]+)?"')


class Caller:
    """The gate as routes see it, and the language the caller reads."""

    def __init__(self, credential: Credential, request: Request) -> None:
        self.credential = credential
        self._request = request
        self._limiter: Limiter = request.app.state.limiter
        self._writes = 0
        self.language = language_of(request)

    async def read(self, query: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Call a core query as the caller."""
        return await self._through(gate.read, query, args, kwargs)

    async def write(self, verb: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Call a core verb as the caller; with a key, what it answers (JSON) is kept and replayed.

        Raises `PreconditionFailedError` when `If-Match` names another version than the record has.
        """
        return await self._write(verb, args, kwargs, is_secret=False)

    async def write_secret(self, verb: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """As `write`, for an answer with a secret shown once: a repeated key is told that it was done."""
        return await self._write(verb, args, kwargs, is_secret=True)

    async def prove(self, verb: Callable[..., Result], /, **kwargs: Any) -> Result:
        """A write that asks for the password or a code anew; guessing is slowed down."""
        return await run_in_threadpool(doors.prove, self.credential, verb, **kwargs)

    def seen(self, version: int | None) -> int | None:
        """The version a change must name: in the body, or in `If-Match`. Raises `InvalidError`."""
        if version is None and "if-match" not in self._request.headers:
            raise InvalidError(field="version", reason=msg("name it in the body or in If-Match"))
        return version

    async def _write(
        self, verb: Callable[..., Result], args: Sequence[Any], kwargs: dict[str, Any], *, is_secret: bool
    ) -> Result:
        is_conditional = self._expect(kwargs)
        call = verb
        if self._request.method == "POST" and KEY in self._request.headers:
            call = await self._once(verb, is_secret)
        try:
            return await self._through(gate.write, call, args, kwargs)
        except StaleError as error:
            if is_conditional:
                raise PreconditionFailedError from error
            raise

    async def _through(
        self, way: Callable[..., Result], call: Any, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Result:
        """Go through the gate when it is this request's turn; a token that opens nothing is a stranger's."""
        work = partial(way, self.credential, call, *args, **kwargs)
        try:
            return await to_thread.run_sync(work, limiter=_turns)
        except UnauthenticatedError:
            self._limiter.forget(self.credential.bearer_token)
            raise

    async def enter(self) -> None:
        """Refuse a token that opens nothing before anybody looks at what else was sent.

        One that was let in a moment ago is not asked here again: the gate asks it in every call.
        """
        token, now_ms = self.credential.bearer_token, monotonic_ms()
        if not self._limiter.is_open(token, now_ms=now_ms):
            await self.read(_enter)
            self._limiter.welcome(token, now_ms=now_ms)

    def _expect(self, kwargs: dict[str, Any]) -> bool:
        """Hand the version of `If-Match` to the verb; whether there was one."""
        wanted = self._request.headers.get("if-match", "*").strip()
        if wanted == "*":
            return False
        tag = _TAG.fullmatch(wanted)
        if tag is None or "version" not in kwargs or kwargs["version"] not in (None, int(tag[1])):
            raise PreconditionFailedError
        kwargs["version"] = int(tag[1])
        return True

    async def _once(self, verb: Callable[..., Result], is_secret: bool) -> Callable[..., Result]:
        """The verb, done once per key; each write of a request has a record of its own."""
        request, self._writes = self._request, self._writes + 1
        content = await _content_hash(request)
        route = request.scope["route"]
        permissions = (route.openapi_extra or {}).get("x-permission", ())
        number = self._writes

        def call(session: Session, actor: Actor, /, *args: Any, now: datetime, **kwargs: Any) -> Any:
            if permissions and not any(all(map(actor.can, names.split())) for names in permissions):
                raise ForbiddenError(permission=" | ".join(permissions))  # a kept answer is no way around it
            if actor.user_id is None:
                raise UnauthenticatedError
            outcome = do_once(
                session,
                Intention(
                    user_id=actor.user_id,
                    route=_route_name(request, number),
                    key=request.headers[KEY],
                    request_hash=content,
                    status=route.status_code or 200,
                ),
                work=lambda: jsonable_encoder(verb(session, actor, *args, now=now, **kwargs)),
                is_secret=is_secret,
                now=now,
            )
            if number == 1:
                request.state.is_replay = outcome.is_replay
            return outcome.answer

        return call


def shown(verb: Callable[..., Result], show: Callable[[Session, Result], Shown]) -> Callable[..., Shown]:
    """A verb whose result is shown before its transaction ends, so that no row leaves it."""

    def call(session: Session, actor: Actor, /, *args: Any, **kwargs: Any) -> Shown:
        return show(session, verb(session, actor, *args, **kwargs))

    return call


def _route_name(request: Request, number: int) -> str:
    """What a key is unique for: the address with its codes; the digest of one too long to be stored."""
    path = request.url.path
    if len(path) > 120:
        path = hashlib.sha256(path.encode()).hexdigest()
    return f"{request.method} {path}" + (f" #{number}" if number > 1 else "")


async def _content_hash(request: Request) -> str:
    """A digest of what is asked: query and body, whatever the order of keys or the form's boundary."""
    content: Any
    try:
        raw = await request.body()
        try:
            content = json.loads(raw)
        except ValueError:
            content = raw.hex()
    except RuntimeError:  # the form was read from the stream; its parts are at hand
        content = [(name, await _part(value)) for name, value in (await request.form()).multi_items()]
    text = json.dumps([request.url.query, content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


async def _part(value: UploadFile | str) -> str:
    if isinstance(value, str):
        return value
    await value.seek(0)
    digest = hashlib.sha256(await value.read()).hexdigest()
    await value.seek(0)
    return f"{value.filename} {digest}"


def _check_key(request: Request) -> None:
    key = request.headers.get(KEY)
    if request.method == "POST" and key is not None and not re.fullmatch(KEY_PATTERN, key):
        raise InvalidError(field=KEY, reason=msg("1 to 80 visible ASCII characters"))


async def get_caller(
    request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Caller:
    """The caller by its `Authorization: Bearer …` header; cookies don't open the API."""
    token = bearer.credentials.strip() if bearer else ""
    caller = Caller(Credential(bearer_token=token), request)
    await caller.enter()
    _check_key(request)
    return caller


def _enter(_session: Session, _actor: Actor) -> None:
    """Nothing: coming through the gate is what was asked."""


CallerDep = Annotated[Caller, Depends(get_caller)]
