"""Environment variables and `.env`, and what follows from them."""

from pathlib import Path

import pytest

from distrib_app.core.kernel.settings import Settings, get_settings

GUIDE = Path(__file__).parents[3] / "docs" / "operations.md"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder without `.env`, an environment without our variables."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_everything_has_a_default(bare: Path) -> None:
    found = Settings()
    assert found.url == f"sqlite:///{bare / 'data' / 'distrib.db'}"
    assert found.lake == bare / "data" / "lake"
    assert (found.demo, found.host, found.port) == (False, "127.0.0.1", 8000)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgresql://u:p@host/db", "postgresql+psycopg://u:p@host/db"),
        ("postgres://host/db", "postgresql+psycopg://host/db"),
        ("postgresql+psycopg://host/db", "postgresql+psycopg://host/db"),
        ("sqlite:////srv/a.db", "sqlite:////srv/a.db"),
    ],
)
def test_the_driver_of_postgresql_is_named(monkeypatch: pytest.MonkeyPatch, given: str, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    assert Settings().url == url


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    (bare / ".env").write_text("PORT=9000\nDEMO=true\nLAKE_DIR=/srv/lake\nOTHER=1\n")
    monkeypatch.setenv("PORT", "9001")
    found = Settings()
    assert (found.port, found.demo, found.lake) == (9001, True, Path("/srv/lake"))


def test_the_process_reads_its_settings_once() -> None:
    assert get_settings() is get_settings()


def test_the_guide_names_every_setting() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`{name.upper()}`" not in text] == []
