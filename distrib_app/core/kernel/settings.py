"""What a deployment configures: environment variables or `.env`, nothing else."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Deployment settings; every field is an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    data_dir: Path = Field(default=Path("data"), description="Files and the default SQLite database.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty means SQLite inside DATA_DIR.")
    lake_dir: Path | None = Field(default=None, description="Parquet lake; default DATA_DIR/lake.")
    shared_data: Path = Field(
        default=Path("../shared/data"), description="Public data sets; never needed to run."
    )
    demo: bool = Field(default=False, description="Show one-click demo sign-ins. Only for local use.")
    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = Field(default=1, ge=1, description="Processes that serve pages and REST on the port.")
    pseudo_locale: bool = Field(
        default=False, description="English as ⟦…~~~⟧, a third longer: shows texts that no catalogue knows."
    )
    public_url: str = Field(
        default="", description="Where people reach the platform; links in mails begin with it."
    )
    files_url: str = Field(
        default="", description="Uploaded files, as fsspec names the place (s3://…); default DATA_DIR/files."
    )
    file_max_bytes: int = Field(default=20_971_520, ge=1024, description="The largest file to upload.")
    smtp_url: str = Field(
        default="", description="smtp://user:password@host:587?tls=starttls; empty sends no mail."
    )
    mail_from: str = Field(default="", description="The sender of mails: Distrib <no-reply@example.org>.")
    document_secret: str = Field(
        default="", description="Key of the QR codes on documents; default DATA_DIR/document.key, made once."
    )
    session_hours: int = Field(default=12, description="Lifetime of a browser session.")
    lake_sync_seconds: int = Field(default=2, description="How often new journal postings reach the lake.")
    lease_seconds: int = Field(
        default=15, ge=3, description="How long a dead process still holds the scheduled jobs."
    )
    job_threads: int = Field(default=2, ge=0, description="Jobs that this process runs at once; 0 for none.")
    job_lost_seconds: int = Field(
        default=20, ge=3, description="A running job without a sign of life for so long is taken over."
    )
    rate_limit_per_minute: int = Field(default=600, ge=0, description="REST requests a token; 0: no limit.")
    rate_limit_burst: int = Field(default=100, ge=1, description="REST requests a token may send at once.")
    rate_limit_strangers: int = Field(
        default=60, ge=1, description="REST requests a minute from an address without a valid token."
    )

    @property
    def url(self) -> str:
        """The database URL with the driver named."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'distrib.db').absolute()}"
        for plain in ("postgresql://", "postgres://"):
            if self.database_url.startswith(plain):
                return "postgresql+psycopg://" + self.database_url.removeprefix(plain)
        return self.database_url

    @property
    def files(self) -> str:
        """Where uploaded files lie, as fsspec names it."""
        return self.files_url or str((self.data_dir / "files").absolute())

    @property
    def lake(self) -> Path:
        """Where the Parquet files lie."""
        return (self.lake_dir or self.data_dir / "lake").absolute()


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
