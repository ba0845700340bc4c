"""Lists of words, written as text."""

from __future__ import annotations

__all__ = ["word_list", "word_set"]


def word_list(text: str) -> tuple[str, ...]:
    """The words of a text, in order.

    Example:
        >>> word_list("call dial")
        ('call', 'dial')
    """
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """The words of a text, to be asked whether they hold one."""
    return frozenset(text.split())


NAMES_THAT_ARE_WORDS = word_set(
    "will may mark rose june april august bill grace hope faith joy jack pat rob sue art dean frank "
    "gene grant guy iris ivy jay jean josh lance miles nick olive pearl penny ray rich robin ruby sandy "
    "sky summer victor wade ward young king price long short black brown white green gray grey gold day "
    "knight page park parks rice love bell best case cook cross field fields fisher ford fox hunter "
    "lane little major mason moon north west east south noble parker pope power powers read reed rivers "
    "sharp small stone story street swift wells wise wood woods bishop butler carter chase cooper duke "
    "early english french holiday main church high station mill hill lake market bridge school new old "
    "court house garden gardens queen klein gross lang kurz neu alt braun weiss schwarz roth stark "
    "kaiser koch sommer winter herbst ernst heide rot fromm frei reich jung fuchs wolf vogel stein berg "
    "bach wald sonne petit grand blanc noir brun rouge roux bon bonnet marchand marin clement pascal "
    "noel aime constant parfait fort fortune france gentil lebon legrand leblanc lenoir legros rey "
    "reyes cruz luz paz rosa blanco delgado bravo guerra mar sol flor campos ramos rubio alegre marina "
    "salvador angel jesus domingo leon mercedes dolores consuelo pilar soledad rocio serrano prado "
    "rossi bianco bianca verde costa conti monti ferrari luna stella vita leone sereno allegra groot "
    "jong bakker visser boer dijk brand kok smit lente lima neves pinto leite cunha rocha fonte coelho "
    "machado amber autumn bay brook carol cash cherry chance christian crystal dawn destiny drew "
    "earnest ever forest glen glory harmony heath honor jade jasmine jewel justice lily mercy misty "
    "norm patience prince rusty stormy trinity valentine violet willow max"
)
"""Names that mostly stand for something else: replaced only in the writing of a name."""

NOT_NAMES = word_set(
    "von van der den del della dello dei des dos das las los les mac bin ibn abu und and the zur zum "
    "auf mrs miss herr frau dr prof professor sir madam mister mme mlle monsieur madame señor señora "
    "sra srta signor signora senhor senhora sig dona mevrouw meneer heer jun sen gmbh ltd inc llc corp "
    "company guest visitor customer client kunde user unknown anonymous test null none nan unbekannt "
    "gast invité invitado ospite bezoeker visitante website chat support team service shop"
)
"""Parts of a name's column that name nobody: particles, titles, stand-ins."""

NOT_STREETS = word_set(
    "street road avenue lane drive close court place square terrace gardens crescent grove way "
    "boulevard floor flat apartment suite unit block building house room strasse straße platz allee weg "
    "gasse ring ufer damm haus etage stock hinterhaus rue chemin impasse quai allée bâtiment batiment "
    "étage appartement résidence residence calle avenida paseo plaza plaça carrer camino ronda travesía "
    "piso puerta escalera bajo via viale piazza corso vicolo largo strada piano scala interno straat "
    "laan plein gracht kade singel dreef steeg rua travessa praça praca alameda rodovia estrada bairro "
    "andar bloco casa apto saint sankt santa santo county north south east west null none unknown"
)
"""Words of an address that every second address has."""
