from __future__ import annotations

import pytest

from staffcast.core.errors import ConfigError
from staffcast_pipelines.privacy import Redactor, check_regions, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call +49 170 1234567", "call [phone]"),
        ("call 0170/1234567 now", "call [phone] now"),
        ("(030) 1234-5678", "[phone]"),
        ("+491701234567", "[phone]"),
        ("+ 49 170 1234567", "[phone]"),
        ("+49 (0) 6112 1234 56789", "[phone]"),
        ("00669 074391", "[phone]"),
        ("55 11 3234 5678", "[phone]"),
        ("33 123 45 67 89", "[phone]"),
        ("(+49) 170 1234567", "[phone]"),
        ("+49 (0) 170 1234567", "[phone]"),
        ("0049 170 1234567", "[phone]"),
        ("01.23.45.67.89", "[phone]"),
        ("06 12 34 56 78", "[phone]"),
        ("020 7946 0958", "[phone]"),
        ("(555) 234-5678", "[phone]"),
        ("555.234.5678 x123", "[phone]"),
        ("1-800-234-5678 ext. 99", "[phone]"),
        ("001-541-234-5678x12", "[phone]"),
        ("612 345 678", "[phone]"),
        ("91 234 56 78", "[phone]"),
        ("347 1234567", "[phone]"),
        ("(11) 91234-5678", "[phone]"),
        ("11 3234-5678", "[phone]"),
        ("06-12345678", "[phone]"),
        ("+354 551 2345", "[phone]"),
        ("33 6 12 34 56 78", "[phone]"),
        ("0170 1234567 oder 0171 7654321", "[phone] oder [phone]"),
        ("0170 1234567 0171 7654321", "[phone] [phone]"),
        ("555-234-5678 555-987-6543", "[phone] [phone]"),
        ("order 12345 0170 1234567", "order 12345 [phone]"),
        ("2026-11-02 0170 1234567", "2026-11-02 [phone]"),
        ("10:30 0170 1234567 11:45", "10:30 [phone] 11:45"),
        ("(0170 1234567)", "([phone])"),
        ("Tel.0301234567", "Tel.[phone]"),
        ("phone5552345678", "phone[phone]"),
        ("5552345678", "5552345678"),
        ("2125550123", "[phone]"),
        ("612345678", "[phone]"),
        ("11912345678", "[phone]"),
        ("491701234567", "[phone]"),
        ("0612345678", "[phone]"),
        ("电话06 12 34 56 78", "电话[phone]"),
    ],
)
def test_numbers_are_marked(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call 1234567", "call [phone]"),
        ("order 1234567", "order 1234567"),
        ("my number is 123456789", "my number is [phone]"),
        ("2125550123 is my mobile", "[phone] is my mobile"),
        ("2125550123 is my order number", "2125550123 is my order number"),
        ("call me, order 2125550123", "call me, order 2125550123"),
        ("order 77, call 2125550123", "order 77, call [phone]"),
        ("orders 2125550123, 2125550124 and 2125550125", "orders 2125550123, 2125550124 and 2125550125"),
        ("Sendungsnummer 0612345678", "Sendungsnummer 0612345678"),
        ("I asked about my order. 212-555-0123", "I asked about my order. [phone]"),
    ],
)
def test_words_around_a_number_decide(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "order #A-104233 and #123-4567890-1234567",
        "paid 1,299.00 EUR, was 1.499,00",
        "prices 12.99 13.49 14.99",
        "0.99 1.49 2.99 3.49",
        "on 2026-11-02 at 10:30:45, again 2026-11-03 11:00",
        "on 02.11.2026 10.30 or 11/02/2026",
        "2026-11-02T09:00:00.123456Z 2026-11-02 10:30:45 123",
        "1793610000123 1793610000",
        "version 1.2.3 and 10.0.19041.1234",
        "call 112 or 0800",
        "SKU 123-456-7890",
        "#0170123456789",
        "RE-2026-000123456",
        "INV/2026/000123456",
        "52.520008, 13.404954 and -35.01941 -48.40353",
        "550e8400-e29b-41d4-a716-446655440000",
        "d41d8cd98f00b204e9800998ecf8427e",
        "1Z999AA10123456784 RR123456789DE CP 500875227 FR",
        "9400 5542 3137 6052 0981 33",
        "00340434161094042557",
        "6968 1221 0964 7580",
        "1200 1300 1400 1500 1600",
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "612 345 678 €",
        "$ 612 345 678",
        "R$ 612 345 678",
        "100-200-300 mm",
        "20261102 103045",
        "+10 000 000",
        "012345678905",
        "0000123456",
        "912345678",
        "1171234567",
        "1.5.75892.9549",
        "8759.682.15",
        "+800 12345",
        "1132345678",
        "12:30 13:45 14:50",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    assert redact(text) == text


def test_regions_are_checked() -> None:
    assert check_regions((" de", "DE", "at")) == ("DE", "AT")
    with pytest.raises(ConfigError, match=r"unknown region 'XX'.*ISO 3166"):
        Redactor(("XX",))
    assert Redactor(()).text("0170 1234567, +49 170 1234567").endswith(", [phone]")
