"""Chat messages with and without personal data, in eight locales, for measuring the redactor.

Nothing here knows its rules. Clean messages hold the figures that a shop's customers write about.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from random import Random

from tests.benchmark.redaction_phrases import CLEAN_FRAMES, FILLERS, FRAMES, ORDER_WORDS, PHONE_FRAMES
from tests.benchmark.redaction_secrets import IBANS, LOCALES, digits, grouped, iban_check, luhn_digit, secret

__all__ = ["TOPICS", "Message", "chat", "clean_message", "private_message", "seeded"]

KINDS_IN_CHATS = ("phone", "phone", "email", "email", "iban", "card", "ip")
_PRIVATE_SHARE, _FIGURES_SHARE = 0.05, 0.18


@dataclass(frozen=True, slots=True)
class Message:
    """A message and what must not remain of it.

    Attributes:
        text: The message.
        secret: The personal data in it, if any.
    """

    text: str
    secret: str = ""


def seeded(*parts: object) -> Random:
    """Chance that is the same each time."""
    return Random(" ".join(map(str, parts)))  # noqa: S311 - reproducible, not secret


def private_message(rng: Random, locale: str, kind: str) -> Message:
    """A message that holds one piece of personal data."""
    hidden = secret(rng, locale, kind)
    frames = PHONE_FRAMES[locale[:2]] if kind == "phone" else FRAMES[kind][locale[:2]]
    return Message(_around(rng, locale, rng.choice(frames).format(hidden)), hidden)


def clean_message(rng: Random, locale: str, topic: str) -> Message:
    """A message with figures that are nobody's."""
    word = _TOPICS[topic](rng, locale)
    return Message(_around(rng, locale, rng.choice(CLEAN_FRAMES[locale[:2]]).format(word)))


def chat(rng: Random, n_messages: int) -> list[Message]:
    """Realistic traffic: 5 % with personal data, 18 % with harmless figures, the rest words."""
    messages = []
    for _ in range(n_messages):
        locale, lot = rng.choice(LOCALES), rng.random()
        if lot < _PRIVATE_SHARE:
            messages.append(private_message(rng, locale, rng.choice(KINDS_IN_CHATS)))
        elif lot < _PRIVATE_SHARE + _FIGURES_SHARE:
            messages.append(clean_message(rng, locale, rng.choice(TOPICS)))
        else:
            n_sentences = rng.choice((1, 1, 1, 2, 2, 3))
            messages.append(Message(" ".join(rng.choices(FILLERS[locale[:2]], k=n_sentences))))
    return messages


def _around(rng: Random, locale: str, text: str) -> str:
    filler, lot = rng.choice(FILLERS[locale[:2]]), rng.random()
    if lot < 0.3:
        return text
    return f"{filler} {text}" if lot < 0.55 else text + rng.choice((". ", " ", "\n", ", ")) + filler


def _order(rng: Random, locale: str) -> str:
    number = digits(rng, rng.choice((6, 7, 8, 9, 9, 10, 10, 11, 12, 13)))
    forms = (number, number, f"#{number}", f"A-{number}", f"2026-{number}", grouped(number, 4, " "))
    return f"{rng.choice(ORDER_WORDS[locale[:2]])} {rng.choice((*forms, f'{number[:3]}-{number[3:]}'))}"


def _tracking(rng: Random, _: str) -> str:
    forms = (
        f"1Z{digits(rng, 3)}AA{digits(rng, 10)}",
        f"RR{digits(rng, 9)}DE",
        f"JJD{digits(rng, 18)}",
        f"00340434{digits(rng, 12)}",
        grouped(f"9400{digits(rng, 18)}", 4, " "),
        f"LP{digits(rng, 14)}",
        f"3S{digits(rng, 13)}",
        digits(rng, 20),
        digits(rng, 22),
        f"CP {digits(rng, 9)} FR",
        f"TBA{digits(rng, 12)}",
    )
    return rng.choice(forms)


def _clock(rng: Random) -> str:
    return f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"


def _date(rng: Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2019, 2027)
    points, dashes = f"{day:02d}.{month:02d}.{year}", f"{day:02d}-{month:02d}-{year}"
    strokes, short = f"{month}/{day}/{year}", f"{day}/{month}/{year % 100:02d}"
    return rng.choice((points, dashes, strokes, short, f"{year}-{month:02d}-{day:02d}"))


def _dates(rng: Random, _: str) -> str:
    exact = f"{_date(rng)}, {_clock(rng)}:{rng.randint(10, 59)}"
    span = rng.choice((f"{_clock(rng)} - {_clock(rng)}", f"{_date(rng)} - {_date(rng)}"))
    return rng.choice((f"{_date(rng)} {_clock(rng)}", span, exact))


def _stamps(rng: Random, _: str) -> str:
    day = f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    time = f"{_clock(rng)}:{rng.randint(10, 59)}"
    forms = (
        f"{day}T{time}Z",
        f"{day}T{time}.{digits(rng, 6)}+02:00",
        f"{day} {time},{digits(rng, 3)}",
        f"17{digits(rng, 8)}",
        f"17{digits(rng, 11)}",
        f"{day.replace('-', '')}T{digits(rng, 6)}",
    )
    return rng.choice(forms)


def _price(rng: Random, locale: str) -> str:
    value = f"{rng.uniform(1, 200_000):,.2f}"
    return value if locale.startswith("en") else value.translate(str.maketrans(",.", ".,"))


def _prices(rng: Random, locale: str) -> str:
    sign = {"en_US": "$", "en_GB": "£", "pt_BR": "R$ "}.get(locale, "€ ")
    one, other = _price(rng, locale), _price(rng, locale)
    cents = f"{rng.randint(1, 99)}.99 {rng.randint(1, 99)}.49 {rng.randint(1, 99)}.00"
    spaced = f"{digits(rng, 3)} {digits(rng, 3)} {digits(rng, 3)} €"
    return rng.choice((f"{sign}{one}", f"{one} EUR", f"{sign}{one} / {sign}{other}", cents, spaced))


def _technical(rng: Random, _: str) -> str:
    hexa = "".join(rng.choices("0123456789abcdef", k=40))
    major, minor = rng.randint(1, 20), rng.randint(0, 30)
    forms = (
        str(uuid.UUID(int=rng.getrandbits(128))),
        hexa,
        hexa[:32],
        hexa[:12],
        f"sha256:{hexa}{hexa[:24]}",
        f"v{major}.{minor}.{rng.randint(0, 9)}",
        f"{major}.{minor}.{digits(rng, 5)}.{digits(rng, 4)}",
        f"version 10.0.{rng.randint(10, 99)}.{rng.randint(1, 99)}",
        f"0x{hexa[:8]}",
        f"Mozilla/5.0 Chrome/{rng.randint(90, 140)}.0.{digits(rng, 4)}.{digits(rng, 2)}",
        grouped(hexa[:12], 2, ":"),
    )
    return rng.choice(forms)


def _articles(rng: Random, _: str) -> str:
    forms = (
        f"SKU {digits(rng, 5)}-{digits(rng, 3)}-{digits(rng, 2)}",
        f"EAN 40{digits(rng, 11)}",
        f"ISBN 978-3-{digits(rng, 2)}-{digits(rng, 6)}-{digits(rng, 1)}",
        f"ABC-{digits(rng, 6)}",
        f"IMEI 35{digits(rng, 13)}",
        f"S/N {digits(rng, 10)}",
        f"RE-2026-{digits(rng, 7)}",
        f"INV/{digits(rng, 4)}/{digits(rng, 6)}",
        f"{digits(rng, 4)}.{digits(rng, 3)}.{digits(rng, 2)}",
        f"#{digits(rng, 9)}",
    )
    return rng.choice(forms)


def _measures(rng: Random, _: str) -> str:
    forms = (
        f"{digits(rng, 3)} x {digits(rng, 3)} x {digits(rng, 2)} cm",
        f"{digits(rng, 4)}x{digits(rng, 4)} px",
        f"{rng.uniform(0, 100):.2f} %",
        f"{rng.uniform(47, 55):.6f}, {rng.uniform(6, 15):.6f}",
        f"{rng.uniform(-90, 90):.5f} {rng.uniform(-90, 90):.5f}",
        f"{digits(rng, 2)}° {digits(rng, 2)}' {digits(rng, 2)}\"",
        f"{digits(rng, 3)} {digits(rng, 3)} km",
        f"{rng.randint(1, 5)},{digits(rng, 3)},{digits(rng, 3)} views",
        f"{rng.randint(10, 99)}.{rng.randint(10, 99)} kg",
        f"{digits(rng, 3)}-{digits(rng, 3)}-{digits(rng, 3)} mm",
    )
    return rng.choice(forms)


def _rows(rng: Random, _: str) -> str:
    forms = (
        " ".join(digits(rng, rng.choice((2, 3, 4))) for _ in range(rng.randint(5, 12))),
        "\t".join(digits(rng, 4) for _ in range(6)),
        ", ".join(digits(rng, 3) for _ in range(8)),
        " ".join(f"{rng.uniform(0, 9):.2f}" for _ in range(6)),
        "1 2 3 4 5 6 7 8 9 10 11 12",
    )
    return rng.choice(forms)


def _wrong_card(rng: Random, _: str) -> str:
    number = digits(rng, 15)
    number += str((int(luhn_digit(number)) + rng.randint(1, 9)) % 10)
    return grouped(number, 4, rng.choice(("", " ", "-")))


def _wrong_iban(rng: Random, locale: str) -> str:
    country, structure = IBANS[locale]
    account = "".join("K" if kind == "a" else str(rng.randint(0, 9)) for kind in structure)
    wrong = (iban_check(country, account) + rng.randint(1, 80)) % 97
    return grouped(f"{country}{wrong:02d}{account}", 4, rng.choice(("", " ")))


def _unsaid(rng: Random, _: str) -> str:
    return digits(rng, rng.choice((6, 7, 8, 9, 10, 11, 12, 13)))


_TOPICS = {
    "order numbers": _order,
    "tracking codes": _tracking,
    "dates and times": _dates,
    "timestamps": _stamps,
    "prices": _prices,
    "versions, hashes, UUIDs": _technical,
    "articles, invoices, tickets": _articles,
    "measures, coordinates": _measures,
    "rows of numbers": _rows,
    "invalid card numbers": _wrong_card,
    "invalid IBANs": _wrong_iban,
    "figures, nothing said": _unsaid,
}
TOPICS = tuple(_TOPICS)
