"""How a person wants to read the platform: language, time zone, figures, colours. Nothing is converted."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session

from ..clock import zone as find_zone
from ..errors import ForbiddenError, InvalidError, msg
from ..events import emit
from .actor import Actor
from .models import User
from .users import get_own_user

LANGUAGES = ("zh_CN", "en")
AUTO = "auto"  # as the language does, or as this browser is set
# what may be chosen beside the time zone; the first is what holds for those who never chose
CHOICES: dict[str, tuple[str, ...]] = {
    "language": LANGUAGES,
    "numbers": (AUTO, "wan", "thousand", "full"),
    "rise": (AUTO, "red", "green"),
    "theme": (AUTO, "light", "dark", "system"),
    "currency": ("symbol", "code"),
}
MAX_ZONE = 40


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody chose.

    `numbers` is how large figures are shortened (万/亿, K/M/B, not at all), `rise` the colour of what goes
    up, `currency` whether amounts carry the sign or the code of theirs.
    """

    language: str
    zone: str
    numbers: str = AUTO
    rise: str = AUTO
    theme: str = AUTO
    currency: str = "symbol"


def check_preferences(**changes: str) -> None:
    """Refuse what cannot be chosen. Raises `InvalidError` naming the field."""
    for field, value in changes.items():
        if field == "zone":
            _check_zone(value)
        elif field not in CHOICES:
            raise InvalidError(field=field, reason=msg("is no preference"))
        elif value not in CHOICES[field]:
            raise InvalidError(field=field, reason=value)


def _check_zone(name: str) -> None:
    if not name or len(name) > MAX_ZONE:
        raise InvalidError(field="zone", reason=name[:MAX_ZONE] or msg("empty"))
    find_zone(name)


def get_preferences(session: Session, actor: Actor) -> Preferences:
    """The actor's own choices. Raises `ForbiddenError` for the system, which reads nothing."""
    if actor.user_id is None:
        raise ForbiddenError(permission=msg("one's own account"))
    return preferences_of(session.get_one(User, actor.user_id))


def preferences_of(user: User) -> Preferences:
    """What a user chose; a value that may no longer be chosen counts as never chosen."""
    kept = {
        field: value
        for field, value in user.preferences.items()
        if field in CHOICES and field != "language" and value in CHOICES[field]
    }
    return Preferences(language=user.language, zone=user.zone, **kept)


def set_preferences(
    session: Session,
    actor: Actor,
    *,
    language: str | None = None,
    zone: str | None = None,
    numbers: str | None = None,
    rise: str | None = None,
    theme: str | None = None,
    currency: str | None = None,
    now: datetime,
) -> Preferences:
    """Change one's own preferences; what is None stays. Returns what holds from now on.

    Raises `InvalidError`, and `ForbiddenError` for a narrowed token.
    """
    user = get_own_user(session, actor)
    before = asdict(preferences_of(user))
    given = {
        "language": language,
        "zone": zone,
        "numbers": numbers,
        "rise": rise,
        "theme": theme,
        "currency": currency,
    }
    changes = {field: value for field, value in given.items() if value is not None}
    check_preferences(**changes)
    changed = {field: value for field, value in changes.items() if value != before[field]}
    if changed:
        user.language = changed.get("language", user.language)
        user.zone = changed.get("zone", user.zone)
        others = {field: value for field, value in changed.items() if field not in ("language", "zone")}
        user.preferences = user.preferences | others  # a new dict: a change inside the old one goes unseen
        user.version += 1
        emit(
            session,
            actor,
            "user.preferences_changed",
            subject=("user", user.username),
            now=now,
            changed=changed,
        )
    return preferences_of(user)
