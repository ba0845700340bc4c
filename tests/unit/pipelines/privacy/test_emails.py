from __future__ import annotations

import pytest

from staffcast_pipelines.privacy import redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to jo.doe+shop@mail.example.org!", "write to [email]!"),
        ("müller@bücher.example", "[email]"),
        ("用户@例子.公司", "[email]"),
        ("अजय@डाटा.भारत", "[email]"),
        ("иван@пример.рф, да", "[email], да"),
        ("我的邮箱是jo@example.com请联系", "我的邮箱是[email]请联系"),
        ("'jo@example.org'", "'[email]'"),
        ("<jo@example.org>, (a_b-c@x.co.uk).", "<[email]>, ([email])."),
        ("mailto:jo@example.org?subject=x", "mailto:[email]?subject=x"),
        ("mail=jo@example.org&x=1", "mail=[email]&x=1"),
        ("JO@EXAMPLE.ORG", "[email]"),
        ("jo%40example.org", "[email]"),
        ("o'brien@example.ie", "[email]"),
        ("_jo@example.org_", "[email]_"),
        ("jo@gmail", "[email]"),
        ("jo@192.168.0.1", "[email]"),
        ("jo (at) example (dot) org", "[email]"),
        ("jo[at]example[dot]co[dot]uk ok", "[email] ok"),
        ("jo {at} example.org", "[email]"),
        ("jo(ät)example.de", "[email]"),
        ("jo dot doe at example dot com please", "[email] please"),
        ("jo arroba example punto es", "[email]"),
        ("jo.doe @ example.org", "[email]"),
        ("my mail is jo @ example.org", "my mail is [email]"),
        ("jo1@ example.org", "[email]"),
        ("jo1 @example.org", "[email]"),
        ("字@example.org", "[email]"),
        ("a@b.example,c@d.example;e@f.example", "[email],[email];[email]"),
    ],
)
def test_addresses_are_marked(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "@brand see you @ 5",
        "5@2.50 and 3@1.99",
        "meet me @ shop.example",
        "jo@localhost",
        "look at that dot there",
        "we met at noon (at the shop)",
        "a @b c@ d",
        "100%40 off",
        "",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    assert redact(text) == text
