"""Yes and no, as spreadsheets and other systems write them in many languages, and cells that say nothing."""

from __future__ import annotations

import re
import unicodedata
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_YES: Final = _words(
    # English, and what systems write
    "1 true yes y t x on ok checked active enabled confirmed verified subscribed optedin optin accepted"
    " agreed agree consented granted allowed ✓ ✔ ☑ ✅ √ ○ ◯"
    # German, French, Spanish, Portuguese, Italian, Catalan, Galician
    " wahr ja j aktiv bestätigt angemeldet abonniert vrai oui actif confirmé inscrit abonné verdadero sí si s"
    " activo confirmado suscrito verdadeiro sim ativo inscrito vero sì attivo confermato iscritto cert certo"
    # Dutch, Swedish, Danish, Norwegian, Finnish, Estonian, Latvian, Lithuanian
    " waar actief bevestigd ingeschreven sant sand sann aktivt bekräftad tosi kyllä tõene jah patiess jā"
    " tiesa taip"
    # Polish, Czech, Slovak, Hungarian, Romanian, Croatian, Serbian, Slovene
    " prawda tak aktywny potwierdzony zapisany pravda ano áno igaz igen adevărat adevarat da istina točno"
    " tačno resnično"
    # Russian, Ukrainian, Bulgarian, Greek, Turkish
    " истина да так істина вярно αληθής αληθησ αληθέσ ναι doğru evet"
    # Hebrew, Arabic, Persian, Hindi, Thai, Vietnamese, Indonesian
    " אמת כן صحيح صواب نعم درست بله सही हाँ จริง ใช่ đúng có benar ya"
    # Chinese, Japanese, Korean
    " 是 真 对 對 有 同意 已同意 已订阅 已訂閱 订阅 訂閱 はい 可 同意する 예 네 참 동의 수신동의"
)
_NO: Final = _words(
    "0 false no n f off unchecked inactive disabled unconfirmed notconfirmed notsubscribed notopted"
    " declined denied rejected refused ✗ ✘ ❌ ×"
    " falsch nein inaktiv abgemeldet faux non inactif désabonné désinscrit falso inactivo não nao inativo"
    " inattivo disiscritto fals"
    " onwaar nee inactief falskt falsk nej nei inaktivt epätosi ei väär vale aplams nē netiesa ne"
    " fałsz falsz nie nieaktywny wypisany nepravda hamis nem nu neistina netočno netačno laž napačno"
    " ложь нет ні хибність лъжа не невярно ψευδήσ ψευδησ όχι οχι yanlış yanliş hayır hayir"
    " שקר לא خطأ لا غلط نه गलत नहीं เท็จ ไม่ ไม่ใช่ sai không khong salah tidak"
    " 否 假 不 不是 错 錯 無 无 没有 沒有 不同意 未订阅 未訂閱 いいえ 偽 不可 同意しない"
    " 아니오 아니요 거짓 비동의"
    " unsubscribed optedout optout revoked withdrawn 已退订 已退訂 退订 退訂 수신거부 거부"
)
_BLANK: Final = _words(
    r"n/a #n/a n.a. n.a na #nv #n/v #wert! #value! #ref! #name? null \n nil none nan <null> (null)"
    r" [null] undefined"
    r" - -- --- – — . .. ? / k.a. keine unknown unbekannt brak nd n.d. s/o s/d 无 無 なし 없음 空"
)
"""What people and systems write into a cell that has no value."""
_BLANK_NAMES: Final = _words(r"n/a #n/a n.a. #nv \n <null> (null) [null] - -- --- – — . ..")
_LONGEST: Final = 100
"""Characters of a cell that may say yes or no."""
_SEPARATORS: Final = re.compile(r"[\s_\-.,'’]+")
_DECIMAL: Final = re.compile(r"([01])[.,]0+")
_FORMULA: Final = re.compile(r"=?\s*(\w+)\(\)")


def yes_or_no(cell: str) -> bool | None:
    """Whether a cell says yes (True) or no (False); None for neither."""
    if len(cell) > _LONGEST:
        return None
    text = cell.lower()
    if text not in _YES and text not in _NO:
        text = _folded(cell)
    if text in _YES:
        return True
    return False if text in _NO else None


def is_blank(cell: str) -> bool:
    """Whether a cell says that there is no value: empty, "N/A", "-", "NULL" and the like."""
    text = cell.strip()
    return not text or text.lower() in _BLANK


def is_blank_name(cell: str) -> bool:
    """Like `is_blank`, for names of people: some are called Null, None, Na or Nan."""
    text = cell.strip()
    return not text or text.lower() in _BLANK_NAMES


def _folded(cell: str) -> str:
    """Without case, spaces, hyphens and quotes: "Opted-in" is "optedin", "=TRUE()" is "true"."""
    text = unicodedata.normalize("NFKC", cell).replace("\ufe0f", "").casefold()
    text = text.replace("i\u0307", "i").replace("ı", "i").strip(' "“”„«»!')  # Turkish has two letters i
    bare = _FORMULA.fullmatch(text) or _DECIMAL.fullmatch(text)
    return _SEPARATORS.sub("", bare[1] if bare else text)
