"""Names of columns that say no in other systems' files: `EMAIL_BLACKLISTED`, `Status`, `UNSUB_TIME`."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, NamedTuple

from preference_center.imports.opt_out_columns.folding import any_of, fold, folded_words
from preference_center.rules.types import Channel


class Reading(Enum):
    """How the cells of a column are read."""

    OPT_OUT = "OPT_OUT"
    """A yes or a time says no: `unsubscribed`, `EMAIL_BLACKLISTED`, `UNSUB_TIME`."""
    DO_NOT_CONTACT = "DO_NOT_CONTACT"
    """Like the last, with Mautic's numbers."""
    TIME = "TIME"
    """Any text says no, and should be a time: `UNSUB_TIME`, `Unsubscribed at`."""
    REASON = "REASON"
    """Any text says no: `UNSUB_REASON`, `Email Suppressions`."""
    CONSENT = "CONSENT"
    """A no opts out; a yes is ignored: `Accepts Email Marketing`."""
    STATUS = "STATUS"
    """A word or number of a status."""
    STATE = "STATE"
    """A word of a status, or anything else: `state` may be one of the United States."""
    BOUNCE = "BOUNCE"
    """Whatever it says, the address cannot be reached: `Email hard bounce reason`, `CLEAN_TIME`."""
    TAGS = "TAGS"
    """Several words, of which one may say no."""
    OF_ONE_TYPE = "OF_ONE_TYPE"
    """A yes says no to one type of another system: `Opted out of email: Newsletter`."""
    CALL = "CALL"
    """A yes says no to calls, of which Sayso keeps no opt-outs."""


class KnownColumn(NamedTuple):
    """What a column of another system says."""

    reading: Reading
    channel: Channel | None = None
    """None if the column names no channel: it is about every address of the row."""
    is_strict: bool = True
    """Whether a value that is not understood refuses the row."""


_OPT_OUT: Final = any_of(
    folded_words("""
not subscribed / do not solicit / exclude from / excluded from / mailing exclusion / deactivated / deaktiviert
objection / objected
unsub / un-sub / opt out / opted out / opts out / opting out / blacklist / black listed / blocklist
block listed / denylist / do not email / do not mail / do not contact / do not send / do not sms
do not text / do not market / do not disturb / do not message / do not whatsapp / do not allow
do not bulk / don't email / don't contact / no marketing / no email / no emails / no mailing
no newsletter / excluded from campaign / exclude from campaign / marketing suspended / email disabled
emails disabled / complain / spam report / reported spam / reported as spam / marked as spam
marked spam / spammed / abuse report / is spam / objection to marketing / removed from list / abgemeldet
abmelde / abmeldung / abbestell / austragung / ausgetragen / werbesperre / werbewiderspruch
widerspruch / sperrliste / kein newsletter / keine werbung / newslettersperre / désabonn / désinscri
liste noire / liste rouge / stop email / stop mail / stop sms / stop pub / refus email
ne pas contacter / ne plus contacter / dado de baja / dada de baja / fecha de baja / baja newsletter
fecha baja / desuscri / cancelar suscripción / cancelación de suscripción / lista negra / no contactar
no enviar / descadastr / desinscri / cancelou inscrição / cancelamento de inscrição / não contatar
não enviar / disiscri / lista nera / non contattare / annullamento iscrizione / cancellazione iscrizione
uitgeschreven / uitschrijf / uitschrijv / afgemeld / afmeld / zwarte lijst / niet mailen
niet contacteren / avregistr / avanmäl / avprenum / spärrad / ej utskick / afmeldt / frameldt / avmeldt
avmeld / peruutettu / kielto / wypisan / wypisa / rezygnacj / zrezygnowa / wyrejestr / czarna lista
nie wysyłać / sprzeciw / cofnięcie zgody / wycofanie zgody / odhláš / leiratkoz / dezabon / отпис
отказ от рассылки / черный список / відпис / чорний список / κατάργηση εγγραφής / abonelikten çık
kara liste / hủy đăng ký / berhenti berlangganan / 退订 / 退訂 / 取消订阅 / 取消訂閱 / 黑名单 / 黑名單
拒收 / 配信停止 / 配信拒否 / 購読解除 / 購読停止 / 登録解除 / 退会 / 受信拒否 / オプトアウト
ブラックリスト / 수신거부 / 구독취소 / 구독해지 / 블랙리스트
""")
)
_SUPPRESSION: Final = any_of(folded_words("suppress / suppression"))
_REASON: Final = any_of(
    folded_words(
        "reason / comment / feedback / grund / motif / raison / motivo / reden / powód / 原因 / 理由 / 사유"
    )
)
_BOUNCE: Final = any_of(
    folded_words("""
bounce / undeliverable / email invalid / invalid email / is invalid / clean time / cleaned
clean campaign / unzustellbar / rebond / npai / rebote / rebotado / rimbalz / onbestelbaar / odbicie
odbity / odrzucone / studs / 退信 / 不達
""")
)
_NOT_A_DECISION: Final = re.compile(
    r"(link|url|uri|token|hash|href|page|template|landing|seite|lien|enlace|softbounce|softbounced|rate|percent"
    r"|count|counter|total|number|numberof|anzahl|nombrede|ip|ipaddress|useragent|by|(?<!val)id|title|subject)$"
    r"|^(numberof|countof|anzahl|nombrede|total)|softbounce|emailsbounced|postal|directmail|fax|push|timezone"
)
"""What is named after opt-outs or bounces without saying that there was one."""
_CALL: Final = re.compile(
    r"donot(phone)?calls?$|donotphone|dontcall|nocalls?$|(call|phonecalls?)(optedout|optout|blacklist|blocklist)"
    r"|optedoutof(phone)?calls?|donotallow(phone)?calls?|donotcallphone"
)
_CONSENT_SUBJECT: Final = (
    "(?:is|has|email|emails|sms|whatsapp|text|marketing|newsletter|mailing|mail|gdpr|rgpd|dsgvo|customer|buyer"
    "|subscriber|user|contact|global|to|for|the|wants|receive|receives)*"
)
_CONSENT: Final = re.compile(
    _CONSENT_SUBJECT
    + r"(?:subscribed(?:to)?(?:all)?(?:emails?|sms|newsletters?|marketing|whatsapp|mailing|list)*"
    r"|optin|optedin|optedin(?:to)?(?:emails?|sms|marketing|newsletters?)?|optin(?:emails?|sms|marketing)"
    r"|accepts(?:email|sms|whatsapp)?marketing(?:emails?|sms|messages)?|acceptsmarketing(?:emails?|sms)?"
    r"|acceptsnewsletters?|(?:email|sms|whatsapp)?marketingaccepted|marketingconsent(?:email|sms|given)?"
    r"|consent(?:given|granted|tomarketing|toemail|tosms)?|permissiontoemail|permission|permissions"
    r"|marketable|mailable|emailable|contactable|subscribe|mayemail|canemail|maycontact|cancontact|oktoe?mail|oktocontact|emailallowed|mayreceivemarketing|allowmarketing|allowemails?)"
)
_CONSENT_NAMES: Final = folded_words("""
abonniert / newsletter abonniert / newsletter anmeldung / newsletter erlaubt / werbung erlaubt
einwilligung / werbeeinwilligung / abonné / abonnée / abonné newsletter / inscrit newsletter
inscrit à la newsletter / accepte les emails / accepte email / consentement / optin email / suscrito
suscrito newsletter / acepta marketing / acepta publicidad / acepta recibir emails / consentimiento
inscrito / aceita marketing / aceita receber emails / consentimento / iscritto / iscritto newsletter
accetta marketing / consenso marketing / consenso / ingeschreven / nieuwsbrief ingeschreven
aangemeld voor nieuwsbrief / toestemming / prenumerant / samtycke / samtykke / tilmeldt / påmeldt
suostumus / zapisany / zapisany do newslettera / zgoda marketingowa / zgoda / zgoda na marketing
subskrybent / souhlas / súhlas / подписан / согласие / підписаний / згода / 已订阅 / 已訂閱 / 是否订阅
是否訂閱 / 订阅 / 訂閱 / 购买者接受营销 / 接受营销 / 接受電子郵件行銷 / 接受电子邮件营销 / 購読
配信希望 / メルマガ購読 / 수신동의 / 마케팅동의 / 마케팅 수신동의 / 구독
""")
_STATUS: Final = re.compile(
    r"(?:current|member|list|global|the|my)*"
    r"(?:email|emails|sms|whatsapp|mail|mailing|newsletter|subscriber|subscription|optin|optout|consent|marketing"
    r"|permission|audience|deliverability|campaign|list|member|suppression|sending)*(?:status|state)(?:code|name)?"
)
_STATUS_NAMES: Final = folded_words("""
statut / statut abonné / statut d'abonnement / statut abonnement / statut de l'abonné / statut email
statut sms / anmeldestatus / abonnementstatus / abostatus / abonnentenstatus / status des abonnenten
newsletterstatus / e-mail-status / estado de suscripción / estado suscripción / estado del suscriptor
estado del correo / estado de la suscripción / situação da inscrição / status da inscrição
status do assinante / status do email / stato iscrizione / stato dell'iscrizione / stato iscritto
stato email / inschrijfstatus / abonneestatus / prenumerationsstatus / status subskrypcji
status zapisu / status subskrybenta / status e-mail / статус / статус подписки / статус підписки / 状态
狀態 / 订阅状态 / 訂閱狀態 / 邮件状态 / 状態 / ステータス / 購読状態 / 配信状態 / 配信ステータス / 상태
구독상태 / 구독 상태 / 수신상태 / e-posta durumu / abonelik durumu
""")
_STATE_NAMES: Final = folded_words("""
state / estado / estatus / situação / stato / tila / stan / stav / állapot / stare / durum / tilstand
toestand / customer status / membership status / user status / contact status / profile status
account status / person status / people status / lead status / kundenstatus / statut client
estado del cliente / etat / état
""")
_CHANNELS: Final = (
    (Channel.WHATSAPP, re.compile("whatsapp")),
    (Channel.SMS, re.compile("sms|textmessage|texting|donottext|mobile|短信|短訊|簡訊|문자")),
    (
        Channel.EMAIL,
        re.compile(
            "email|mail|courriel|correo|"
            + "|".join(map(fold, ("邮件", "邮箱", "郵件", "メール", "メルマガ", "이메일", "почт")))
        ),
    ),
)
_LENIENT: Final = frozenset({"consent", "permission", "permissions"})
_DO_NOT_CONTACT: Final = frozenset({"dnc", "donotcontact", "dne"})
_BARE_WORDS: Final = frozenset(
    {"baja", "stop", "blocked", "isblocked", "emailblocked", "gesperrt"}
    | {"spam", "isspam", "nomail", "nomails", "nomailings"}
)
_TAGS: Final = re.compile(
    r"(?:contact|subscriber|list|e?mail|mailing|user)?(?:tags?|labels?|groups?|lists?|segments?|audiences?)"
    r"|etiquetas?|étiquettes?|schlagw(?:o|ö)rter|gruppen?|listen?|listes?|listas?|tagi|etykiety"
)
_NEWSLETTER: Final = re.compile(
    r"(?:wants?|receives?|gets?|is|email|marketing)*(?:newsletters?|emailmarketing|marketingemails?|mailings?"
    r"|promotionalemails?|marketingmails?|infobrief|rundbrief|infolettre|nieuwsbrief|boletín|boletin|メルマガ)"
)
"""A no under one of these is a no; any other value may be the name of a newsletter."""
_NAMES_ITS_TYPE: Final = re.compile(r".*(?:opt(?:ed)?[ _-]?out|unsubscribed?)\b[^:]*:\s*\S", re.IGNORECASE)


_OPTED_OUT_BY: Final = re.compile(
    r"(?:unsubscribed?|optedout|optout|blacklisted|suppressed)(?:by|from|(?:from)?(?:lists?|newsletters?|groups?))$"
)
"""A text says who recorded the opt-out, or of what."""
_OPTED_OUT_AT: Final = re.compile(r"(?:unsubscribed?|unsub|optedout|optout|blacklisted)(?:at|on|date|time)$")
_CONSENT_WORDS: Final = re.compile(
    "newsletter|marketing|mailing|promo|gdpr|rgpd|dsgvo|rodo|optin|optedin|consent|permission|permiso|permiss"
    "|su[bs]*scri|subskr|iscri[zt]|inscri|abonn|abonem|einwillig|zustimm|consens|zgod|toestemming|samtyck|samtykk"
    "|suostumus|souhlas|suhlas|hozzajarul|acord|pristan|nyhetsbrev|nyhedsbrev|uutiskirje|nieuwsbrief|boletin"
    "|infolettre|infobrief|rundbrief|hirlevel|bulten|publicidad|werbung|reklam|suoramarkkin"
    "|(?:e?mails?|sms|whatsapp|messages?)(?:ok|okay|valid|allow|notif|prefer|agree|accept|enabled|optin|permit|updates?)"
    "|(?:ok|okay|valid|allow|notif|prefer|agree|accept|receives?|wants?|permit)[a-z]*(?:e?mails?|sms|whatsapp|updates?)"
    "|"
    + any_of(
        folded_words("""
согласи / рассылк / подписк / згода / згоди / розсилк / підписк / συγκατάθεση / ενημερωτικ / 订阅 / 訂閱
接收 / 推广 / 推廣 / 营销 / 營銷 / 行銷 / 同意 / 電子報 / 电子报 / 通讯 / メルマガ / 購読 / 配信 / 수신 / 구독
마케팅 / 동의 / תפוצה / הסכמה / موافقة / نشرة / đồng ý / nhận email / persetujuan
""")
    ).pattern
)
"""Words in the names of columns that may be about consent, in every language of the pages."""
_PREFERENCE: Final = re.compile("prefer|permission|consent|subscription|newsletter|marketing")


_LONGEST: Final = 300
"""Characters of a column name that are compared."""


def mentions_consent(name: str) -> bool:
    """Whether the name of a column that is not known has a word about consent or marketing."""
    key = fold(name[:_LONGEST])
    return bool(_CONSENT_WORDS.search(key)) and not _NOT_A_DECISION.search(key)


def mentions_preference(name: str) -> bool:
    """Whether "None" under a column's name may be an answer, as for `Email preference`."""
    return bool(_PREFERENCE.search(fold(name[:_LONGEST])))


def known_column(name: str) -> KnownColumn | None:
    """What a column of this name says in the files of other systems; None if it is not known to say no."""
    name = name[:_LONGEST]
    key = fold(name)
    if not key:
        return None
    if _CALL.search(key):
        return KnownColumn(Reading.CALL)
    reading = _reading(name, key)
    if reading is None:
        return None
    is_strict = reading is not Reading.STATE and key not in _LENIENT and not _NEWSLETTER.fullmatch(key)
    return KnownColumn(reading, _channel(key), is_strict)


def is_about_an_opt_out(key: str) -> bool:
    """Whether a folded name is about an opt-out or a bounce, and not about a link to it or a count."""
    named = _OPT_OUT.search(key) or _SUPPRESSION.search(key) or _BOUNCE.search(key)
    return bool(named) and not _NOT_A_DECISION.search(key) and not _REASON.search(key)


def _reading(name: str, key: str) -> Reading | None:
    if key in _STATE_NAMES:
        return Reading.STATE
    if key in _DO_NOT_CONTACT:
        return Reading.DO_NOT_CONTACT
    if key in _BARE_WORDS:
        return Reading.OPT_OUT
    if _OPT_OUT.search(key) or _SUPPRESSION.search(key):
        if _OPTED_OUT_BY.search(key):
            return Reading.REASON
        return None if _NOT_A_DECISION.search(key) else _opt_out_reading(name, key)
    if _BOUNCE.search(key):
        return None if _NOT_A_DECISION.search(key) else Reading.BOUNCE
    if key in _STATUS_NAMES or _STATUS.fullmatch(key):
        return Reading.STATUS
    if _TAGS.fullmatch(key):
        return Reading.TAGS
    is_consent = key in _CONSENT_NAMES or _CONSENT.fullmatch(key) or _NEWSLETTER.fullmatch(key)
    return Reading.CONSENT if is_consent else None


def _opt_out_reading(name: str, key: str) -> Reading:
    if _REASON.search(key) or _SUPPRESSION.search(key):
        return Reading.REASON
    if _OPTED_OUT_AT.search(key):
        return Reading.TIME
    return Reading.OF_ONE_TYPE if _NAMES_ITS_TYPE.match(name) else Reading.OPT_OUT


def _channel(key: str) -> Channel | None:
    """The only channel that a name has; None for none or several."""
    found = [channel for channel, pattern in _CHANNELS if pattern.search(key)]
    return found[0] if len(found) == 1 else None
