"""Unknown columns and keys: which are named like personal data, and JSON within a cell."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from staffcast_pipelines.privacy.wordlists import word_list, word_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "PRIVATE_MARK",
    "heading",
    "is_private",
    "is_secret_parameter",
    "kind_of_column",
    "redact_json",
    "words_of",
]

PRIVATE_MARK = "[private]"

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_PEOPLE = word_set(
    "customer customers visitor user users contact requester client clients guest person personal "
    "caller sender recipient billing shipping delivery invoice home work private business office "
    "primary secondary main other alternative customer s end my your emergency kunde kunden besteller "
    "empfanger liefer rechnungs cliente klant destinataire usuario utilisateur utente gebruiker patient "
    "member passenger lead employee account profile chat start conversation first last full sur given "
    "family middle maiden birth new old legal display nick street1 street2 postal mailing residential "
    "current permanent remote source reply to cc bcc raw the"
)
_NEUTRAL_ENDS = word_set("number no nr nummer numero num value text field line 1 2 3 raw hash hashed str")
_NAMES = word_set(
    "name names firstname lastname fullname forename surname givenname familyname middlename nickname "
    "displayname initials salutation vorname nachname familienname kundenname anrede nom prenom nombre "
    "nombres apellido apellidos nome cognome naam voornaam achternaam sobrenome imie nazwisko username "
    "login handle realname"
)
_ADDRESSES = word_set(
    "address addresses addr street streetname streetaddress city town village zip zipcode postcode "
    "postalcode plz postleitzahl strasse str hausnummer housenumber wohnort ort stadt anschrift adresse "
    "adressen lieferadresse rechnungsadresse rue ville codepostal direccion calle ciudad codigopostal "
    "indirizzo via citta cap adres straat woonplaats huisnummer endereco rua cidade cep bairro county "
    "suburb apartment"
)
_WEAK = (
    _NAMES
    | _ADDRESSES
    | word_set(
        "ip ipaddress birth birthday birthdate birthyear age geburtstag geburtsdatum useragent signature "
        "avatar photo latitude longitude lat lon lng geo location gender sex id_card ua"
    )
)
_STRONG = word_set(
    "email emails mail emailaddress emailadresse phone phones telephone telefon telefonnummer telefono "
    "telefone telefoon tel mobile mobil mobilnummer mobiel handy handynummer cellphone cell celular "
    "cellulare movil portable fax whatsapp msisdn correo courriel dob birthdate dateofbirth "
    "geburtsdatum geburtstag geboortedatum nascimento nacimiento naissance nascita iban bic bankaccount "
    "kontonummer kontoinhaber cardnumber creditcard debitcard kreditkarte kartennummer pan cvv cvc cvv2 "
    "ssn socialsecurity taxid taxnumber steuernummer steuerid nif nie dni cpf cnpj rg bsn nin passport "
    "reisepass pasaporte passeport ausweis ausweisnummer license licence fuhrerschein password passwort "
    "passwd pwd pass secret token apikey auth authorization cookie session sessionid sid jwt otp "
    "credential credentials codicefiscale mothersname latitude longitude geolocation imei useragent "
    "ipaddress ipv4 ipv6 ip"
)
_PHRASES = tuple(
    phrase.replace("_", " ")
    for phrase in word_list(
        "user_agent e_mail date_birth date_of_birth birth_date ip_address api_key access_key "
        "private_key credit_card debit_card card_number card_no account_holder bank_account "
        "account_number social_security tax_id tax_number tax_no vat_id national_id id_card id_number "
        "identity_card date_naissance fecha_nacimiento data_nascita data_nascimento "
        "fecha_de_nacimiento date_de_naissance data_di_nascita data_de_nascimento code_postal "
        "codigo_postal codice_fiscale mother_s_maiden maiden_name security_number drivers_license "
        "driver_license"
    )
)
_MEASURES = word_set(
    "count counts n total type types model models version versions app os platform opt optin optout in "
    "consent verified valid status state sent opened open clicks clicked template campaign limit length "
    "error errors is has can rate share plan brand provider domain required requested enabled available "
    "hashed subject channel queue support bounced delivered unsubscribed marketing preference duration "
    "seconds time at days expiry expires method format topic category tag tags usage used"
)
_SECRETS = word_set(
    "token auth session sessionid sid phpsessid jsessionid aspsessionid key apikey sig signature code "
    "state nonce hash password pwd pass secret user uid userid username login name fname lname mail "
    "email ticket jwt otp customer visitor cookie credential fbclid gclid"
)


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a column's name, lower case and without accents.

    Example:
        >>> words_of("customerName"), words_of("E-Mail_Adresse 2")
        (('customer', 'name'), ('e', 'mail', 'adresse'))
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return tuple(word.lower() for word in _WORD.findall(plain))


def kind_of_column(name: str) -> str | None:
    """``name`` or ``address`` for a column that holds a person's, else nothing.

    Example:
        >>> kind_of_column("last_name"), kind_of_column("Billing City"), kind_of_column("agent_name")
        ('name', 'address', None)
    """
    words = _without_people(words_of(name))
    joined = "".join(words)
    if joined in _NAMES:
        return "name"
    return "address" if joined in _ADDRESSES else None


def _without_people(words: tuple[str, ...]) -> tuple[str, ...]:
    first, last = 0, len(words)
    while first < last - 1 and words[first] in _PEOPLE:
        first += 1
    while last - 1 > first and words[last - 1] in _NEUTRAL_ENDS:
        last -= 1
    return words[first:last]


@lru_cache(maxsize=4096)
def is_private(name: str) -> bool:
    """Whether a column or key is named like personal data, in one of several languages.

    Example:
        >>> [is_private(name) for name in ("customer_name", "workPhone", "agent_name", "email_count")]
        [True, True, False, False]
    """
    words = words_of(name)
    core = _without_people(words)
    joined = "".join(core)
    if joined in _WEAK or joined in _STRONG or "".join(words) in _WEAK:
        return True
    if _MEASURES.intersection(words):
        return False
    text = f" {' '.join(words)} "
    return bool(_STRONG.intersection(words)) or any(f" {phrase} " in text for phrase in _PHRASES)


@lru_cache(maxsize=4096)
def is_secret_parameter(name: str) -> bool:
    """Whether a parameter of an address tells who somebody is or lets them in."""
    return is_private(name) or bool(_SECRETS.intersection((*words_of(name), "".join(words_of(name)))))


def heading(name: str) -> str:
    """What the name of a column says to somebody who reads one of its cells.

    Example:
        >>> heading("orderId")
        'order id: '
    """
    words = words_of(name)
    return f"{' '.join(words)}: " if words else ""


_COLON = re.compile(r"\s*:")
_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*+"?)|(?P<open>[{\[])|(?P<close>[}\]])|(?P<sign>[,:])|(?P<bare>[^\s{}\[\],:"]++)'
)


def redact_json(text: str, redact: Callable[[str, str], str], name: str = "") -> str:
    """Redact the strings and figures of a JSON text, and hide what is under a private key.

    The rest, and so the validity, is left as it is. What only looks like JSON is redacted as text, but what
    is under a private key is hidden there too.

    Args:
        text: JSON, or what looks like it.
        redact: Makes a value safe, given the key that it is under.
        name: The column that it is in.

    Example:
        >>> redact_json('{"user": {"email": "jo@example.org", "n": 3}}', lambda key, value: value)
        '{"user": {"email": "[private]", "n": 3}}'
    """
    if _is_json(text):
        return _spliced(text, _replacements(text, redact))
    return redact(name, _spliced(text, _replacements(text, lambda _, value: value)))


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except ValueError:
        return False
    except RecursionError:
        # Too deep to be read like that; its tokens are as good.
        return True
    return True


def _spliced(text: str, replacements: Iterator[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end, safe in replacements:
        parts += (text[at:start], safe)
        at = end
    return "".join(parts) + text[at:]


def _replacements(text: str, redact: Callable[[str, str], str]) -> Iterator[tuple[int, int, str]]:
    """Walk the tokens of a JSON text with the keys that lead to each, however deep it is."""
    keys: list[str] = [""]
    hidden_from: int | None = None
    hidden_depth = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "open":
            if hidden_from is None and is_private(keys[-1]):
                hidden_from, hidden_depth = match.start(), len(keys)
            keys.append(keys[-1] if match[0] == "[" else "")
        elif kind == "close" and len(keys) > 1:
            keys.pop()
            if hidden_from is not None and len(keys) == hidden_depth:
                yield hidden_from, match.end(), json.dumps(PRIVATE_MARK)
                hidden_from = None
        elif hidden_from is not None or kind in ("sign", "close"):
            continue
        elif kind == "string" and _is_key(text, match.end()):
            keys[-1] = _decoded(match[0])
            safe = redact("", keys[-1])
            if safe != keys[-1]:
                yield *match.span(), _encoded(safe)
        else:
            yield from _replaced_value(match, keys[-1], redact)
    if hidden_from is not None:
        yield hidden_from, len(text), json.dumps(PRIVATE_MARK)


def _is_key(text: str, end: int) -> bool:
    return _COLON.match(text, end) is not None


def _replaced_value(
    match: re.Match[str], key: str, redact: Callable[[str, str], str]
) -> Iterator[tuple[int, int, str]]:
    token = match[0]
    is_string = match.lastgroup == "string"
    value = _decoded(token) if is_string else token
    if not value or token in ("null", "true", "false"):
        return
    if is_private(key):
        safe = PRIVATE_MARK
    elif is_string and value.lstrip()[:1] in ("{", "["):
        safe = redact_json(value, redact, key)
    else:
        safe = redact(key, value)
    if safe != value:
        yield *match.span(), _encoded(safe)


def _decoded(token: str) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token[1:].removesuffix('"')


def _encoded(value: str) -> str:
    is_storable = value.isprintable() and not any("\ud800" <= character <= "\udfff" for character in value)
    return json.dumps(value, ensure_ascii=not is_storable)
