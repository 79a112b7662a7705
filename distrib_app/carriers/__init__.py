"""Carriers as the platform reaches them: adapters of the port of core, and a simulated carrier."""

from .demonstration import simulate
from .desk import book_shipment, take_message, track_shipments
from .remote import RemoteCarrier

__all__ = ["RemoteCarrier", "book_shipment", "simulate", "take_message", "track_shipments"]
