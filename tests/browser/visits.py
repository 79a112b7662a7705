"""Every registered page as somebody sees it who may: which person opens it, and at which real record.

A page with parameters is reached through the first link of the list above it, so new pages are visited by
themselves; what has no such list stands in `REACHED_FROM`, or in `NOT_VISITED` with its reason.
"""

import re
from dataclasses import dataclass, field

from sqlmodel import select

import distrib_app.pages
from distrib_app import routes
from distrib_app.core.channels import list_customers, resolve_actor, save_customer
from distrib_app.core.kernel.access import SYSTEM, User
from distrib_app.core.kernel.clock import utc_now
from distrib_app.core.kernel.db import Database
from distrib_app.core.kernel.listing import ListQuery
from distrib_app.pages.registry import Page, pages

from .conftest import Server, playwright_api

assert distrib_app.pages

ADMIN = "admin"
# pages that others than the administrator use
OPENED_BY = {routes.ORDER_NEW: "city"}
# the page whose links lead to a record, where it is not the path before the parameter
REACHED_FROM: dict[str, str] = {}
# pages that need something which no demo network holds, each with its reason
NOT_VISITED: dict[str, str] = {}


def furnish(server: Server) -> None:
    """Record what a demo network does not have by itself: an end customer of the administrator's company."""
    database = Database(f"sqlite:///{server.data / 'distrib.db'}")
    with database.write(SYSTEM) as session:
        admin = session.exec(select(User).where(User.username == ADMIN)).one()
        actor = resolve_actor(session, admin, now=utc_now())
        if not list_customers(session, actor, query=ListQuery()).total:
            save_customer(session, actor, code="KH-0001", name="陈女士", kind="person", now=utc_now())
    database.dispose()


def visited() -> list[Page]:
    """The registered pages that can be visited."""
    return [page for page in pages() if page.route not in NOT_VISITED]


@dataclass
class Visitor:
    """A browser context per person; pages are opened in tabs of theirs."""

    browser: "playwright_api.Browser"
    server: Server
    theme: str = "light"
    width: int = 1440
    height: int = 900
    lang: str = ""
    _tabs: dict[str, "playwright_api.Page"] = field(default_factory=dict)
    _paths: dict[str, str] = field(default_factory=dict)

    def open(self, page: Page) -> "playwright_api.Page":
        """The page in a tab of somebody who may open it, with all it shows loaded."""
        tab = self.tab_of("" if page.is_public else OPENED_BY.get(page.route, ADMIN))
        if page.is_public:  # what a link of a mail leads to; here a dead one
            self._go(tab, re.sub(r"\[\w+\]", "none", page.route))
        elif "[" in page.route:
            self._go(tab, self._record(tab, page.route))
        else:
            self._go(tab, page.route)
        return tab

    def tab_of(self, username: str) -> "playwright_api.Page":
        """The tab of a demo user (nobody for an empty name), signed in once."""
        if username not in self._tabs:
            context = self.browser.new_context(
                viewport={"width": self.width, "height": self.height},
                reduced_motion="reduce",
                locale="zh-CN",  # a public page speaks the browser's language
            )
            context.add_init_script(f"localStorage.setItem('theme', '{self.theme}')")
            tab = self._tabs[username] = context.new_page()
            tab.set_default_timeout(20_000)
            tab.goto(f"{self.server.url}/login/")
            tab.wait_for_selector(".demo-users form")
            if self.lang == "en":
                tab.click("[data-switch=language]")
                tab.wait_for_selector("html[lang=en]")
            if username:
                tab.click(f'form:has(input[value="{username}"]) button')
                tab.wait_for_url(lambda url: "/login" not in url)
                tab.wait_for_selector("main h1")
        return self._tabs[username]

    def close(self) -> None:
        """Close all contexts."""
        for tab in self._tabs.values():
            tab.context.close()

    def _record(self, tab: "playwright_api.Page", route: str) -> str:
        """The address of the first record that a link of its list leads to."""
        if route not in self._paths:
            pattern = re.compile(re.sub(r"\[\w+\]", "[^/?#]+", route))
            others = {page.route for page in pages()}
            self._go(tab, REACHED_FROM.get(route, route.partition("/[")[0] or "/"))
            links = tab.eval_on_selector_all(
                "main a[href]", "all => all.map(one => one.getAttribute('href'))"
            )
            paths = {link: link.partition("?")[0].rstrip("/") for link in links}
            found = [link for link, path in paths.items() if pattern.fullmatch(path) and path not in others]
            assert found, f"no link to a record of {route} on {tab.url}"
            self._paths[route] = found[0]
        return self._paths[route]

    def _go(self, tab: "playwright_api.Page", path: str) -> None:
        base, _, query = path.partition("?")
        tab.goto(self.server.url + base.rstrip("/") + "/" + (f"?{query}" if query else ""))
        settle(tab, self.lang)


def settle(tab: "playwright_api.Page", lang: str = "") -> None:
    """Wait until the page shows what it has: the person known, its language taken over, skeletons gone."""
    tab.wait_for_selector("main h1, .empty", timeout=20_000)
    tab.wait_for_selector(f"html[lang={'en' if lang == 'en' else 'zh-CN'}]")
    tab.wait_for_function(
        "!document.querySelector('.user-name') || document.querySelector('.user-name').innerText"
    )
    tab.wait_for_function("!document.querySelector('.skeleton-row')")
    tab.wait_for_function("document.fonts.status === 'loaded'")
    tab.wait_for_timeout(250)
