"""The lake's own record of itself: which Parquet files hold which postings."""

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class LakeFile(SQLModel, table=True):
    """One Parquet file of one month. A file that is not listed here is not part of the lake."""

    __tablename__ = "lake_file"

    id: int | None = Field(default=None, primary_key=True)
    path: str = Field(max_length=200, unique=True)
    month: date = Field(index=True)
    first_seq: int
    last_seq: int = Field(index=True)
    row_count: int
    amount: int = Field(sa_type=BigInteger)
    written_at: datetime
