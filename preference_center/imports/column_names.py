"""Names that columns have in real files, in several languages, and finding a column by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from preference_center.errors import ErrorCode, Invalid
from preference_center.rules import addresses
from preference_center.rules.addresses import AddressError


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


EMAIL: Final = _split(
    "email emailaddress mail mailaddress emailid emailadres adresemail adrespocztyelektronicznej emailadresse"
    " adresseemail adressemail adresseelectronique courriel correo correoelectronico direccionemail"
    " indirizzoemail endereçodeemail epost epostadress epostadresse emailosoite sähköposti emailovaadresa"
    " emailcím eposta primaryemail contactemail subscriberemail useremail customeremail email1value"
)
PHONE: Final = _split(
    "phone phonenumber mobile mobilephone mobilenumber mobilephonenumber cell cellphone cellphonenumber"
    " telephone telephonenumber tel msisdn sms smsnumber whatsapp whatsappnumber telefon numertelefonu"
    " nrtelefonu telefonkomórkowy komórka telefonnummer mobil mobilnummer mobiltelefon handy handynummer"
    " téléphone numérodetéléphone portable teléfono móvil celular telefone telefono cellulare puhelin"
    " puhelinnumero telefonszám telefonnyčíslo telefonníčíslo contactphone primaryphone phone1value"
)
ANY_ADDRESS: Final = _split("address recipient contact recipientaddress adresat")
"""Names for an email address or a phone number, used if no column has a more specific name."""
OCCURRED_AT: Final = _split(
    "occurredat unsubscribedat unsubscribedon unsubscribedate unsubscribeddate unsubscribetime unsubtime"
    " unsubdate optedoutat optedouton optoutdate optouttime optoutat dateofoptout"
    " datawypisania datarezygnacji"
)
FIRST_NAME: Final = _split(
    "firstname givenname forename imię imie vorname prénom prenom nombre förnamn fornavn"
)
LAST_NAME: Final = _split(
    "lastname surname familyname nazwisko nachname familienname apellido apellidos cognome efternamn"
    " etternavn"
)
LOCALE: Final = _split("locale language lang język jezyk sprache langue idioma språk")
PROCESSING_BASIS: Final = ("processingbasis", "legalbasistoprocess")

_SEPARATORS: Final = re.compile(r"[\s_\-.]+")
_MAX_NAMES_IN_MESSAGE: Final = 12


def normalised(name: str) -> str:
    """A column name without case, spaces and hyphens: "E-mail Address" becomes "emailaddress"."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", name).casefold())


def find(header: Sequence[str], *names: Iterable[str]) -> int | None:
    """Return the index of the column with one of the names, or None; names of earlier lists come first.

    Raises Invalid if two columns have the same name.
    """
    present = [normalised(name) for name in header]
    for name in (name for alternatives in names for name in alternatives):
        if present.count(name) > 1:
            duplicate = header[present.index(name)]
            raise _invalid(f"Two columns are named {duplicate!r}. Keep only one of them.")
        if name in present:
            return present.index(name)
    return None


def find_all(header: Sequence[str], *names: Iterable[str]) -> list[int]:
    """Return the indexes of all columns with one of the names; names of earlier lists come first."""
    present = [normalised(name) for name in header]
    wanted = [name for alternatives in names for name in alternatives]
    first = next((name for name in wanted if name in present), None)
    return [index for index, name in enumerate(present) if name == first]


def require(header: Sequence[str], content: str, *names: Iterable[str]) -> int:
    """Return the index of a column that must exist. Raises Invalid, listing the columns there are."""
    index = find(header, *names)
    if index is not None:
        return index
    if any(_is_address(name) for name in header):
        raise _invalid("The first line contains an address, but it must name the columns.")
    present = ", ".join(repr(name[:40]) for name in header[:_MAX_NAMES_IN_MESSAGE])
    more = " …" if len(header) > _MAX_NAMES_IN_MESSAGE else ""
    example = next(iter(names[0]))
    raise _invalid(f"No column has a name for {content}, such as {example!r}. There are: {present}{more}.")


def _is_address(text: str) -> bool:
    try:
        addresses.parse(text)
    except AddressError:
        return False
    return True


def _invalid(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")
