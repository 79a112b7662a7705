"""What a tab shows: what its person prefers, unless the tab itself was switched."""

import pytest

from distrib_app.core.kernel.access import Preferences
from distrib_app.i18n import Locale


@pytest.fixture
def locale() -> Locale:
    """The locale of a fresh tab."""
    return Locale(_reflex_internal_init=True)


def test_a_tab_follows_its_person(locale: Locale) -> None:
    locale._follow(Preferences("en", "Europe/Berlin", "full", "red", "dark", "code"))
    assert (locale.lang, locale._zone, locale.rise, locale.theme) == ("en", "Europe/Berlin", "red", "dark")
    reader = locale._reader()
    assert (reader, reader.numbers, reader.currency) == ("en", "full", "code")


def test_what_a_tab_was_switched_to_stays_until_somebody_chooses_anew(locale: Locale) -> None:
    locale.lang = locale._own_lang = "en"
    locale._has_own_theme = True
    chinese = Preferences("zh_CN", "Asia/Shanghai", theme="dark")
    locale._follow(chinese)
    assert (locale.lang, locale.theme) == ("en", "")
    locale._forget()
    locale._follow(chinese)
    assert (locale.lang, locale.theme) == ("zh_CN", "dark")


def test_who_prefers_no_theme_keeps_that_of_the_browser(locale: Locale) -> None:
    locale._follow(Preferences("zh_CN", "Asia/Shanghai"))
    assert locale.theme == ""


def test_the_browser_may_have_kept_anything(locale: Locale) -> None:
    locale.lang = "tlh"
    assert locale._reader() == "zh_CN"
