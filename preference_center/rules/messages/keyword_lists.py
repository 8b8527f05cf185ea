"""The keywords of R27 that opt out, opt in and ask for help, by language.

A word may be in several lists. Words that people also send on their own for other reasons are in `UNCLEAR`:
a person reviews them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from preference_center.rules.messages.message_text import keyword_key
from preference_center.rules.types import Meaning

LANGUAGES: Final = ("en", "pl", "sv", "de", "fr", "es", "it", "pt", "nl", "zh-Hant", "zh-Hans")
"""BCP 47. A word of both Chinese scripts counts as the first."""

STOP: Final = {
    "en": """stop, stop all, unsubscribe, unsubscribe all, unsub, cancel, cancel all, end, end all, quit,
        revoke,
        opt out, remove""",
    "pl": """stop, stop wszystko, zatrzymaj, zatrzymaj wszystko, wypisz, wypisz się, wypisz mnie, wypisuję
        się,
        wypisanie, anuluj, anuluj wszystko, anuluj subskrypcję, koniec, wyjdź, zakończ, rezygnuję, rezygnacja,
        odsubskrybuj, wyrejestruj, odwołaj zgodę, cofam zgodę, cofnij zgodę, wycofuję zgodę""",
    "sv": """stop, stopp, stoppa, stoppa alla, stoppa allt, avsluta, avsluta alla, sluta, avbryt,
        avregistrera,
        avprenumerera, avanmäl, säg upp, återkalla, lämna, ta bort, ta bort mig""",
    "de": """stop, stopp, stoppen, alle stoppen, alles stoppen, stop alle, stopp alle, abmelden, abmeldung,
        abbestellen,
        abbestellung, kündigen, kündigung, beenden, ende, abbrechen, widerrufen, widerruf, austragen,
        aufhören,
        aufhoeren, kuendigen""",
    "fr": """stop, stop tout, tout arrêter, arrêt, arrêter, arrêtez, arrête, désabonner, désabonnement,
        désabonnez-moi,
        se désabonner, me désabonner, désinscription, désinscrire, désinscrivez-moi, se désinscrire, me
        désinscrire,
        annuler, terminer, quitter, résilier, résiliation, révoquer""",
    "es": """stop, parar, parar todo, pare, detener, detener todo, baja, baja total, darse de baja, darme de
        baja,
        dar de baja, dame de baja, cancelar, cancelar todo, cancelar suscripción, anular, terminar,
        finalizar, salir,
        revocar, desuscribir, desuscribirse, desuscribirme, desuscribir todo""",
    "it": """stop, ferma, ferma tutto, fermare, annulla, annulla tutto, annulla iscrizione, cancella,
        cancellami,
        cancella iscrizione, cancellazione, disiscrivi, disiscrivimi, disiscriviti, disiscrizione,
        disiscrivere,
        esci, termina, interrompi, revoca, revocare, disdici, disdetta""",
    "pt": """stop, parar, parar tudo, pare, sair, cancelar, cancelar tudo, cancela, cancelar inscrição,
        cancelar subscrição, cancelar assinatura, anular, descadastrar, descadastre-me, desinscrever,
        desinscrição,
        remover, encerrar, terminar, fim, revogar""",
    "nl": """stop, stoppen, stop alles, stop alle, alles stoppen, afmelden, meld af, afmelding, uitschrijven,
        schrijf uit, uitschrijving, opzeggen, opzegging, annuleren, annuleer, beëindigen, beëindig, einde,
        intrekken""",
    "zh-Hant": """停止, 全部停止, 停止全部, 停止所有, 停止接收, 停止發送, 退訂, 全部退訂, 退訂全部, 取消,
        全部取消,
        取消訂閱, 取消訂閲, 取消接收, 解除訂閱, 結束, 終止, 退出, 撤銷, 撤回, 拒收, 停""",
    "zh-Hans": """停止, 全部停止, 停止全部, 停止所有, 停止接收, 停止发送, 退订, 全部退订, 退订全部, 取消,
        全部取消,
        取消订阅, 取消接收, 解除订阅, 结束, 终止, 退出, 撤销, 撤回, 拒收, 停, TD, tuiding""",
    "": """стоп, отписаться, отписка, відписатися, odhlásit, odhlásiť, zastavit, afmeld, avmeld, lopeta,
        leállít,
        dezabonare, iptal, stopp, σταματα, 配信停止, 수신거부, הסר, توقف,
        ยกเลิก""",
}
"""Under "": opt-outs in languages without replies of Sayso."""

START: Final = {
    "en": "start, unstop, subscribe",
    "pl": "start, subskrybuj, wznów, rozpocznij",
    "sv": "start, starta, prenumerera, återuppta",
    "de": "start, starten, abonnieren, fortsetzen",
    "fr": "start, démarrer, commencer, s'abonner, abonner, m'abonner, reprendre",
    "es": "start, iniciar, comenzar, empezar, suscribir, suscribirse, suscribirme, reanudar",
    "it": "start, inizia, avvia, iscrivimi, abbonami, riprendi",
    "pt": "start, iniciar, começar, subscrever, inscrever, retomar",
    "nl": "start, starten, abonneren, inschrijven, hervatten",
    "zh-Hant": "開始, 訂閱, 訂閲, 恢復, 重新訂閱, 恢復訂閱, 開始接收",
    "zh-Hans": "开始, 订阅, 恢复, 重新订阅, 恢复订阅, 开始接收",
}

HELP: Final = {
    "en": "help, info",
    "pl": "pomoc, pomocy, info, informacja, informacje",
    "sv": "hjälp, info, information",
    "de": "hilfe, info, infos, information, informationen",
    "fr": "aide, info, infos, information, informations",
    "es": "ayuda, info, información",
    "it": "aiuto, info, informazioni",
    "pt": "ajuda, info, informação, informações",
    "nl": "help, hulp, info, informatie",
    "zh-Hant": "幫助, 說明, 協助, 求助, 資訊, 幫手",
    "zh-Hans": "帮助, 说明, 协助, 求助, 信息, 资讯",
}

UNCLEAR: Final = {
    "en": "finish, halt, enough, delete, block, blocked, unsubscribed, resubscribe, opt in",
    "pl": "dość, dosyć, wystarczy, cofnij, odwołaj, zapisz, zapisz mnie, basta",
    "sv": "slut, nog, anmäl, ångra",
    "de": "schluss, genug, stornieren, raus, anmelden, halt",
    "fr": "fin, assez, ça suffit",
    "es": "fin, alto, para, basta, ya basta, alta",
    "it": "fine, alt, alto, basta, iscriviti",
    "pt": "para, basta, chega, assinar",
    "nl": "genoeg, klaar, aanmelden, basta",
    "zh-Hant": "T, R, QX, 不要, 唔要, 不需要, 夠了",
    "zh-Hans": "T, R, QX, 不要, 不需要, 够了",
}
"""Alone they may be a withdrawal, an opt-in or neither: FINE means the end in Italian."""

MEANINGS: Final = (
    (Meaning.STOP, STOP),
    (Meaning.START, START),
    (Meaning.HELP, HELP),
    (Meaning.UNCLEAR, UNCLEAR),
)
"""In order of precedence."""


def languages_by_word(lists: Mapping[str, str]) -> dict[str, str | None]:
    """Return the normalised words of the lists with their languages; None for words of several languages."""
    languages: dict[str, list[str]] = {}
    for language, listed in lists.items():
        for word in listed.split(","):
            languages.setdefault(keyword_key(word), []).append(language)
    return {word: _single(found) for word, found in languages.items()}


def _single(languages: list[str]) -> str | None:
    languages_without_script = {language.partition("-")[0] for language in languages}
    return (languages[0] or None) if len(languages_without_script) == 1 else None
