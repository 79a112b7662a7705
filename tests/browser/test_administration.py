"""Administration as people do it: invite and join, second factor, ended sessions, a view as somebody."""

import re
from collections.abc import Callable, Iterator

import pyotp
import pytest

from .conftest import Person, Server

PASSWORD = "ten--chars--long"


@pytest.fixture
def stranger(browser, demo: Server) -> Iterator[Person]:  # type: ignore[no-untyped-def]
    """Somebody with a fresh browser who is not signed in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield Person(page, demo)
    context.close()


def invite(admin: Person, username: str, company: str) -> str:
    """Invite somebody with the form; the one-time link."""
    admin.open("/users/")
    admin.page.wait_for_selector("td:has-text('admin')")
    admin.page.fill("input[name=new_username]", username)
    admin.page.fill("form:has(input[name=new_username]) input[name=name]", "新来的")
    admin.page.fill("input[name=partner]", company)
    admin.page.select_option("select[name=role]", "owner")
    admin.page.click("button:has-text('邀请')")
    link = admin.page.inner_text(".once-value")
    assert f"{username} 的链接" in admin.page.inner_text(".once")
    return str(link)


def join(stranger: Person, link: str) -> None:
    """Open the link and choose a password; a weak one is refused first."""
    stranger.page.goto(link)
    stranger.page.fill("input[name=password]", "aaaaaaaaaaaa")
    stranger.page.click("button:has-text('保存密码')")
    assert "至少 10 个字符" in stranger.page.inner_text("[role=alert]")
    stranger.page.fill("input[name=password]", PASSWORD)
    stranger.page.click("button:has-text('保存密码')")
    stranger.page.wait_for_url("**/login**ready=1**")


def enter(stranger: Person, username: str) -> None:
    """Sign in with name and password."""
    if "/login" not in stranger.page.url:
        stranger.page.goto(stranger.server.url + "/login/")
    stranger.page.wait_for_selector(".demo-users form")
    stranger.page.fill("form.stack input[name=username]", username)
    stranger.page.fill("form.stack input[name=password]", PASSWORD)
    stranger.page.click("form.stack button[type=submit]")


def company_of(admin: Person) -> str:
    """The code of a partner in the list."""
    admin.open("/partners/?tier=city")
    return str(admin.page.inner_text("tbody tr:first-child td a.link"))


def test_somebody_is_invited_joins_and_adds_a_second_factor(
    sign_in: Callable[..., Person], stranger: Person
) -> None:
    admin = sign_in("admin")
    link = invite(admin, "new.owner", company_of(admin))
    join(stranger, link)
    enter(stranger, "new.owner")
    stranger.page.wait_for_url(lambda url: "/login" not in url)
    stranger.page.wait_for_selector("main h1")
    # the link is dead, and says so
    admin.page.goto(link)
    admin.page.wait_for_selector("[role=alert]:has-text('此链接已失效')")
    # a second factor
    stranger.open("/account/")
    stranger.page.click("button:has-text('开始设置')")
    stranger.page.wait_for_selector(".qr svg")
    secret = stranger.page.inner_text("code").replace(" ", "")
    totp = pyotp.TOTP(secret)
    stranger.screenshot("account-qr")
    stranger.page.fill("input[name=code]", totp.now())
    stranger.page.click("button:has-text('确认')")
    stranger.page.wait_for_selector(".codes li")
    codes = stranger.page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    stranger.screenshot("account-codes")
    stranger.page.click("header button:has-text('退出')")
    stranger.page.wait_for_url("**/login**")
    enter(stranger, "new.owner")
    stranger.page.wait_for_url("**/second-step**")
    stranger.page.fill("input[name=code]", "000000")
    stranger.page.click("button:has-text('登录')")
    stranger.page.wait_for_selector("[role=alert]:has-text('验证码不正确')")
    stranger.page.fill("input[name=code]", codes[0])
    stranger.page.click("button:has-text('登录')")
    stranger.page.wait_for_url(lambda url: "second-step" not in url and "/login" not in url)
    stranger.page.wait_for_selector("main h1")


def test_an_ended_session_is_out_on_its_next_click(sign_in: Callable[..., Person]) -> None:
    boss, admin = sign_in("boss"), sign_in("admin")
    boss.page.wait_for_selector(".nav-link")
    admin.open("/users/boss/")
    admin.page.click("button:has-text('全部退出')")
    admin.page.wait_for_selector("text=没有登录的浏览器")
    boss.page.click(".nav-link[href^='/orders']")
    boss.page.wait_for_url("**/login**")


def test_a_view_shows_what_the_person_sees_and_changes_nothing(sign_in: Callable[..., Person]) -> None:
    admin = sign_in("admin")
    names = _owners(admin)
    admin.open(f"/users/{names[0]}/")
    admin.page.click("button:has-text('以此人身份查看')")
    admin.page.wait_for_selector(".view-banner")
    assert "不能更改任何内容" in admin.page.inner_text(".view-banner")
    admin.open("/account/")
    admin.page.wait_for_selector(".view-banner")
    admin.page.fill("input[autocomplete=name]", "别人")
    admin.page.click("form:has(input[autocomplete=name]) button:has-text('保存')")
    admin.page.wait_for_selector("text=不能更改任何内容。请先结束查看")
    admin.screenshot("view-as")
    admin.page.click(".view-banner button")
    admin.page.wait_for_url("**/users**")
    admin.page.wait_for_selector(".view-banner", state="detached")


def _owners(admin: Person) -> list[str]:
    """User names of distributors."""
    admin.open("/users/?role=owner&second_factor=off")
    admin.page.wait_for_selector("tbody tr")
    texts = admin.page.locator("tbody td:first-child a").all_inner_texts()
    return [text for text in texts if re.fullmatch(r"[a-z0-9._-]+", text)]


def test_tiers_and_roles_change_in_place(sign_in: Callable[..., Person]) -> None:
    admin = sign_in("admin", at="")
    admin.open("/roles/")
    box = admin.page.locator("input[type=checkbox][aria-label='高管: 查看终端客户']")
    assert not box.is_checked()
    box.click()
    admin.page.wait_for_function("document.querySelector(\"input[aria-label='高管: 查看终端客户']\").checked")
    admin.page.locator("input[aria-label='系统管理员: 管理权限']").click()
    admin.page.wait_for_selector("text=没有人管理平台")
    admin.open("/audit/?kind=role.changed")
    admin.page.wait_for_selector("td:has-text('修改角色')")
