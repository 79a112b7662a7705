"""Who is acting: a user with permissions and scopes, or the system itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..errors import ForbiddenError
from .permissions import Permission
from .scope import ALL_SCOPE, NO_SCOPE, Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or process behind a call; resolved anew for every call, never stored.

    `posts` are (party, role code) held, `delegated` (lender, party, role code) held for somebody who is away;
    `token_scopes` narrow a bearer token (empty: everything the person may); `impersonated_by` is the
    administrator who looks through this person's eyes and may change nothing.
    """

    user_id: int | None
    username: str
    name: str
    language: str = "zh_CN"
    zone: str = "Asia/Shanghai"
    permissions: frozenset[str] = frozenset()
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    partner_ids: tuple[int, ...] = ()
    tier_codes: tuple[str, ...] = ()
    posts: frozenset[tuple[int, str]] = frozenset()
    delegated: frozenset[tuple[int, int, str]] = frozenset()
    token_scopes: frozenset[str] = frozenset()
    impersonated_by: int | None = None
    is_system: bool = False

    def can(self, permission: str) -> bool:
        """Whether the permission is held."""
        return self.is_system or permission in self.permissions

    def holds(self, party_id: int, roles: Collection[str]) -> bool:
        """Whether one of `roles` is held at the party, by oneself."""
        return self.is_system or any((party_id, role) in self.posts for role in roles)

    def require(self, permission: str) -> None:
        """Raise `ForbiddenError` unless the permission is held."""
        if not self.can(permission):
            raise ForbiddenError(permission=str(permission))

    def scope(self, resource: str) -> Scope:
        """How far this actor sees into `resource`; nothing unless granted."""
        return ALL_SCOPE if self.is_system else self.scopes.get(resource, NO_SCOPE)


SYSTEM = Actor(
    user_id=None,
    username="system",
    name="system",
    permissions=frozenset(Permission),
    is_system=True,
)
