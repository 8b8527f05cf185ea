"""The column of an opt-out list that has the time of the opt-out, in other systems' names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from preference_center.imports.opt_out_columns.folding import any_of, fold, folded_words
from preference_center.imports.opt_out_columns.headers import is_about_an_opt_out

_LONGEST: Final = 300
_OF_TIME: Final = re.compile(
    r"(?:time|timestamp|date|datetime|day|when|at|on|zeit|zeitpunkt|datum|tag|am|le|date.*|fecha|fecha.*|hora|el|em"
    r"|data|data.*|ora|il|op|dato|den|kl|pvm|aika|dnia|kiedy|dne|kdy|tarihi|time.*utc|utc|gmt)$"
    r"|^(?:date|time|when|fecha|data|datum|dato|"
    + fold("дата")
    + ")|"
    + any_of(
        folded_words("时间 / 時間 / 日期 / 日時 / 日付 / 날짜 / 일시 / 일자 / дата / время / когда / час")
    ).pattern
    + f"|(?:日|{fold('일')})$"
)
_RANKS: Final = (
    folded_words("occurred at"),
    folded_words("""
status changed at / status change / status changed / status date / status time / status change date
changed at / event time / event date / event timestamp / event at / event datetime / action time
action date
"""),
    folded_words("""
timestamp / date / time / datetime / date time / date & time / date/time / when / fecha / fecha y hora
data / data e hora / data e ora / datum / datum/zeit / datum und uhrzeit / zeitpunkt / dato
datum en tijd / tid / data i czas / päivämäärä / pvm / dátum / data și ora / дата / дата и время / время
tarih / ημερομηνία / 日期 / 时间 / 時間 / 日期时间 / 日付 / 日時 / 날짜 / 일시
"""),
    folded_words("""
last update time / last updated / last updated at / last update / updated / updated at / updated on
update time / updated time / date updated / last modified / last modified at / last modified date
modified / modified at / modified date / date modified / last changed / last change / last changed at
last_changed / geändert am / aktualisiert am / letzte änderung / zuletzt geändert / modifié le
mis à jour le / date de modification / date de mise à jour / fecha de actualización
fecha de modificación / actualizado / actualizado el / última actualización / atualizado em
data de atualização / última atualização / modificato il / data di modifica / aggiornato il
bijgewerkt op / gewijzigd op / laatst gewijzigd / ändrad / uppdaterad / opdateret / oppdatert
data modyfikacji / zaktualizowano / data aktualizacji / změněno / изменен / дата изменения / 更新时间
更新時間 / 修改时间 / 修改時間 / 更新日時 / 更新日 / 수정일
"""),
    folded_words("""
created / created at / created on / created date / created time / creation date / creation time
date created / create time / create date / added / added at / added on / added time / added date
date added / inserted at / timestamp created / recorded at / registered at / erstellt / erstellt am
erstelldatum / erstellungsdatum / angelegt am / hinzugefügt am / créé le / date de création / ajouté le
date d'ajout / creado / creado el / fecha de creación / fecha de alta / añadido el / criado em
data de criação / adicionado em / creato il / data di creazione / data creazione / aggiunto il
aangemaakt / aangemaakt op / aanmaakdatum / toegevoegd op / skapad / skapad den / tillagd / oprettet
opprettet / luotu / utworzono / data utworzenia / data dodania / dodano / vytvořeno / datum vytvoření
létrehozva / creat la / создан / создано / дата создания / дата добавления / створено / дата створення
oluşturulma tarihi / 创建时间 / 创建日期 / 建立時間 / 建立日期 / 添加时间 / 新增時間 / 作成日時 / 作成日
登録日時 / 追加日 / 생성일 / 등록일
"""),
)
"""Names from the most specific; times of opt-outs come after the first."""


def time_columns(header: Sequence[str]) -> list[int]:
    """The indexes of the columns with the most specific name for the time of an opt-out, or none.

    Of two names that are equally specific, the first counts. Two columns of one name are both returned.
    """
    ranked = [(rank, _key(name)) for name in header if (rank := _rank(name)) is not None]
    best = min(ranked, key=lambda found: found[0], default=(0, ""))[1]
    return [index for index, name in enumerate(header) if best and _key(name) == best]


def is_time_column(name: str) -> bool:
    """Whether a column of this name can have the time of an opt-out."""
    return _rank(name) is not None


def _key(name: str) -> str:
    """A name as it is compared, which a long one is by its beginning."""
    return fold(name[:_LONGEST])


def _rank(name: str) -> int | None:
    """How specific a name is: the lowest is the most specific. None for a name of something else."""
    key = _key(name)
    if key in _RANKS[0]:
        return 0
    if _OF_TIME.search(key) and is_about_an_opt_out(key):
        return 1
    return next((2 + rank for rank, names in enumerate(_RANKS[1:]) if key in names), None)
