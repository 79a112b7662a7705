"""Carriers that the platform talks to."""

from sqlmodel import Field

from ..kernel.db import Versioned


class Carrier(Versioned, table=True):
    """A carrier: where its service is booked, and the secret that signs what the two tell each other.

    A signature is made with the secret itself, so a digest of it would not do; no query hands it out.
    Shipments name their carrier by its name or code.
    """

    __tablename__ = "carrier"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=60)
    name_en: str = Field(default="", max_length=60)
    service_url: str = Field(default="", max_length=200)
    secret: str = Field(default="", max_length=120)
    is_active: bool = True
