from __future__ import annotations

import polars as pl
import pytest

from staffcast_pipelines.privacy import (
    Redactor,
    count_marks,
    redact,
    redact_extras,
    redact_texts,
    redact_url,
    redact_urls,
)


def test_kinds_stand_side_by_side() -> None:
    text = "jo@example.org +49 170 1234567 4111 1111 1111 1111 DE89370400440532013000 10.0.0.1"
    assert redact(text) == "[email] [phone] [card] [iban] [ip]"
    assert redact(redact(text)) == redact(text)


def test_the_rest_is_kept_byte_for_byte() -> None:
    text = " \tJo\u200b: jo@example.org\r\n\xa0e\u0301 ①  12 \U0001f44d\U0001f3fd"
    assert redact(text) == " \tJo\u200b: [email]\r\n\xa0e\u0301 ①  12 \U0001f44d\U0001f3fd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jo\u200b@example.org", "[email]"),
        ("jo＠example．org", "[email]"),
        ("\u202ejo@exam\u00adple.org", "\u202e[email]"),
        ("0170\u200b1234567", "[phone]"),
        ("0170\xa01234567", "[phone]"),
        ("0170\t1234567", "[phone]"),
        ("0170\u20281234567", "0170\u20281234567"),
        ("tel ٠١٧٠ ١٢٣٤٥٦٧", "tel [phone]"),
        ("０１７０ １２３４５６７", "[phone]"),
        ("4\x011\x021\x031 1111 1111 1111", "[card]"),
        ("4111\u20131111\u20131111\u20131111", "[card]"),
        ("DE89\u202f3704\u202f0044\u202f0532\u202f0130\u202f00", "[iban]"),
        ("192\u200b.168.0.1", "[ip]"),
    ],
)
def test_what_cannot_be_seen_hides_nothing(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact_texts(pl.Series([text])).to_list() == [expected]


@pytest.mark.parametrize("mark", ["email", "phone", "iban", "card", "ip", "name", "address", "private"])
def test_marks_stay(mark: str) -> None:
    text = f"[{mark}]@example.org [{mark}] (at) [{mark}] 0170 [{mark}] 1234567"
    assert redact(text) == text


def test_a_word_in_brackets_is_no_mark() -> None:
    assert redact("[jo@example.org]") == "[[email]]"


def test_a_column_keeps_nulls_order_and_itself() -> None:
    texts = pl.Series(
        "t", ["plain", None, "jo@example.org", "2026-11-02 10:30", "2026-11-02 +49 170 1234567"]
    )
    redacted = redact_texts(texts)
    assert redacted.to_list() == ["plain", None, "[email]", "2026-11-02 10:30", "2026-11-02 [phone]"]
    assert texts[2] == "jo@example.org"


def test_a_column_of_addresses() -> None:
    urls = pl.Series(["https://a.example/?token=1", None, "https://a.example/", "https://a.example/?token=1"])
    hidden = "https://a.example/?token=[private]"
    assert redact_urls(urls).to_list() == [hidden, None, "https://a.example/", hidden]


def test_marks_are_counted() -> None:
    assert count_marks(pl.Series(["[email] [email]", None, "x [card]"])) == {"email": 2, "card": 1}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://shop.example/p/4111111111111111", "https://shop.example/p/[card]"),
        ("https://shop.example/?q=a&mail=jo%40example.org", "https://shop.example/?q=a&mail=[email]"),
        ("https://shop.example/?tel=%2B49+170+1234567#x", "https://shop.example/?tel=[phone]#x"),
        ("https://shop.example/u/jo@example.org", "https://shop.example/u/[email]"),
        ("https://shop.example/u/jo%40example.org/orders", "https://shop.example/u/[email]/orders"),
        ("https://shop.example/tel/0170%201234567", "https://shop.example/tel/[phone]"),
        ("https://shop.example/DE89370400440532013000", "https://shop.example/[iban]"),
        ("https://shop.example/?page=2&sort=a%20b", "https://shop.example/?page=2&sort=a%20b"),
        ("https://jo:secret@shop.example/a", "https://[private]@shop.example/a"),
        ("https://shop.example/a;jsessionid=1A2B?x=1", "https://shop.example/a;jsessionid=[private]?x=1"),
        ("https://shop.example/#access_token=abc&x=1", "https://shop.example/#access_token=[private]&x=1"),
        (
            "https://shop.example/?customer_name=Jo+Doe&page=1",
            "https://shop.example/?customer_name=[private]&page=1",
        ),
        ("https://shop.example/?utm_source=mail&page=1", "https://shop.example/?utm_source=mail&page=1"),
        ("https://shop.example/product/5551234567", "https://shop.example/product/5551234567"),
        ("https://shop.example/2026/11/02/news", "https://shop.example/2026/11/02/news"),
        ("https://shop.example/%FF%FE", "https://shop.example/%FF%FE"),
        ("", ""),
    ],
)
def test_addresses(url: str, expected: str) -> None:
    assert redact_url(url) == expected
    assert redact_url(expected) == expected


def test_regions_matter_for_national_numbers_only() -> None:
    danish = "32 12 34 56, +45 32 12 34 56"
    assert Redactor(("DE",)).text(danish) == "32 12 34 56, [phone]"
    assert Redactor(("DE", "DK")).text(danish) == "[phone], [phone]"
    assert Redactor(("DE",)).text("(212) 555-0123") != Redactor(("US",)).text("(212) 555-0123") == "[phone]"


def test_extras_know_their_column() -> None:
    extra = {
        "orderId": "2125550123",
        "Callback": "2125550123",
        "E-Mail": "x",
        "empty_email": "",
        "plan": "pro",
    }
    assert redact_extras(extra) == {
        "orderId": "2125550123",
        "Callback": "[phone]",
        "E-Mail": "[private]",
        "empty_email": "",
        "plan": "pro",
    }
