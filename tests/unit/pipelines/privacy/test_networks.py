from __future__ import annotations

import pytest

from staffcast_pipelines.privacy import redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 192.168.10.254.", "from [ip]."),
        ("10.0.0.1:8080 and 255.255.255.255/24", "[ip]:8080 and [ip]/24"),
        ("2001:db8::1", "[ip]"),
        ("fe80::64b9:96c3:8494:7bb4 ok", "[ip] ok"),
        ("2001:0DB8:85A3:0000:0000:8A2E:0370:7334,", "[ip],"),
        ("::ffff:192.0.2.128", "[ip]"),
        ("::ffff:192.0.2.128 192.0.2.128", "[ip] [ip]"),
        ("1::23", "[ip]"),
        ("my version is fine, ip 1.2.3.4", "my version is fine, ip [ip]"),
    ],
)
def test_addresses_are_marked(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.3.4",
        "v1.2.3.4",
        "release 10.0.1.2",
        "section 1.2.3.4",
        "1.3.6.1.4.1",
        "300.1.2.3",
        "1.2.3",
        "std::vector a::b",
        "00:1A:2B:3C:4D:5E",
        "10:30:45 12:00",
        "::",
        "::1",
        "1:2:3:4:5:6:7:8:9",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    assert redact(text) == text
