"""Comments and notices over REST."""

from .market import Market


def test_a_mention_becomes_a_notice_and_is_read(market: Market) -> None:
    body = {"text": "@gz 请确认", "is_shared": True}
    entry = market.send("ops", "POST", "/subjects/partner/GZ/comments", body)
    assert (entry["kind"], entry["text"], entry["actor_name"]) == ("comment", "@gz 请确认", "ops")
    assert market.get("gz", "/notices/unread") == {"count": 1}
    (notice,) = market.get("gz", "/notices", state="unread")["items"]
    assert notice["text"] == "ops mentioned you: @gz 请确认"
    assert (notice["subject_kind"], notice["subject_key"]) == ("partner", "GZ")
    chinese = market.call("gz", "GET", "/notices", headers={"accept-language": "zh-CN"}).json()["items"][0]
    assert chinese["text"] == "ops 提到了您：@gz 请确认"
    market.refuse("sz", "POST", f"/notices/{notice['key']}/read", 404, json={})
    assert market.send("gz", "POST", f"/notices/{notice['key']}/read", {})["is_read"] is True
    assert market.get("gz", "/notices", state="unread")["total"] == 0
    assert market.get("gz", "/notices")["total"] == 1
    assert market.send("gz", "POST", "/notices/read", {}) == {"count": 0}


def test_internal_comments_are_not_read_by_the_other_company(market: Market) -> None:
    market.send("ops", "POST", "/subjects/partner/GZ/comments", {"text": "secret"})
    market.send("ops", "POST", "/subjects/partner/GZ/comments", {"text": "open", "is_shared": True})
    texts = [row["text"] for row in market.get("gz", "/subjects/partner/GZ/comments")["items"]]
    assert texts == ["open"]
    assert market.get("boss", "/subjects/partner/GZ/comments")["total"] == 2
    page = market.get("boss", "/subjects/partner/GZ/comments", limit="1")
    assert (page["items"][0]["text"], page["total"]) == ("open", 2)
    (rest,) = market.get("boss", "/subjects/partner/GZ/comments", limit="1", cursor=page["next_cursor"])[
        "items"
    ]
    assert rest["text"] == "secret"
    assert "secret" not in market.call("gz", "GET", "/subjects/partner/GZ/timeline").text


def test_preferences_over_rest(market: Market) -> None:
    known = {row["kind"]: row for row in market.get("gz", "/notices/preferences")["items"]}
    assert known["mention"] == {
        "kind": "mention",
        "name": "Somebody mentions me",
        "in_inbox": True,
        "by_mail": False,
    }
    chosen = market.send("gz", "PUT", "/notices/preferences/mention", {"in_inbox": False, "by_mail": False})
    assert (chosen["in_inbox"], chosen["by_mail"]) == (False, False)
    market.send("ops", "POST", "/subjects/partner/GZ/comments", {"text": "@gz", "is_shared": True})
    assert market.get("gz", "/notices")["total"] == 0
    market.refuse("gz", "PUT", "/notices/preferences/weather", 422, json={"in_inbox": True, "by_mail": True})
