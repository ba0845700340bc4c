from __future__ import annotations

import polars as pl
import pytest

from staffcast_pipelines.privacy import redact, redact_extras, redact_texts, redact_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to jo.doe+shop@mail.example.org!", "write to [email]!"),
        ("müller@bücher.example", "[email]"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [iban] please"),
        ("GB29NWBK60161331926819", "[iban]"),
        ("card 4111-1111-1111-1111 exp 12/27", "card [card] exp 12/27"),
        ("5500000000000004", "[card]"),
        ("call +49 170 1234567", "call [phone]"),
        ("call 0170/1234567 now", "call [phone] now"),
        ("(030) 1234-5678", "[phone]"),
        ("+491701234567", "[phone]"),
        ("01.23.45.67.89", "[phone]"),
        ("from 192.168.10.254.", "from [ip]."),
    ],
)
def test_what_identifies_a_person_is_marked(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "order #A-104233 and #123-4567890-1234567",
        "paid 1,299.00 EUR, was 1.499,00",
        "prices 12.99 13.49 14.99",
        "on 2026-11-02 at 10:30:45, again 2026-11-03 11:00",
        "on 02.11.2026 10.30 or 11/02/2026",
        "1793610000123",
        "4111111111111112",
        "@brand see you @ 5",
        "version 1.2.3",
        "call 112 or 0800",
        "2026-11-02T09:00:00.123456Z",
        "",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    assert redact(text) == text


def test_redacting_twice_is_redacting_once() -> None:
    text = "jo@example.org +49 170 1234567 4111 1111 1111 1111 DE89370400440532013000 10.0.0.1"
    assert redact(redact(text)) == redact(text) == "[email] [phone] [card] [iban] [ip]"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://shop.example/p/4111111111111111", "https://shop.example/p/[card]"),
        ("https://shop.example/?q=a&mail=jo%40example.org", "https://shop.example/?q=a&mail=[email]"),
        ("https://shop.example/?tel=%2B49+170+1234567#x", "https://shop.example/?tel=[phone]#x"),
        ("https://shop.example/u/jo@example.org", "https://shop.example/u/[email]"),
        ("https://shop.example/?page=2&sort=a%20b", "https://shop.example/?page=2&sort=a%20b"),
    ],
)
def test_addresses(url: str, expected: str) -> None:
    assert redact_url(url) == expected


def test_columns_are_redacted_like_cells() -> None:
    texts = ["plain", None, "jo@example.org", "2026-11-02 10:30", "2026-11-02 +49 170 1234567"]
    assert redact_texts(pl.Series("t", texts)).to_list() == [
        None if text is None else redact(text) for text in texts
    ]


@pytest.mark.parametrize(
    "name", ["email", "Customer Name", "visitor_ip", "phone_number", "user_agent", "name"]
)
def test_columns_named_like_personal_data_keep_nothing(name: str) -> None:
    assert redact_extras({name: "x"}) == {name: "[private]"}


@pytest.mark.parametrize("name", ["agent_name", "queue_name", "email_count", "plan"])
def test_other_columns_keep_their_cells(name: str) -> None:
    assert redact_extras({name: "x"}) == {name: "x"}
