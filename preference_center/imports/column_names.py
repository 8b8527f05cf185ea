"""Names that columns have in real files, in several languages, and finding a column by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

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
FIRST_NAME: Final = _split(
    "firstname givenname forename imię imie vorname prénom prenom nombre förnamn fornavn"
)
LAST_NAME: Final = _split(
    "lastname surname familyname nazwisko nachname familienname apellido apellidos cognome efternamn"
    " etternavn"
)
LOCALE: Final = _split("locale language lang język jezyk sprache langue idioma språk")
PROCESSING_BASIS: Final = ("processingbasis", "legalbasistoprocess")

WORDS: Final = frozenset(
    _split(
        "prénom téléphone numéro adresse société dirección electrónico teléfono móvil país categoría"
        " endereço eletrônico eletrónico número sobrenome língua città società imię język komórka"
        " komórkowy wypisania rezygnacji förnamn språk sähköposti jméno příjmení název město křestní"
        " cím név vezetéknév keresztnév straße größe имя фамилия отчество почта телефон адрес город"
        " дата язык електронна пошта ім'я прізвище 姓名 名字 邮箱 电子邮件 邮件 电子邮箱 邮件地址"
        " 邮箱地址 手机 手机号 手机号码 电话 电话号码 城市 语言 名 姓 郵箱 電子郵件 電郵 信箱 電子信箱"
        " 手機 手機號碼 電話 電話號碼 行動電話 語言 名稱 氏名 名前 お名前 メール メールアドレス"
        " 電話番号 携帯電話 携帯 言語 이름 성명 이메일 메일 이메일주소 전화 전화번호 휴대폰 휴대전화"
        " 연락처 언어 όνομα επώνυμο ηλεκτρονικό ταχυδρομείο τηλέφωνο ad soyad telefon şehir"
    )
)
"""Words that headers of files have in languages beyond ASCII: they tell a file's encoding."""

_SEPARATORS: Final = re.compile(r"[\s_\-.]+")
_MAX_NAMES_IN_MESSAGE: Final = 12
_MAX_SHOWN_LENGTH: Final = 200


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


def report(uses: Sequence[tuple[str, str | None]]) -> dict[str, Any]:
    """Columns by name with what they are used as, and those that are ignored, in the order of the file."""
    shown = [("…" if _is_address(name) else name[:_MAX_SHOWN_LENGTH], use) for name, use in uses]
    return {
        "used": [{"name": name, "as": use} for name, use in shown if use],
        "ignored": [name for name, use in shown if not use],
    }


def _is_address(text: str) -> bool:
    try:
        addresses.parse(text)
    except AddressError:
        return False
    return True


def _invalid(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")
