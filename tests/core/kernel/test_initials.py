"""Initials follow the name with every write, and are filled in where a database has none yet."""

from sqlalchemy import update
from sqlmodel import select

from distrib_app.core.catalog import Sku
from distrib_app.core.channels import Partner, set_up
from distrib_app.core.kernel.access import SYSTEM
from distrib_app.core.kernel.db import Database, get_by
from distrib_app.core.kernel.initials import fill_initials
from tests.core.channels.town import build_town


def _letters(database: Database) -> dict[str, str]:
    with database.read(SYSTEM) as session:
        return dict(session.exec(select(Partner.code, Partner.initials)).all())


def test_a_created_and_a_renamed_partner_carry_their_initials(database: Database) -> None:
    with database.write(SYSTEM) as session:
        build_town(session)
        get_by(session, Partner, "partner", code="GZ").name = "重庆粤海家电"
    found = _letters(database)
    assert found["GZ"] == "cqyhjd"
    assert found["SZ"] == "szsm"
    assert found["BR"] == "ys"


def test_set_up_fills_what_is_missing_once(database: Database) -> None:
    with database.write(SYSTEM) as session:
        build_town(session)
    expected = _letters(database)
    with database.write(SYSTEM) as session:
        session.exec(update(Partner).values(initials=""))
        session.exec(update(Partner).where(Partner.code == "TH").values(name="——"))
    with database.write(SYSTEM) as session:
        set_up(session)
    assert _letters(database) == expected | {"TH": ""}
    with database.write(SYSTEM) as session:
        assert fill_initials(session) == 0
        assert session.exec(select(Sku)).all() == []
