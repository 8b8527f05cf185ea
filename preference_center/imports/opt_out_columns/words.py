"""What a status in the words of other systems means for consent."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from preference_center.imports.opt_out_columns.folding import fold, folded_words


class Verdict(Enum):
    """What a cell says about an address."""

    OPTED_OUT = "OPTED_OUT"
    UNUSABLE = "UNUSABLE"
    """It cannot be reached, which says nothing about consent (R40)."""
    UNCONFIRMED = "UNCONFIRMED"
    """The person has not agreed: no opt-out, and no opt-in either."""
    NO_OBJECTION = "NO_OBJECTION"


def _spellings(text: str) -> frozenset[str]:
    """Words that " / " or line ends separate, in lower case, with spaces, hyphens, underscores or neither."""
    words = [word.strip() for word in re.split(r"\s/\s|\n", text)]
    return frozenset(word.replace(" ", space) for word in words if word for space in (" ", "-", "_", ""))


_NO: Final = folded_words("""
non-marketing contact / non-marketing / explicit opt-out / explicitly opted out
abuse reports / reported / do not solicit / opted-out globally
unsubscribed / unsubscribe / unsub / unsubscribed by user
user unsubscribed / unsubscribed by admin / admin unsubscribed / manually unsubscribed
self unsubscribed / unsubscribed from all / global unsubscribe / globally unsubscribed
unsubscribed global / unsubscribed from all email / unsubscribed from list / list unsubscribe
group unsubscribe / un-subscribed / unsuscribed / unsubcribed / not subscribed / opted out / opt out
opts out / opted-out / opted out of all / opt-out request / has opted out / optedout by user
blacklisted / blacklist / black listed / blocklisted / blocklist / block listed / denylisted / suppressed
suppression / user suppressed / manually suppressed / manual / globally suppressed / do not contact
do not email / do not mail / do not send / do not text / do not market / do not disturb / don't email
don't contact / don't send / dnc / dne / do not allow / not allowed / no consent / no marketing
no email / no emails / consent withdrawn / withdrawn consent / withdrawn / consent revoked / revoked
objected / objection / declined / refused / rejected / denied / removed / excluded / banned / complained
complaint / complainer / spam / spam complaint / spam report / reported as spam / reported spam
spam reported / marked as spam / abuse / abuse complaint / abuse report / feedback loop / fbl / junk
non-marketable / not marketable / blocked by user / abgemeldet / abbestellt / ausgetragen / widerrufen
widersprochen / gesperrt / abgelehnt / keine werbung / werbesperre / kein newsletter / austragung
abmeldung / beschwerde / nicht abonniert / auf blacklist / désabonné / désabonnée / désabonné(e)
désinscrit / désinscrite / désinscrit(e) / désinscription / opposition / opposé / liste noire
blacklisté / blacklistée / refusé / refusée / révoqué / retiré / retirée / plainte / ne pas contacter
ne plus contacter / non abonné / stop / dado de baja / dada de baja / baja / de baja / desuscrito
desuscrita / desuscripto / no suscrito / anulado / lista negra / en lista negra / revocado / rechazado
no contactar / queja / cancelado / cancelada / cancelled / canceled / descadastrado / descadastrada
desinscrito / desinscrita / inscrição cancelada / não inscrito / removido / removida / revogado
recusado / não contatar / optou por sair / reclamação / disiscritto / disiscritta / cancellato
cancellata / iscrizione annullata / annullato / annullata / revocato / revocata / rifiutato
non iscritto / lista nera / non contattare / reclamo / segnalato come spam / uitgeschreven / afgemeld
opgezegd / geweigerd / ingetrokken / niet ingeschreven / zwarte lijst / klacht / avregistrerad / avanmäld
avprenumererad / avslutad / spärrad / svartlistad / ej prenumerant / afmeldt / avmeldt / frameldt
frabedt / sortlistet / svartelistet / peruttu / peruutettu / tilaus peruttu / estetty / eronnut
wypisany / wypisana / wypisano / wypisał się / wypisała się / zrezygnował / zrezygnowała / rezygnacja
wyrejestrowany / wyrejestrowana / czarna lista / na czarnej liście / zgoda wycofana / wycofana zgoda
cofnięta / cofnięto zgodę / sprzeciw / niezapisany / skarga / odhlášen / odhlášený / odhlášena
odhlásený / odhlásená / odvolaný / leiratkozott / leiratkozva / letiltott / dezabonat / dezabonată
отписан / отписана / отписался / отписалась / отказался / черный список / жалоба / відписаний / відписана
відписався / відписалась / відмовився / чорний список / отписан се / διαγραμμένος / διαγράφηκε
κατάργηση εγγραφής / abonelikten çıktı / abonelikten çıkmış / abonelikten ayrıldı / listeden çıktı
kara liste / iptal edildi / hủy đăng ký / đã hủy đăng ký / berhenti berlangganan / ביטל הרשמה / הוסר
ألغى الاشتراك / غير مشترك / إلغاء الاشتراك / 已退订 / 已退訂 / 退订 / 退訂 / 取消订阅 / 取消訂閱
已取消订阅 / 已取消訂閱 / 未订阅 / 未訂閱 / 黑名单 / 黑名單 / 已加入黑名单 / 已拉黑 / 拉黑 / 拒收
拒绝接收 / 拒絕接收 / 不同意 / 已屏蔽 / 投诉 / 投訴 / 垃圾邮件 / 垃圾郵件 / 配信停止 / 配信停止済み
配信停止中 / 配信拒否 / 購読解除 / 購読停止 / 登録解除 / 解除済み / 退会 / 退会済み / 受信拒否
オプトアウト / ブラックリスト / 同意しない / 수신거부 / 수신 거부 / 구독취소 / 구독 취소 / 구독 해지
해지 / 블랙리스트 / 비동의 / blocked / bloqué / bloquée / bloqueado / bloqueada / blockiert / bloccato
bloccata / geblokkeerd / blockerad / blokeret / blokkert / zablokowany / zablokowana / zablokován
blocat / заблокирован / заблокований / engellendi / ブロック / 차단
""")
_PLAIN_NO: Final = folded_words("""
not subscribed / no consent / no email / no emails / no marketing / nicht abonniert / non abonné
no suscrito / não inscrito / non iscritto / niet ingeschreven / ej prenumerant / niezapisany / غير مشترك
未订阅 / 未訂閱 / 不同意 / 同意しない / 비동의
""")
"""In a column that opts in, these say no more than "no"."""
_UNUSABLE: Final = folded_words("""
spamtrap / spam trap / mailbox does not exist / address not found
bounced / bounce / hard bounced / hard bounce / bounced hard / bounced (hard) / hard / hardbounce
cleaned / invalid / invalid email / invalid address / email invalid / undeliverable / not deliverable
undelivered / unreachable / non-existent / nonexistent / does not exist / no such user / no such mailbox
mailbox not found / unmailable / held / permanently failed / permanent failure / permanent bounce
permanent / dead / unzustellbar / ungültig / hartbounce / nicht zustellbar / invalide / adresse invalide
non distribuable / rebond / rebond dur / rebondi / npai / rebotado / rebote / rebote duro / inválido
no entregable / devuelto / devolvido / hard bounce permanente / não entregável / rimbalzato / rimbalzo
invalido / non valido / non recapitabile / onbestelbaar / ongeldig / gebounced / bounceten / studsad
ogiltig / returneret / ugyldig / odbity / odbita / odbicie / nieprawidłowy / nieprawidłowa
niedoręczalny / niedostarczalny / nedoručitelný / visszapattant / недоступен / недействителен / недійсний
geçersiz / 退信 / 硬退信 / 硬退回 / 无效 / 無效 / 无效邮箱 / 已清除 / 不達 / エラー / 無効 / 반송
반송됨
""")
_UNCONFIRMED: Final = folded_words("""
unconfirmed / not confirmed / pending / pending confirmation / confirmation pending
awaiting confirmation / waiting / waiting for confirmation / unverified / not verified / non-subscribed
nonsubscribed / never subscribed / not specified / unspecified / not set / not opted / not opted in
transactional / opt-in pending / pending opt-in / double opt-in pending / temp hold / unbestätigt
nicht bestätigt / ausstehend / non confirmé / non confirmée / en attente / jamais abonné / sin confirmar
no confirmado / pendiente / não confirmado / pendente / non confermato / in attesa / onbevestigd
niet bevestigd / obekräftad / ubekræftet / ubekreftet / vahvistamaton / niepotwierdzony / niepotwierdzona
oczekujący / oczekuje / nepotvrzený / не подтвержден / непідтверджений / 未确认 / 未確認 / 待确认
待確認 / 未验证 / 미확인 / 대기
""")
_SOFT: Final = (
    "soft bounced / soft bounce / bounced soft / bounced (soft) / temporary bounce / temporarily failed"
)
SUBSCRIBED: Final = folded_words(f"""
subscribed / opted in / opt in / optin / allow / allowed / resubscribed / not unsubscribed / can email
not blacklisted / not suppressed / deliverable / {_SOFT} / abonniert / angemeldet / abonné / abonnée
inscrit / inscrite / suscrito / suscrita / inscrito / inscrita / iscritto / iscritta / ingeschreven
aangemeld / prenumerant / zapisany / zapisana / 已订阅 / 已訂閱 / 订阅 / 訂閱 / 購読中 / 구독 / 구독중
подписан / підписаний
""")
"""Words for somebody who subscribed; none of them means a plain yes."""
_OTHERS_WITHOUT_OBJECTION: Final = folded_words("""
catch-all / accept-all / risky / role / stale / regular / premium
active / enabled / confirmed / verified / valid
ok / clean / normal / live / current / marketable / mailable / engaged / unengaged / engaged marketable
unengaged marketable / single opt-in / double opt-in / single optin / double optin / confirmed opt-in
explicit / implicit / express / implied / granted / subscriber / member / registered / vip / customer
client / lead / prospect / new / open / contacted / qualified / unqualified / sent / delivered / kunde
interessent / cliente / prospecto / klient / neu / nouveau / nuevo / nowy
""")
_STRONG_WORDS: Final = """
unsubscribed / globally unsubscribed / unsubscribed from all / opted out / opt out / blacklisted
blocklisted / do not contact / do not email / do not mail / hard bounce / hard bounced / bounced
spam complaint / complained / reported as spam / marked as spam / suppressed / user suppressed
consent withdrawn / consent revoked / cleaned / abgemeldet / abbestellt / ausgetragen / désabonné
désabonnée / désinscrit / désinscrite / dado de baja / dada de baja / desuscrito / descadastrado
descadastrada / disiscritto / disiscritta / uitgeschreven / afgemeld / avregistrerad / avanmäld
avprenumererad / afmeldt / avmeldt / frameldt / peruutettu / wypisany / wypisana / zrezygnował / odhlášen
odhlášený / leiratkozott / dezabonat / отписан / отписался / відписаний / abonelikten çıktı / 已退订
已退訂 / 退订 / 退訂 / 取消订阅 / 取消訂閱 / 已取消订阅 / 黑名单 / 黑名單 / 配信停止 / 購読解除
수신거부 / 구독취소 / complaint / complainer / unsub / optout
"""
_STRONG: Final = folded_words(_STRONG_WORDS)
NO_ANYWHERE: Final = _spellings(_STRONG_WORDS)
"""Words in lower case that mean a no in every column, such as "unsubscribed". They are compared without
folding, because every cell of a property is."""
_STATES: Final = _STRONG | folded_words("cancelled / canceled / cancelado / cancelada / annullato / bounce")
_BY_NUMBER: Final = {
    "0": Verdict.UNCONFIRMED,
    "1": Verdict.NO_OBJECTION,
    "2": Verdict.OPTED_OUT,
    "3": Verdict.UNUSABLE,
    "4": Verdict.OPTED_OUT,
}
"""ActiveCampaign, Mailtrain and Moosend count alike; 4 is a complaint, or a removed member."""
_VERDICTS: Final = {
    **dict.fromkeys(SUBSCRIBED | _OTHERS_WITHOUT_OBJECTION, Verdict.NO_OBJECTION),
    **dict.fromkeys(_UNCONFIRMED, Verdict.UNCONFIRMED),
    **dict.fromkeys(_UNUSABLE, Verdict.UNUSABLE),
    **dict.fromkeys(_NO, Verdict.OPTED_OUT),
}
_LONGEST: Final = 60
_PUNCTUATION: Final = " \t\r\n\u00a0'\"“”„«».,:;!?*()[]{}<>_-–—。！？"


def is_no_anywhere(cell: str) -> bool:
    """Whether a cell means a no in every column; punctuation around it is ignored: "UNSUBSCRIBED!"."""
    return cell.lower().strip(_PUNCTUATION) in NO_ANYWHERE


def verdict_of(cell: str) -> Verdict | None:
    """What a word for a status means; None if it is not known, and for a plain yes or no."""
    return _VERDICTS.get(fold(cell)) if len(cell) <= _LONGEST else None


def verdict_of_beginning(cell: str) -> Verdict | None:
    """What a status means that a date or a remark follows: "Unsubscribed (2024-01-01)"."""
    verdict = verdict_of(re.split(r"[(\[,;:\d]", cell, maxsplit=1)[0])
    return None if verdict is Verdict.NO_OBJECTION else verdict


def no_in_opt_in(cell: str) -> Verdict | None:
    """Whether a cell that should opt in says that the person opted out, or that the address bounced."""
    verdict = verdict_of(cell)
    if verdict is Verdict.UNUSABLE or (verdict is Verdict.OPTED_OUT and fold(cell) not in _PLAIN_NO):
        return verdict
    return None


def verdict_of_number(cell: str) -> Verdict | None:
    """What a number for a status means, such as ActiveCampaign's; None if it is not known."""
    return _BY_NUMBER.get(re.sub(r"[.,]0+$", "", cell.strip()))


def verdict_of_state(cell: str) -> Verdict | None:
    """Like `verdict_of` for columns that may be about something else: only words that mean a no."""
    word = fold(cell) if len(cell) <= _LONGEST else ""
    return _VERDICTS.get(word) if word in _STATES else None
