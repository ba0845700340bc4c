from __future__ import annotations

import pytest
from stdnum import iban, luhn

from staffcast_pipelines.privacy import redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [iban] please"),
        ("GB29NWBK60161331926819", "[iban]"),
        ("gb29 nwbk 6016 1331 9268 19", "[iban]"),
        ("de89370400440532013000", "[iban]"),
        ("DE89-3704-0044-0532-0130-00,", "[iban],"),
        ("IBANDE89370400440532013000", "IBAN[iban]"),
        ("NO9386011117947 or BE68539007547034", "[iban] or [iban]"),
        ("MT84MALT011000012345MTLCAST001S", "[iban]"),
        ("SC18SSCB11010000000000001497USD", "[iban]"),
        ("DE89 370400440 532013000", "[iban]"),
    ],
)
def test_ibans(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "DE88 3704 0044 0532 0130 00",
        "DE8937040044053201300",
        "ZZ89370400440532013000",
        "GB29NWBK6016133192681X",
        "xDE89370400440532013000",
        "reach me at 12 or 34",
    ],
)
def test_no_ibans(text: str) -> None:
    assert redact(text) == text


def test_every_country_is_known() -> None:
    for country in ("AD", "AE", "CH", "FR", "IT", "LC", "NL", "PL", "SA", "TR", "XK"):
        account = {"AD": "00012030200359100100", "AE": "0331234567890123456", "CH": "00762011623852957"}.get(
            country
        )
        if account:
            made = country + iban.calc_check_digits(f"{country}00{account}") + account
            assert redact(made) == "[iban]"


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4222222222222",
        "5500000000000004",
        "2221000000000009",
        "340000000000009",
        "30000000000004",
        "6011000000000004",
        "3530111333300000",
        "6759649826438453",
        "6304000000000000",
        "2200123456789019",
        "6200000000000005",
    ],
)
def test_networks(number: str) -> None:
    assert luhn.is_valid(number)
    assert redact(f"card {number}.") == "card [card]."
    assert redact(number[:-1] + str((int(number[-1]) + 1) % 10)) != "[card]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("card 4111-1111-1111-1111 exp 12/27", "card [card] exp 12/27"),
        ("4111 1111 1111 1111", "[card]"),
        ("4111.1111.1111.1111", "[card]"),
        ("4111_1111_1111_1111", "[card]"),
        ("4111  1111  1111  1111", "[card]"),
        ("4111/1111/1111/1111", "[card]"),
        ("3782 822463 10005", "[card]"),
        ("card #4111111111111111", "card #[card]"),
        ("Visa-4111111111111111", "Visa-[card]"),
        ("order 12345 4111 1111 1111 1111", "order 12345 [card]"),
        ("4111 1111 1111 1111 5500 0000 0000 0004", "[card] [card]"),
        ("4111 1111 1111 1111, 5500 0000 0000 0004", "[card], [card]"),
        ("4111 1111 1111 1111 12/27 123", "[card]"),
        ("4111111111111111 exp 12/2027 1234 ok", "[card] ok"),
        ("4111111111111111 123", "[card]"),
        ("4111111111111111 cvv 123", "[card] cvv [card]"),
        ("cvc: 123", "cvc: [card]"),
        ("4111111111111111 exp 05/28 code 1234", "[card]"),
        ("4111\n1111\r\n1111\n1111", "[card]"),
        ("4111 1111 1111 1111 111 4111", "[card] 111 4111"),
        ("41 11 11 11 11 11 11 11", "[card]"),
        ("CVV2 is 1234", "CVV2 is [card]"),
        ("Kartenprüfnummer 123", "Kartenprüfnummer [card]"),
        ("[card] Prüfnummer 123", "[card] Prüfnummer [card]"),
        ("security code 123 for 4111111111111111", "security code [card] for [card]"),
    ],
)
def test_cards_and_their_codes(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "1111111111111117",
        "4111 1111 1111 1111 1111 1111",
        "security code 123456",
        "the security code 123 of the door",
        "Prüfnummer 123",
        "INV-4111111111111111",
        "a4111111111111111f",
        "EAN 4222222222222",
        "cvv 12 and cvv 12345",
        "0000 0000 0000 0000",
        "48 74 13 73 82 30 8927",
    ],
)
def test_no_cards(text: str) -> None:
    assert redact(text) == text
