"""What people call their columns: which of a file's is the address, the time, the name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from preference_center.errors import ErrorCode, Invalid
from preference_center.rules import addresses
from preference_center.rules.addresses import AddressError


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


EMAIL: Final = _words(
    "email emailaddress mail mailaddress emailid emailadres adresemail adrespocztyelektronicznej emailadresse"
    " adresseemail adressemail adresseelectronique courriel correo correoelectronico direccionemail"
    " indirizzoemail endereçodeemail epost epostadress epostadresse emailosoite sähköposti emailovaadresa"
    " emailcím eposta primaryemail contactemail subscriberemail useremail customeremail email1value"
)
PHONE: Final = _words(
    "phone phonenumber mobile mobilephone mobilenumber mobilephonenumber cell cellphone cellphonenumber"
    " telephone telephonenumber tel msisdn sms smsnumber whatsapp whatsappnumber telefon numertelefonu"
    " nrtelefonu telefonkomórkowy komórka telefonnummer mobil mobilnummer mobiltelefon handy handynummer"
    " téléphone numérodetéléphone portable teléfono móvil celular telefone telefono cellulare puhelin"
    " puhelinnumero telefonszám telefonnyčíslo telefonníčíslo contactphone primaryphone phone1value"
)
ANY_ADDRESS: Final = _words("address recipient contact recipientaddress adresat")
"""Names that an address of either kind may go by, where nothing says it better."""
WHEN: Final = _words(
    "occurredat unsubscribedat unsubscribedon unsubscribedate unsubscribeddate unsubscribetime unsubtime"
    " unsubdate optedoutat optedouton optoutdate optouttime optoutat dateofoptout"
    " datawypisania datarezygnacji"
)
FIRST_NAME: Final = _words(
    "firstname givenname forename imię imie vorname prénom prenom nombre förnamn fornavn"
)
LAST_NAME: Final = _words(
    "lastname surname familyname nazwisko nachname familienname apellido apellidos cognome efternamn"
    " etternavn"
)
LOCALE: Final = _words("locale language lang język jezyk sprache langue idioma språk")
PROCESSING_BASIS: Final = ("processingbasis", "legalbasistoprocess")

_JOINTS: Final = re.compile(r"[\s_\-.]+")
_MOST_SHOWN: Final = 12


def folded(name: str) -> str:
    """The name of a column without case, spaces and hyphens: "E-mail Address" is "emailaddress"."""
    return _JOINTS.sub("", unicodedata.normalize("NFKC", name).casefold())


def position(header: Sequence[str], *names: Iterable[str]) -> int | None:
    """The place of the column that goes by one of the names, those of the first list before the others'.

    Raises Invalid where two columns go by the same name.
    """
    there = [folded(name) for name in header]
    for name in (name for some in names for name in some):
        if there.count(name) > 1:
            raise _wrong(f"Two columns are named {header[there.index(name)]!r}: which is meant?")
        if name in there:
            return there.index(name)
    return None


def needed(header: Sequence[str], what: str, *names: Iterable[str]) -> int:
    """The same for a column that has to be there. Raises Invalid, telling which there are."""
    place = position(header, *names)
    if place is not None:
        return place
    if any(_is_address(name) for name in header):
        raise _wrong("The first line has an address in it, where it must name the columns.")
    there = ", ".join(repr(name[:40]) for name in header[:_MOST_SHOWN])
    more = " …" if len(header) > _MOST_SHOWN else ""
    example = next(iter(names[0]))
    raise _wrong(f"No column has a name for {what}, such as {example!r}. There are: {there}{more}.")


def _is_address(text: str) -> bool:
    try:
        addresses.parse(text)
    except AddressError:
        return False
    return True


def _wrong(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")
