"""What the words around a number say about it."""

from __future__ import annotations

import enum
import re
from functools import lru_cache

from staffcast_pipelines.privacy.views import FILLER
from staffcast_pipelines.privacy.wordlists import word_list, word_set

__all__ = ["PHONE_STEMS", "PHONE_WORDS", "Cue", "cue_of"]


class Cue(enum.Enum):
    """What a number is said to be."""

    PHONE = "phone"
    OTHER = "other"
    NONE = "none"


PHONE_STEMS = word_list(
    "phone telef telephon téléph mobil móvil celular cellular cellphone handy anruf angeruf rückruf "
    "rufnummer festnetz whatsapp erreich joign joindre llam chiam bellen gebeld telemóv llám appel "
    "rappel contact kontakt contatt landline callback hotline telecop reach"
)
PHONE_WORDS = word_set(
    "tel tél call calls called calling ring ringing dial text sms fax cell cel ligar ligue liga fone "
    "móv portable bel ruf fijo fixe fisso whats whatsapp wa telegram tlf tfno fon"
)
_OTHER_STEMS = word_list(
    "order bestell auftrag command pedido ordine ordini bestel encomend invoic rechnung factur fattur "
    "factuur fatura ticket vorgang referen référen referên riferiment track sendung paket colis suivi envío "
    "envio seguimient spedizion tracciam pacco zending pakket rastre shipment shipping parcel package "
    "deliver liefer artikel articl artícul articol artigo item product produkt produit barcode serial "
    "serien série serie kunden customer client klant account konto compte cuenta transac transak "
    "transaz booking buchung réserv reserv prenot boeking confirm bestätig code código codice batch "
    "charge version firmware contract vertrag contrat polic claim zähler steuer model receipt beleg "
    "voucher gutschein coupon session build timestamp epoch sensor device gerät retour return rücksend "
    "lot epoca quote angebot angebots devis member mitglied"
)
_OTHER_WORDS = word_set(
    "nota fiscal ref case fall sku ean gtin isbn upc sn imei id ids uid pin po vat ust tax iva tva part "
    "asin iccid vin mac conta conto awb dhl ups dpd gls hermes fedex usps rma crm hash port udid guid "
    "uuid"
)
_WORD = re.compile(r"[^\W\d_]+")
_LIST_SIGNS = frozenset("0123456789,&/+()#-")
_LIST_WORDS = word_set("and und et y e en o ou oder or")
_LONGEST_LINK = 5
_LIST_TAIL = re.compile(
    rf"(?:[0-9\s,&/+()#-]|(?<![^\W\d_])(?:{'|'.join(sorted(_LIST_WORDS))})(?![^\W\d_]))++$"
)
_BARRIER = re.compile(rf"[,;!?\n{FILLER}]|(?<=\w\w\w\w)\.(?=\s|$)")
_MY_NUMBER = re.compile(
    r"(?:\b(?:my|our|meine|unsere|mon|mi|mijn|meu|mio|nosso|notre|nuestro)\s(?:\w+\s)?(?:number|no|nummer|num[ée]ro|n[úu]mero))\b"
)
_IS = re.compile(r"\W{0,3}(?:\(|(?:is|was|ist|war|est|es|è|é)\b)")
_REACH = 56
_REACH_AFTER = 40
_WORDS_BEFORE = 6
_WORDS_AFTER = 5


def cue_of(text: str, start: int, end: int) -> Cue:
    """What the nearest telling word says: those before a number count first, then those behind it.

    Example:
        >>> cue_of("call me: 5551234", 9, 16), cue_of("order 5551234", 6, 13)
        (<Cue.PHONE: 'phone'>, <Cue.OTHER: 'other'>)
    """
    before = text[max(0, start - _REACH) : start].casefold().replace("s/n", "serial")
    # A list of numbers has one heading.
    if _ends_in_list(before):
        before = _LIST_TAIL.sub("", before)
    before = _BARRIER.split(before)[-1]
    for word in reversed(_WORD.findall(before)[-_WORDS_BEFORE:]):
        cue = _cue(word)
        if cue is not Cue.NONE:
            return cue
    if _MY_NUMBER.search(before):
        return Cue.PHONE
    after = _BARRIER.split(text[end : end + _REACH_AFTER].casefold().replace(".", ","))[0]
    cues = [_cue(word) for word in _WORD.findall(after)[:_WORDS_AFTER]]
    if Cue.OTHER in cues and _IS.match(after):
        return Cue.OTHER
    return Cue.PHONE if Cue.PHONE in cues or _MY_NUMBER.search(after) else Cue.NONE


def _ends_in_list(before: str) -> bool:
    last = before.rstrip()[-_LONGEST_LINK:]
    return last[-1:] in _LIST_SIGNS or last.split(" ")[-1] in _LIST_WORDS


@lru_cache(maxsize=16384)
def _cue(word: str) -> Cue:
    if word in PHONE_WORDS or word.startswith(PHONE_STEMS):
        return Cue.PHONE
    if word in _OTHER_WORDS or word.startswith(_OTHER_STEMS):
        return Cue.OTHER
    return Cue.NONE
