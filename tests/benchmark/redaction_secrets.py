"""Invented personal data, written as people of eight countries write it.

Telephone numbers follow forms that are spelled out below, not a numbering plan: some of them are unassigned.
In a form ``#`` is any figure, ``{m}`` and ``{a}`` a German mobile and area code, ``{n}`` three figures of
a North American number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

__all__ = ["IBANS", "KINDS", "LOCALES", "digits", "grouped", "iban_check", "luhn_digit", "secret"]


def _forms(text: str) -> tuple[str, ...]:
    return tuple(form.strip() for form in text.split("|"))


PHONES = {
    "de_DE": _forms(
        "0{m} ####### | 0{m}/####### | 0{m}-######## | 0{m} ### ## ## | 0{m}####### "
        "| +49 {m} ####### | +49{m}######## | 0049 {m} ######## | +49 (0){m} ######## "
        "| 0{a} / ####### | 0{a}-###### | (0{a}) ###### | 0{a} ###### | +49 {a} ######-## "
        "| 0{a}/## ## ## | +49-{a}-###### | 0{a}.###### | 0{a} ######-0"
    ),
    "en_GB": _forms(
        "07### ###### | 07### ### ### | 07######### | +44 7### ###### | +44 (0)7### ### ### "
        "| 0044 7######### | 020 7### #### | (020) 8### #### | 0161 ### #### | 01### ###### "
        "| (01###) ###### | +44 20 7### #### | +447######### | 0161-###-#### | 0800 ### #### "
        "| 07###-###### | 01###.######"
    ),
    "en_US": _forms(
        "({n}) {n}-#### | {n}-{n}-#### | {n}.{n}.#### | {n} {n} #### | {n}{n}#### | +1 {n} {n} #### "
        "| +1 ({n}) {n}-#### | 1-{n}-{n}-#### | +1{n}{n}#### | ({n}){n}-#### | {n}-{n}-#### ext. ### "
        "| ({n}) {n}-#### x#### | 1 {n} {n} #### | +1.{n}.{n}.#### | {n}/{n}-#### | {n} {n}-####"
    ),
    "es_ES": _forms(
        "6## ### ### | 6## ## ## ## | 6######## | 7## ### ### | 9## ## ## ## | 9## ### ### "
        "| +34 6## ### ### | +346######## | 0034 6## ### ### | 6##-###-### | 6##.###.### "
        "| (+34) 6## ## ## ## | +34-91#-###-### | 91 ### ## ## | 34 6## ### ###"
    ),
    "fr_FR": _forms(
        "06 ## ## ## ## | 07 ## ## ## ## | 06######## | 06.##.##.##.## | 06-##-##-##-## "
        "| 01 ## ## ## ## | +33 6 ## ## ## ## | +33 (0)6 ## ## ## ## | +336######## "
        "| 0033 6 ## ## ## ## | 0033(0)1######## | 04.##.##.##.## | 06/##/##/##/## | 33 6 ## ## ## ## "
        "| 06 ######## | 0 6## ## ## ##"
    ),
    "it_IT": _forms(
        "3## ####### | 3## ### #### | 3######### | 3## ## ## ### | +39 3## ####### | +393######### "
        "| 0039 3## ### #### | 02 ######## | 06 #### #### | 06-######## | 011 ### ## ## "
        "| +39 02 #### #### | 3##-####### | 3##/####### | (+39) 3## ### #### | 051######"
    ),
    "nl_NL": _forms(
        "06 ######## | 06-######## | 06######## | 06 ## ## ## ## | 06 - ######## | +31 6 ######## "
        "| +316######## | +31 (0)6 ######## | 0031 6 ######## | 020 ### #### | (020) ####### "
        "| 010-####### | +31 20 ### ## ## | 0### - ###### | 0#######49 | +31(0)20-#######"
    ),
    "pt_BR": _forms(
        "(11) 9####-#### | 11 9####-#### | (21) 9 ####-#### | 119######## | +55 11 9####-#### "
        "| +55 (31) 9####-#### | +55119######## | (41) 3###-#### | 41 3###-#### | (011) 9####-#### "
        "| 11 9#### #### | 11-9####-#### | 055 11 9####-#### | 0800 ### #### | (51)9######## "
        "| 11.9####.####"
    ),
}
LOCALES = tuple(PHONES)
_MOBILES = _forms("151|152|157|160|162|163|170|171|172|174|175|176|177|178|179")
_AREAS = _forms("30|40|89|221|69|711|351|4421|3641|7543|6151|2191")

PEOPLE = _forms(
    "Anna | Ben | Carla | David | Elif | Farid | Greta | Hugo | Ines | Jonas | Katja | Luca "
    "| Maria | Nils | Olga | Paulo | Rosa | Vera"
)
_DOMAINS = _forms(
    "gmail.com | web.de | outlook.com | orange.fr | libero.it | uol.com.br | ziggo.nl "
    "| example.co.uk | yahoo.es | bücher.example"
)
IBANS = {
    "de_DE": ("DE", "n" * 18),
    "en_GB": ("GB", "aaaa" + "n" * 14),
    "en_US": ("CH", "n" * 17),
    "es_ES": ("ES", "n" * 20),
    "fr_FR": ("FR", "n" * 10 + "c" * 11 + "nn"),
    "it_IT": ("IT", "a" + "n" * 10 + "c" * 12),
    "nl_NL": ("NL", "aaaa" + "n" * 10),
    "pt_BR": ("BR", "n" * 23 + "ac"),
}
"""Country and form of the account part: figures, letters, either."""
_CARDS = _forms(
    "4 16 | 4 16 | 4 16 | 51 16 | 53 16 | 55 16 | 2221 16 | 2710 16 | 34 15 | 37 15 | 6011 16 "
    "| 65 16 | 36 14 | 305 14 | 3530 16 | 6212 16 | 6759 16 | 5018 16 | 4 13 | 4 19 | 6304 12 "
    "| 2200 16 | 6062 16"
)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def digits(rng: Random, n: int) -> str:
    """Figures of which the first is no nought."""
    return str(rng.randint(10 ** (n - 1), 10**n - 1))


def grouped(text: str, size: int, gap: str) -> str:
    """A text in groups."""
    return gap.join(text[place : place + size] for place in range(0, len(text), size))


def _phone(rng: Random, locale: str) -> str:
    form = rng.choice(PHONES[locale]).replace("{m}", rng.choice(_MOBILES)).replace("{a}", rng.choice(_AREAS))
    while "{n}" in form:
        form = form.replace("{n}", str(rng.randint(200, 989)), 1)
    # A nought after an area code would read as an exit code or an operator.
    return "".join(
        str(rng.randint(form[place - 1] in " -./)", 9)) if sign == "#" else sign
        for place, sign in enumerate(form)
    )


def _email(rng: Random, locale: str) -> str:
    first, last = rng.choice(PEOPLE), rng.choice(PEOPLE)
    names = (
        f"{first}.{last}",
        f"{first}{last}{rng.randint(1, 99)}",
        f"{first[0]}_{last}",
        f"{first}+{last}",
        first,
    )
    domain = rng.choice((*_DOMAINS, f"{last.lower()}.{locale[-2:].lower()}", "post." + rng.choice(_DOMAINS)))
    address = f"{rng.choice(names).lower()}@{domain}"
    lot = rng.random()
    if lot < 0.05:
        return address.replace("@", "%40")
    if lot < 0.10:
        spelled = address.replace("@", rng.choice((" (at) ", "(at)", " [at] ", "[at]")))
        return spelled.replace(".", rng.choice((".", " (dot) ", "[dot]")))
    return address.upper() if lot < 0.15 else address


def iban_check(country: str, account: str) -> int:
    """The two check digits of an IBAN."""
    return 98 - int("".join(str(int(sign, 36)) for sign in account + country + "00")) % 97


def _iban(rng: Random, locale: str) -> str:
    country, structure = IBANS[locale]
    account = "".join(
        str(rng.randint(0, 9))
        if kind == "n" or (kind == "c" and rng.random() < 0.7)
        else rng.choice(_LETTERS)
        for kind in structure
    )
    compact = f"{country}{iban_check(country, account):02d}{account}"
    form = rng.choice((compact, grouped(compact, 4, " "), grouped(compact, 4, " "), grouped(compact, 4, "-")))
    return form.lower() if rng.random() < 0.15 else form


def luhn_digit(number: str) -> str:
    """The digit that makes a number pass the Luhn check."""
    doubled = (int(figure) * (2 - place % 2) for place, figure in enumerate(reversed(number)))
    return str(-sum(sum(divmod(figure, 10)) for figure in doubled) % 10)


def _card(rng: Random, _: str) -> str:
    prefix, length = rng.choice(_CARDS).split()
    number = prefix + "".join(str(rng.randint(0, 9)) for _ in range(int(length) - 1 - len(prefix)))
    number += luhn_digit(number)
    if len(number) == len("371449635398431"):
        return rng.choice((number, f"{number[:4]} {number[4:10]} {number[10:]}"))
    gap = rng.choice(("", " ", " ", "-", ".", "\xa0", "  "))
    return grouped(number, 4, gap)


def _ip(rng: Random, _: str) -> str:
    if rng.random() < 0.6:
        return ".".join(str(rng.randint(1, 254)) for _ in range(4))
    groups = [f"{rng.randint(1, 65535):x}" for _ in range(8)]
    whole = ":".join(groups)
    short = ":".join([*groups[:3], "", *groups[6:]])
    return rng.choice((whole, short, "fe80::" + ":".join(groups[:4]), whole.upper()))


_SECRETS = {"email": _email, "phone": _phone, "iban": _iban, "card": _card, "ip": _ip}
KINDS = tuple(_SECRETS)


def secret(rng: Random, locale: str, kind: str) -> str:
    """Personal data of a kind, as somebody from a place writes it."""
    return _SECRETS[kind](rng, locale)
