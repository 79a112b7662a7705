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
    session_hours: int = Field(default=12, description="Lifetime of a browser session.")
    lake_sync_seconds: int = Field(default=2, description="How often new journal postings reach the lake.")

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
    def lake(self) -> Path:
        """Where the Parquet files lie."""
        return (self.lake_dir or self.data_dir / "lake").absolute()


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
