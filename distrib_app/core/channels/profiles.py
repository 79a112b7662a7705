"""Who somebody is on the platform, as the person itself sees it."""

from dataclasses import dataclass

from sqlmodel import Session

from ..kernel.access import Actor, Preferences, User, get_preferences
from ..workbench import Company
from .people import name_companies


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """The actor: its companies by membership, what it may do, and how it reads."""

    username: str
    name: str
    email: str
    companies: tuple[Company, ...]
    permissions: tuple[str, ...]
    preferences: Preferences


def get_profile(session: Session, actor: Actor) -> ProfileRow:
    """The actor's own profile. Raises `ForbiddenError` for the system."""
    preferences = get_preferences(session, actor)
    companies = name_companies(session, actor.partner_ids)
    return ProfileRow(
        username=actor.username,
        name=actor.name,
        email=session.get_one(User, actor.user_id).email,
        companies=tuple(companies[key] for key in actor.partner_ids),
        permissions=tuple(sorted(actor.permissions)),
        preferences=preferences,
    )
