"""Who calls: the bearer token of a request, and the two ways through the gate."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from .. import gate
from ..gate import Credential

Result = TypeVar("Result")


class Caller:
    """The gate as routes see it."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    async def read(self, query: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Call a core query as the caller."""
        return await run_in_threadpool(gate.read, self._credential, query, *args, **kwargs)

    async def write(self, verb: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Result:
        """Call a core verb as the caller."""
        return await run_in_threadpool(gate.write, self._credential, verb, *args, **kwargs)


def get_caller(request: Request) -> Caller:
    """The caller by its `Authorization: Bearer …` header; cookies don't open the API."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return Caller(Credential(bearer_token=token.strip() if scheme.lower() == "bearer" else ""))


CallerDep = Annotated[Caller, Depends(get_caller)]
