"""Who calls: the bearer token of a request, and the two ways through the gate."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session

from .. import gate
from ..core.kernel.access import Actor
from ..gate import Credential
from ..i18n import LANGUAGES

Result = TypeVar("Result")
Shown = TypeVar("Shown")
_bearer = HTTPBearer(auto_error=False, description="A token of `python -m distrib_app token create`.")


class Caller:
    """The gate as routes see it, and the language the caller reads."""

    def __init__(self, credential: Credential, language: str) -> None:
        self._credential = credential
        self.language = language

    async def read(self, query: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Call a core query as the caller."""
        return await run_in_threadpool(gate.read, self._credential, query, *args, **kwargs)

    async def write(self, verb: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Call a core verb as the caller."""
        return await run_in_threadpool(gate.write, self._credential, verb, *args, **kwargs)


def shown(verb: Callable[..., Result], show: Callable[[Session, Result], Shown]) -> Callable[..., Shown]:
    """A verb whose result is shown before its transaction ends, so that no row leaves it."""

    def call(session: Session, actor: Actor, /, *args: Any, **kwargs: Any) -> Shown:
        return show(session, verb(session, actor, *args, **kwargs))

    return call


def language_of(request: Request) -> str:
    """Chinese for those who ask for it, English for everybody else."""
    wanted = request.headers.get("accept-language", "")
    return LANGUAGES[0] if wanted.lower().startswith("zh") else LANGUAGES[1]


async def get_caller(
    request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Caller:
    """The caller by its `Authorization: Bearer …` header; cookies don't open the API.

    A token that opens nothing is refused here, before anybody looks at what else was sent.
    """
    token = bearer.credentials.strip() if bearer else ""
    caller = Caller(Credential(bearer_token=token), language_of(request))
    await caller.read(_enter)
    return caller


def _enter(_session: Session, _actor: Actor) -> None:
    """Nothing: coming through the gate is what was asked."""


CallerDep = Annotated[Caller, Depends(get_caller)]
