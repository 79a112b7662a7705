"""Every registered page renders and has both titles; those of the navigation have a permission."""

import pytest

import distrib_app.pages
from distrib_app import routes
from distrib_app.core.kernel.access import Permission
from distrib_app.i18n.catalogue import catalogue
from distrib_app.pages.registry import Page, pages

assert distrib_app.pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.route)
def test_a_page_renders(page: Page) -> None:
    rendered = str(page.component().render())
    assert len(rendered) > 500
    assert page.title in catalogue("zh_CN")
    if page.in_navigation:
        assert page.permission in {"", *Permission}  # none: for everybody who is signed in
        assert page.icon


def test_only_the_pages_around_signing_in_are_public() -> None:
    public = {page.route for page in pages() if page.is_public}
    assert public == {routes.LOGIN, routes.SECOND_STEP, routes.FORGOTTEN, routes.INVITATION, routes.TRACKING}


def test_routes_are_unique() -> None:
    found = [page.route for page in pages()]
    assert len(found) == len(set(found))
