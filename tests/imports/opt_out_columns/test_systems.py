"""What the columns of other systems say: (system, column, cell) and what becomes of the address."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from preference_center.imports.opt_out_columns.cells import AmbiguousCell, is_unclear_no, meaning_of
from preference_center.imports.opt_out_columns.headers import Reading, known_column
from preference_center.imports.opt_out_columns.words import NO_ANYWHERE, no_in_opt_in
from preference_center.rules.types import Channel

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TABLE = """
Mailchimp | UNSUB_TIME | 2022-04-12 09:30:00 | OUT 2022-04-12
Mailchimp | UNSUB_REASON | Too many emails | OUT
Mailchimp | UNSUB_REASON | N/A | -
Mailchimp | CLEAN_TIME | 2022-04-12 09:30:00 | UNUSABLE
Mailchimp | Status | Subscribed / subscribed | -
Mailchimp | Status | Unsubscribed / unsubscribed | OUT
Mailchimp | Status | Cleaned / cleaned | UNUSABLE
Mailchimp | Status | Non-Subscribed / Pending / Transactional | UNCONFIRMED
Mailchimp | Status | Archived | REFUSED
Mailchimp | MEMBER_RATING | 2 | property
Mailchimp | OPTIN_TIME / CONFIRM_TIME | 2022-04-12 09:30:00 | property
Brevo | EMAIL_BLACKLISTED | Yes / true / 1 / oui / Ja / VRAI / 是 | OUT EMAIL
Brevo | EMAIL_BLACKLISTED | No / false / 0 / nein / ЛОЖЬ | -
Brevo | SMS_BLACKLISTED | Yes | OUT SMS
Brevo | WHATSAPP_BLACKLISTED | Yes | OUT WHATSAPP
ActiveCampaign | Status | 0 | UNCONFIRMED
ActiveCampaign | Status | 1 / Active | -
ActiveCampaign | Status | 2 / Unsubscribed | OUT
ActiveCampaign | Status | 3 / Bounced | UNUSABLE
ActiveCampaign | Status | -1 / 9 | REFUSED
HubSpot | Unsubscribed from all email | Yes / true | OUT EMAIL
HubSpot | Unsubscribed from all email | No | -
HubSpot | Email hard bounce reason | Unknown user / OTHER / MAILBOX_FULL | UNUSABLE
HubSpot | Opted out of email: Newsletter | true | REFUSED
HubSpot | Opted out of email: Newsletter | false | -
HubSpot | Opted out of email: Newsletter | N/A | -
Klaviyo | Email Marketing Consent | SUBSCRIBED / TRUE | -
Klaviyo | Email Marketing Consent | UNSUBSCRIBED / FALSE | OUT EMAIL
Klaviyo | Email Marketing Consent | NEVER_SUBSCRIBED | UNCONFIRMED
Klaviyo | Email Marketing Consent Timestamp | 2022-04-12 | property
Klaviyo | SMS Marketing Consent | UNSUBSCRIBED | OUT SMS
Klaviyo | Email Suppressions | USER_SUPPRESSED / ['UNSUBSCRIBE'] / SPAM_COMPLAINT / manual / True | OUT EMAIL
Klaviyo | Email Suppressions | HARD_BOUNCE / ['INVALID_EMAIL'] | UNUSABLE
Klaviyo | Email Suppressions | [] | -
Klaviyo | Suppressed At | 2022-04-12T09:30:00+00:00 | OUT 2022-04-12
Salesforce | HasOptedOutOfEmail | true / TRUE / 1 | OUT EMAIL
Salesforce | HasOptedOutOfEmail | FALSE | -
Salesforce | Email Opt Out | 1 | OUT EMAIL
Salesforce | HasOptedOutOfFax | true | property
Salesforce | DoNotCall | TRUE | CALL
Salesforce | DoNotCall | FALSE | -
Marketing Cloud | Status | Held | UNUSABLE
SendGrid | global_unsubscribe | true | OUT
SendGrid | Spam Report | 2022-04-12 | OUT 2022-04-12
SendGrid | Bounced | 550 5.1.1 no such user | UNUSABLE
Mailjet | IsExcludedFromCampaigns | true | OUT
Mailjet | IsExcludedFromCampaigns | false | -
Mailjet | UnsubscribedAt | 1443651125 | OUT 2015-09-30
Constant Contact | Email status | Unsubscribed / Opted Out | OUT EMAIL
Constant Contact | Email status | Active / Confirmed / Implied | -
Constant Contact | Email permission status | Not set / Temp hold | UNCONFIRMED
Shopify | Accepts Email Marketing | no / NO | OUT EMAIL
Shopify | Accepts Email Marketing | yes | -
Shopify | Accepts SMS Marketing | no | OUT SMS
Shopify | Accepts Marketing | no | OUT
Shopify | Email subscription status | NOT_SUBSCRIBED / UNSUBSCRIBED | OUT EMAIL
WooCommerce | Mailchimp Woocommerce Is Subscribed | 0 | REFUSED
WooCommerce | Mailchimp Woocommerce Is Subscribed | 1 | property
WooCommerce | is_subscribed | 0 | OUT
MailerLite | Status | active | -
MailerLite | Status | unsubscribed / junk / spam | OUT
MailerLite | Status | unconfirmed | UNCONFIRMED
MailerLite | Status | bounced | UNUSABLE
Drip | status | unsubscribed / removed | OUT
Drip | status | undeliverable | UNUSABLE
Drip | status | inactive | REFUSED
Kit | state | active / inactive / California / OK / NE | -
Kit | state | cancelled / complained | OUT
Kit | state | bounced | UNUSABLE
Ghost | subscribed_to_emails | false | OUT EMAIL
Ghost | subscribed_to_emails | true | -
Ghost | email_disabled | 1 | OUT EMAIL
listmonk | status | enabled | -
listmonk | status | blocklisted | OUT
listmonk | status | disabled | REFUSED
listmonk | subscription_status | unsubscribed | OUT
Mautic | DNC | 1 / 3 | OUT
Mautic | DNC | 2 | UNUSABLE
Mautic | DNC | 0 | -
MailPoet | Global status | unsubscribed | OUT
MailPoet | status | inactive | REFUSED
Sendy | Status | Unsubscribed / Complained / Marked as spam | OUT
Sendy | Status | Soft bounced | -
Mailtrain | status | 4 | OUT
GetResponse | Status | removed / blacklisted | OUT
Omnisend | Email status | nonSubscribed | UNCONFIRMED
Omnisend | SMS status | unsubscribed | OUT SMS
Omnisend | Phone status | x | property
Campaign Monitor | Subscription state | Unsubscribed / Spam | OUT
AWeber | Status | undeliverable | UNUSABLE
Zoho | Email Opt Out | true | OUT EMAIL
Pipedrive | Marketing status | Unsubscribed / No consent | OUT
Freshworks | Subscription status | Reported as spam | OUT
Dynamics | Do not allow Bulk Emails | Do Not Allow | OUT EMAIL
Dynamics | Do not allow Bulk Emails | Allow | -
Dynamics | donotphone | Do Not Allow | CALL
Dynamics | donotpostalmail / donotfax | true | property
Marketo | Black Listed / Marketing Suspended | true | OUT
Marketo | Email Invalid | true | UNUSABLE
Pardot | Opted Out / Do Not Email | 1 / Yes | OUT
Braze | email_subscribe | unsubscribed | OUT EMAIL
Braze | email_subscribe | opted_in / subscribed | -
Keap | Email Status | Non-marketable / Opted out | OUT EMAIL
Keap | Email Status | Hard Bounce | UNUSABLE
Keap | Email Status | Unengaged Marketable | -
any | unsubscribed / opted_out / blacklist / suppressed / Opt-Out | yes / 1 / x / TAK / 2021-05-06 | OUT
any | do not contact | yes / 1 / x / TAK / 2021-05-06 | OUT
any | unsubscribed / opted_out / blacklist / suppressed / Opt-Out | no / 0 / nie / never / - / NULL | -
any | unsubscribed / opted_out / do_not_email / blacklist | maybe / hello there | REFUSED
any | opt_out_date | 99/99/2020 | OUT
any | do_not_email / no_email | yes | OUT EMAIL
any | stop_sms / SMS Opt-Out / do not text | yes | OUT SMS
any | status / statut / статус / 状态 | gone / 123 | REFUSED
any | status | customer / Lead / VIP | -
any | soft_bounces / bounce_count / unsubscribe_link / unsubscribe_url / Unsubscribe rate | 3 | property
any | order_status / payment_status / marital status / city / notes / company | unknown | property
any | optin / opt_in / marketing_consent / Email opt-in | no | OUT
any | optin / opt_in / marketing_consent / Email opt-in | yes / 2021-05-06 | -
any | consent | by voice | -
any | Newsletter / wants_newsletter / Email marketing / Nieuwsbrief | no / unsubscribed | OUT
any | Newsletter / wants_newsletter / Email marketing / Nieuwsbrief | yes / weekly | -
any | Tags / labels / Lists / Segments | vip, unsubscribed / "Opted Out" / blacklisted | REFUSED
any | Tags / labels / Lists / Segments | vip / a, b | -
any | not_subscribed / Excluded from mailings / is_blocked / objection | yes | OUT
any | mailable / ok to contact / may_contact | no | OUT
any | Newsletter subscription / GDPR / Email OK / mailing_list | no / off / 0 | REFUSED
any | email_notifications / email_valid | no / off / 0 / false | REFUSED
any | Newsletter subscription / GDPR / Email OK / email_notifications / email_valid | yes / weekly | property
any | mailing_list | yes / weekly | -
any | Email Subscription | No emails / unsubscribed | REFUSED
any | Email preference | None / no | REFUSED
any | RGPD | non | REFUSED
any | Zgoda na newsletter / zgoda_email / Subskrypcja | nie | REFUSED
any | nyhetsbrev | nej | REFUSED
any | 是否接收邮件 / 接收推广 | 否 | REFUSED
any | Consent / Newsletter | 2 / 7 / vip, unsubscribed! | REFUSED
any | Newsletter count / emails opened / has_dog / newsletter_id | 0 / no | property
any | unsubscribed_by / Unsubscribed from / Unsubscribed lists | admin / weekly, promo | OUT
any | Unsubscribed at / opt_out_date | yesterday | OUT
any | no_mail | x | OUT EMAIL
any | Spam | yes | OUT
any | Spam | no | -
any | Status | Unsubscribed (2024-01-01) / opted out: 2024 | OUT
any | permission_status | explicit opt-out | OUT
HubSpot | Marketing contact status | Non-marketing contact | REFUSED
HubSpot | Marketing contact status | Marketing contact | property
ZeroBounce | Email status | catch-all / valid / risky | -
ZeroBounce | Email status | spamtrap / invalid | UNUSABLE
ZeroBounce | Email status | do_not_mail / abuse | OUT EMAIL
CleverReach | deactivated | 1443651125 | OUT 2015-09-30
CleverReach | deactivated | 0 | -
Sender | status | reported | OUT
Excel | Status | 2.0 | OUT
Excel | Status | 1.0 | -
HubSpot | Marketing emails bounced | 3 | property
German | Abgemeldet / Abmeldedatum / Werbesperre / Newsletter abbestellt am | 12.04.2022 | OUT 2022-04-12
German | Status | abgemeldet / ausgetragen / widerrufen | OUT
German | Anmeldestatus | unbestätigt | UNCONFIRMED
French | Désabonné / desabonne / Date de désinscription / Désinscrit le | 12/04/2022 | OUT
French | Statut | désabonné / Désinscrite / DESABONNE / liste noire | OUT
Spanish | Baja / Fecha de baja / Dado de baja | sí / 12/04/2022 | OUT
Spanish | Estado de suscripción | dado de baja / Cancelado | OUT
Spanish | Estado | Jalisco / Baja California | -
Portuguese | Descadastrado / Data de descadastro | sim / 31/12/2021 | OUT
Italian | Disiscritto / Data disiscrizione | sì / 31/12/2021 | OUT
Italian | Stato iscrizione | disiscritto / cancellata | OUT
Dutch | Uitgeschreven / Afgemeld op | ja / 31-12-2021 | OUT
Polish | Wypisany / Data rezygnacji / Wypisał się | tak / 31.12.2021 | OUT
Polish | Status | wypisany / zrezygnował / Czarna lista | OUT
Swedish | Avregistrerad / Avanmäld | ja | OUT
Danish | Afmeldt / Frameldt | ja | OUT
Finnish | Markkinointikielto | kyllä | OUT
Czech | Odhlášen | ano | OUT
Hungarian | Leiratkozott | igen | OUT
Romanian | Dezabonat | da | OUT
Russian | Отписан / Отписался | да / 31.12.2021 | OUT
Turkish | Abonelikten çıktı | evet | OUT
Chinese | 退订 / 已退訂 / 黑名单 / 退订时间 | 是 / 2021年12月31日 | OUT
Chinese | 状态 / 訂閱狀態 | 已退订 / 黑名單 / 取消订阅 | OUT
Japanese | 配信停止 | はい / 2021年12月31日 | OUT
Japanese | 配信状態 | 配信停止 | OUT
Korean | 수신거부 | 예 | OUT
"""


def _outcome(header: str, cell: str) -> tuple[str, Channel | None, datetime | None]:
    column = known_column(header)
    if column is None:
        return "REFUSED" if is_unclear_no(cell, header) else "property", None, None
    try:
        said = meaning_of(cell, column, NOW)
    except AmbiguousCell:
        return "REFUSED", column.channel, None
    if said is None:
        return "-", column.channel, None
    if column.reading is Reading.CALL:
        return "CALL", None, None
    name = "OUT" if said.verdict.value == "OPTED_OUT" else said.verdict.value
    return name, column.channel, said.occurred_at


def _cases() -> list[tuple[str, str, str]]:
    rows = [[cell.strip() for cell in line.split(" | ")] for line in TABLE.strip().splitlines()]
    return [
        (header, cell, outcome)
        for _, headers, cells, outcome in rows
        for header in headers.split(" / ")
        for cell in cells.split(" / ")
    ]


@pytest.mark.parametrize(("header", "cell", "expected"), _cases())
def test_a_column_of_another_system_says_no_as_it_means_it(header: str, cell: str, expected: str) -> None:
    outcome, channel, occurred_at = _outcome(header, cell)
    name, _, detail = expected.partition(" ")
    assert outcome == name
    if detail.isupper():
        assert channel is Channel(detail)
    elif detail:
        assert occurred_at
        assert occurred_at.date().isoformat() == detail


@pytest.mark.parametrize("cell", ["", " ", "-", "N/A", "NULL", "[]", "none", "#N/A"])
@pytest.mark.parametrize("header", ["Status", "EMAIL_BLACKLISTED", "UNSUB_TIME", "Accepts Email Marketing"])
def test_an_empty_cell_says_nothing(header: str, cell: str) -> None:
    assert _outcome(header, cell)[0] == "-"


@pytest.mark.parametrize(
    "word",
    [
        "unsubscribed",
        "Opted-out",
        "opt_out",
        "BLACKLISTED",
        "blocklisted",
        "withdrawn",
        "revoked",
        "abgemeldet",
        "désabonné",
        "wypisany",
        "descadastrado",
        "disiscritto",
        "uitgeschreven",
        "已退订",
        "수신거부",
        "complained",
        "отписан",
    ],
)
def test_a_word_for_an_opt_out_is_more_than_a_no(word: str) -> None:
    assert no_in_opt_in(word)


@pytest.mark.parametrize("word", ["no", "false", "0", "nein", "", "not subscribed", "yes", "subscribed", "n"])
def test_a_plain_no_is_no_opt_out(word: str) -> None:
    assert no_in_opt_in(word) is None


def test_some_words_mean_no_in_every_column_and_they_are_few() -> None:
    assert {"unsubscribed", "opted out", "opted_out", "hard-bounced", "désabonné"} <= NO_ANYWHERE
    assert not {"jo", "left", "spam", "cancelled", "inactive", "", "no", "blocked"} & NO_ANYWHERE
