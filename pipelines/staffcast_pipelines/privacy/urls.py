"""The parts of an address that are private whatever they hold."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

from staffcast_pipelines.privacy.columns import PRIVATE_MARK, is_secret_parameter
from staffcast_pipelines.privacy.views import MARK

__all__ = ["redact_parameters", "redact_user"]

_USER = re.compile(r"(?<=//)[^/?#\s]*@")
_PARAMETER = re.compile(r"([?&;#])([^=?&;#/]+)=([^?&;#]+)")


def redact_user(url: str) -> str:
    """Hide who logs in.

    Example:
        >>> redact_user("https://jo:secret@shop.example/")
        'https://[private]@shop.example/'
    """
    return _USER.sub(f"{PRIVATE_MARK}@", url, count=1)


def redact_parameters(url: str) -> str:
    """Hide the values of parameters that are named like personal data or a key.

    Example:
        >>> redact_parameters("https://shop.example/;jsessionid=1A2B?page=2#access_token=xyz")
        'https://shop.example/;jsessionid=[private]?page=2#access_token=[private]'
    """
    return _PARAMETER.sub(_parameter, url)


def _parameter(match: re.Match[str]) -> str:
    separator, name, value = match.groups()
    if MARK.fullmatch(value) or not is_secret_parameter(unquote_plus(name)):
        return match[0]
    return f"{separator}{name}={PRIVATE_MARK}"
