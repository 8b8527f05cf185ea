"""Names that columns have in real files, in several languages, and finding a column by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any, Final

from preference_center.errors import ErrorCode, Invalid
from preference_center.imports.encodings.unreadable import shown
from preference_center.rules import addresses
from preference_center.rules.addresses import AddressError

_SEPARATORS: Final = re.compile(r"[\s_\-.:/'’\"“”„«»*]+")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_MARKER_WORDS: Final = (
    "required|mandatory|optional|primary|main|unique|pflichtfeld|pflicht|erforderlich|obligatoire|requis"
    "|facultatif|obligatorio|requerido|opcional|obbligatorio|richiesto|facoltativo|obrigatório|verplicht"
    r"|optioneel|wymagane|obowiązkowe|opcjonalne|obligatorisk\w*|valfritt|必填|必填项|必須|选填|選填|任意"
    r"|필수|선택|\*"
)
_MARKER: Final = re.compile(rf"\s*[(\[（【](?:{_MARKER_WORDS})[)\]）】][\s*:]*$")
"""What forms and templates add to a column's name."""


_LONGEST: Final = 500
"""Characters of a column name that are compared."""


def normalised(name: str) -> str:
    """A column name without case, accents, spaces and markers: "E-mail Address *" is "emailaddress"."""
    visible = "".join(char for char in name[:_LONGEST] if unicodedata.category(char) != "Cf")
    plain = _MARKER.sub("", unicodedata.normalize("NFKC", visible[:_LONGEST]).casefold().strip())
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", plain))
    return _SEPARATORS.sub("", unicodedata.normalize("NFC", bare))


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normalised(name) for name in text.split(" / ")))


_EMAIL_TEXT: Final = (
    "Email / Email address / Mail / Mail address / Email id / Contact email / Subscriber email"
    " / User email / Customer email / Primary email / Email 1 / Email address 1 / E-mail 1 - Value"
    " / Your email / Work email / Email primary / Electronic mail / Emails / Recipient email"
    " / To email / Member email / Lead email / E-Mail-Adresse / Mailadresse / Mail-Adresse"
    " / E-Mail Kontakt / Adresse e-mail / Adresse mail / Adresse électronique / Adresse de messagerie"
    " / Adresse courriel / Courriel / Courrier électronique / Mél / Correo / Correo electrónico"
    " / Dirección de correo / Dirección de correo electrónico / Dirección email / Dirección de email"
    " / Indirizzo email / Indirizzo e-mail / Indirizzo di posta elettronica / Posta elettronica"
    " / Endereço de email / Endereço de e-mail / Endereço eletrónico / Endereço eletrônico"
    " / Correio eletrónico / Correio eletrônico / Email adres / Mailadres / E-mailadres / Adres email"
    " / Adres e-mail / Adres poczty elektronicznej / Poczta elektroniczna / E-post / E-postadress"
    " / E-postadresse / Mejl / Mejladress / Mailadress / E-mailadresse / Sähköposti / Sähköpostiosoite"
    " / Emailosoite / Emailová adresa / E-mailová adresa / Email cím / E-mail cím / E-posta"
    " / E-posta adresi / Adresă email / Adresă de email / Correu electrònic / Adresa e-pošte / E-pošta"
    " / E-pasts / El. paštas / E-posti aadress / Почта / Эл. почта / Электронная почта"
    " / Адрес электронной почты / Емейл / Имейл / Имэйл / Електронна пошта / Ел. пошта"
    " / Електронна поща / Email адрес / Ηλεκτρονικό ταχυδρομείο / Διεύθυνση email"
    " / Ηλεκτρονική διεύθυνση / אימייל / דואר אלקטרוני / البريد الإلكتروني / ایمیل / อีเมล / 邮箱"
    " / 邮箱地址 / 电子邮箱 / 电子邮箱地址 / 电子邮件 / 电子邮件地址 / 邮件 / 邮件地址 / 电邮"
    " / 电邮地址 / 郵箱 / 郵箱地址 / 電子郵箱 / 電子郵件 / 電子郵件地址 / 電子郵件信箱 / 電子信箱"
    " / 信箱 / 電郵 / 電郵地址 / Email 信箱 / メール / メールアドレス / Eメール / Eメールアドレス"
    " / E-mailアドレス / 電子メール / 電子メールアドレス / メアド / 이메일 / 이메일 주소 / 전자우편"
    " / 전자우편 주소 / 메일 / 메일 주소 / 전자메일"
)
EMAIL: Final = _names(_EMAIL_TEXT)
_PHONE_TEXT: Final = (
    "Phone / Phone number / Mobile / Mobile phone / Mobile number / Mobile phone number / Cell"
    " / Cellphone / Cell phone number / Telephone / Telephone number / Tel / Tel no / Phone no"
    " / Mobile no / Msisdn / SMS / SMS number / SMS phone number / WhatsApp / WhatsApp number / Wa id"
    " / Contact phone / Contact number / Primary phone / Phone 1 / Phone 1 - Value / Your phone"
    " / Phone e164 / Telefon / Telefonnummer / Mobil / Mobilnummer / Mobiltelefon / Mobilfunknummer"
    " / Handy / Handynummer / Rufnummer / Téléphone / Numéro de téléphone / N° de téléphone"
    " / Téléphone portable / Téléphone mobile / Portable / Mobile phone n° / Numéro de portable"
    " / Numéro de mobile / Teléfono / Número de teléfono / Teléfono móvil / Móvil / Celular"
    " / Número de celular / Número de móvil / Telefone / Número de telefone / Telemóvel / Telemovel"
    " / Número de telemóvel / Numero di telefono / Telefono / Telefono cellulare / Cellulare"
    " / Numero di cellulare / Telefoon / Telefoonnummer / Mobiel / Mobiel nummer / Gsm / Gsm-nummer"
    " / Numer telefonu / Nr telefonu / Telefon komórkowy / Komórka / Mobilnummer / Puhelin"
    " / Puhelinnumero / Matkapuhelin / Telefonszám / Mobilszám / Telefonní číslo / Telefónne číslo"
    " / Mobilní telefon / Număr de telefon / Broj telefona / Telefon numarası / Cep telefonu / Cep"
    " / Телефон / Номер телефона / Мобильный телефон / Мобильный / Моб. телефон / Номер телефону"
    " / Мобільний телефон / Τηλέφωνο / Κινητό / Αριθμός τηλεφώνου / טלפון / נייד / الهاتف / رقم الهاتف"
    " / الجوال / رقم الجوال / تلفن / موبایل / โทรศัพท์ / เบอร์โทรศัพท์ / 手机 / 手机号 / 手机号码"
    " / 移动电话 / 电话 / 电话号码 / 联系电话 / 手機 / 手機號碼 / 行動電話 / 電話 / 電話號碼"
    " / 聯絡電話 / 電話番号 / 携帯 / 携帯電話 / 携帯電話番号 / 携帯番号 / 전화 / 전화번호 / 휴대폰"
    " / 휴대폰 번호 / 휴대전화 / 휴대전화 번호 / 핸드폰 / 핸드폰 번호 / 연락처"
)
PHONE: Final = _names(_PHONE_TEXT)
ANY_ADDRESS: Final = _names(
    "Address / Recipient / Contact / Recipient address / Adresat / Empfänger / Destinataire"
    " / Destinatario / Destinatário / Ontvanger / Mottagare / Kontakt / 联系人 / 收件人 / 宛先"
    " / 수신자"
)
"""Names for an email address or a phone number, used if no column has a more specific name."""
_FIRST_NAME_TEXT: Final = (
    "First name / Firstname / Given name / Forename / F name / Imię / Imie / Vorname / Prénom"
    " / Nombre / Primer nombre / Nome / Primeiro nome / Nome próprio / Nome di battesimo / Voornaam"
    " / Förnamn / Fornavn / Tilltalsnamn / Etunimi / Křestní jméno / Jméno / Krstné meno / Meno"
    " / Keresztnév / Utónév / Prenume / Ime / Ad / İsim / Имя / Ім'я / Име / Όνομα / שם פרטי"
    " / الاسم الأول / نام / ชื่อ / 名 / 名字 / ファーストネーム / 名（名） / 이름"
)
FIRST_NAME: Final = _names(_FIRST_NAME_TEXT)
_LAST_NAME_TEXT: Final = (
    "Last name / Lastname / Surname / Family name / L name / Nazwisko / Nachname / Familienname"
    " / Zuname / Nom / Nom de famille / Apellido / Apellidos / Primer apellido / Cognome / Sobrenome"
    " / Apelido / Último nome / Achternaam / Familienaam / Efternamn / Etternavn / Efternavn"
    " / Sukunimi / Příjmení / Priezvisko / Vezetéknév / Családnév / Nume de familie / Prezime"
    " / Priimek / Soyad / Soyadı / Фамилия / Прізвище / Επώνυμο / Επίθετο / שם משפחה / اسم العائلة"
    " / نام خانوادگی / นามสกุล / 姓 / 姓氏 / 苗字 / 名字（姓） / 성 / 성씨"
)
LAST_NAME: Final = _names(_LAST_NAME_TEXT)
_LOCALE_TEXT: Final = (
    "Locale / Language / Lang / Preferred language / Język / Sprache / Langue / Idioma / Lingua"
    " / Língua / Taal / Språk / Sprog / Kieli / Jazyk / Nyelv / Limbă / Dil / Язык / Мова / Език"
    " / Γλώσσα / 语言 / 語言 / 言語 / 언어"
)
LOCALE: Final = _names(_LOCALE_TEXT)
PROCESSING_BASIS: Final = ("processingbasis", "legalbasistoprocess")

_OTHER_WORDS: Final = (
    "société adresse dirección país categoría endereço città società straße größe отчество город"
    " дата język wypisania 姓名 城市 备注 公司 性别 订阅 退订 備註 性別 訂閱 退訂 氏名 お名前 会社"
    " 備考 住所 성명 주소 회사 비고 şehir"
)
WORDS: Final = frozenset(
    word.lower()
    for text in (_EMAIL_TEXT, _PHONE_TEXT, _FIRST_NAME_TEXT, _LAST_NAME_TEXT, _LOCALE_TEXT, _OTHER_WORDS)
    for word in text.split()
    if not word.isascii()
)
"""Words beyond ASCII that headers of files have: they tell a file's encoding."""

_MAX_NAMES_IN_MESSAGE: Final = 12
_MAX_SHOWN_LENGTH: Final = 200


def find_all(header: Sequence[str], *names: Iterable[str]) -> list[int]:
    """Return the indexes of all columns with one of the names; names of earlier lists come first."""
    present = [normalised(name) for name in header]
    wanted = [name for alternatives in names for name in alternatives]
    first = next((name for name in wanted if name in present), None)
    return [index for index, name in enumerate(present) if name == first]


def require(header: Sequence[str], content: str, *names: Iterable[str]) -> int:
    """Return the index of a column that must exist. Raises Invalid, listing the columns there are."""
    found = find_all(header, *names)
    if found:
        return found[0]
    if any(_is_address(name) for name in header):
        raise _invalid("The first line contains an address, but it must name the columns.")
    present = ", ".join(repr(shown(name[:40])) for name in header[:_MAX_NAMES_IN_MESSAGE])
    more = " …" if len(header) > _MAX_NAMES_IN_MESSAGE else ""
    example = next(iter(names[0]))
    raise _invalid(f"No column has a name for {content}, such as {example!r}. There are: {present}{more}.")


def report(uses: Sequence[tuple[str, str | None]]) -> dict[str, Any]:
    """Columns by name with what they are used as, and those that are ignored, in the order of the file."""
    named = [("…" if _is_address(name) else shown(name[:_MAX_SHOWN_LENGTH]), use) for name, use in uses]
    return {
        "used": [{"name": name, "as": use} for name, use in named if use],
        "ignored": [name for name, use in named if not use],
    }


def _is_address(text: str) -> bool:
    try:
        addresses.parse(text)
    except AddressError:
        return False
    return True


def _invalid(message: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")


class DifferentNames:
    """Names, each made different from those before it: "city", "city_2", "city_3"."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, count[int]] = {}

    def add(self, name: str) -> str:
        """Return the name, with a number behind it if it is taken."""
        new, numbers = name, self._numbers.setdefault(name, count(2))
        while new in self._taken:
            new = f"{name}_{next(numbers)}"
        self._taken.add(new)
        return new


def find_others(header: list[str], names: tuple[str, ...]) -> list[int]:
    """Columns with one of the names, other than those that are found first."""
    first = find_all(header, names)
    return [n for n, name in enumerate(header) if normalised(name) in names and n not in first]
