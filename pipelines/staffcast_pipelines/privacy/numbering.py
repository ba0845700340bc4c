"""Telephone numbering plans: which digits can be a number of which country.

The patterns are those of the ``phonenumbers`` package, compiled once; its parser is far too slow to be
asked about every number in a transcript.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonenumberutil import SUPPORTED_REGIONS

from staffcast.core.errors import ConfigError, did_you_mean

__all__ = ["DEFAULT_REGIONS", "Plan", "Region", "check_regions", "is_international", "plan_of"]

DEFAULT_REGIONS = ("DE", "GB", "US", "FR", "ES", "IT", "NL", "BR")
_KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip", "uan", "personal_number",
)  # fmt: skip
_WORLDWIDE = "001"
_SHORTEST_NATIONAL = 7
_LONGEST = 15


@dataclass(frozen=True, slots=True)
class Region:
    """How numbers are made in a region.

    Attributes:
        calling_code: What follows the plus sign.
        trunks: What a national number begins with when it is dialled inside: '0' in Germany, nothing in
            Spain, one or the other in Brazil.
        numbers: Every number that can exist, without calling code and trunk.
        mobiles: Those that can be a mobile.
    """

    calling_code: str
    trunks: tuple[str, ...]
    numbers: re.Pattern[str]
    mobiles: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbering of the configured regions.

    Attributes:
        regions: Each of them.
        names: Their codes.
    """

    regions: tuple[Region, ...]
    names: frozenset[str]

    def is_national(self, digits: str, *, mobile: bool = False) -> bool:
        """Whether digits, as dialled inside a region, can be a number there."""
        return any(
            (region.mobiles if mobile else region.numbers).fullmatch(digits, len(trunk))
            for region in self.regions
            for trunk in region.trunks
            if digits.startswith(trunk)
        )

    def has_calling_code(self, digits: str, *, mobile: bool = False) -> bool:
        """Whether digits are a region's calling code and a number there, the plus sign left out."""
        return any(
            (region.mobiles if mobile else region.numbers).fullmatch(digits, len(region.calling_code))
            for region in self.regions
            if digits.startswith(region.calling_code)
        )


def check_regions(regions: tuple[str, ...]) -> tuple[str, ...]:
    """The regions in upper case, each once.

    Raises:
        ConfigError: One is not a region that has telephone numbers.

    Example:
        >>> check_regions(("de", "AT", "DE"))
        ('DE', 'AT')
    """
    codes = tuple(dict.fromkeys(region.strip().upper() for region in regions))
    for code in codes:
        if code not in SUPPORTED_REGIONS:
            raise ConfigError(
                f"unknown region '{code}' for telephone numbers",
                hint=f"use ISO 3166 codes such as DE or US; {did_you_mean(code, SUPPORTED_REGIONS)}",
            )
    return codes


@cache
def plan_of(regions: tuple[str, ...]) -> Plan:
    """The numbering of some regions."""
    return Plan(tuple(_region(code) for code in regions), frozenset(regions))


def _region(code: str) -> Region:
    metadata = _metadata(code)
    kinds = {kind: getattr(metadata, kind) for kind in _KINDS}
    patterns = {kind: desc.national_number_pattern for kind, desc in kinds.items() if desc}
    known = {kind: pattern for kind, pattern in patterns.items() if pattern}
    return Region(
        calling_code=str(metadata.country_code),
        trunks=_trunks(metadata),
        numbers=re.compile("|".join(f"(?:{pattern})" for pattern in known.values()) or "(?!)"),
        mobiles=re.compile(known.get("mobile", "(?!)")),
    )


def _metadata(code: str) -> PhoneMetadata:
    is_worldwide = code.isdecimal()
    found = (
        PhoneMetadata.metadata_for_nongeo_region(int(code))
        if is_worldwide
        else PhoneMetadata.metadata_for_region(code)
    )
    if found is None:
        raise ConfigError(f"unknown region '{code}' for telephone numbers")
    return found


def _trunks(metadata: PhoneMetadata) -> tuple[str, ...]:
    prefix = metadata.national_prefix
    forms = [form for form in metadata.number_format if form.national_prefix_formatting_rule]
    if not prefix or not forms:
        return ("",)
    # Where a written form does without the prefix (Brazil) people leave it out.
    is_optional = any(
        form.national_prefix_optional_when_formatting
        or not str(form.national_prefix_formatting_rule).lstrip("(").startswith(prefix)
        for form in forms
    )
    return ("", prefix) if is_optional else (prefix,)


@cache
def _general(calling_code: str) -> tuple[re.Pattern[str], frozenset[int]] | None:
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(calling_code))
    if not regions:
        return None
    general = _metadata(calling_code if regions[0] == _WORLDWIDE else regions[0]).general_desc
    if general is None or general.national_number_pattern is None:
        return None
    return re.compile(general.national_number_pattern), frozenset(general.possible_length)


def is_international(digits: str, *, known_length: bool = False) -> bool:
    """Whether digits are a calling code and a number of its country, as after a plus sign.

    Args:
        digits: Without plus sign or 00, at most 15.
        known_length: Accept any number of a length that the country uses.

    Example:
        >>> is_international("491701234567"), is_international("10000000")
        (True, False)
    """
    if not _SHORTEST_NATIONAL < len(digits) <= _LONGEST or digits[0] == "0":
        return False
    for size in (1, 2, 3):
        plan = _general(digits[:size])
        if plan:
            pattern, lengths = plan
            national = digits[size:].removeprefix("0") if digits[:size] != "39" else digits[size:]
            return bool(pattern.fullmatch(national)) or (known_length and len(national) in lengths)
    return False
