"""A brand's own words in place of a message: in code as plain text, in templates escaped."""

from __future__ import annotations

from preference_center.catalog.custom_texts import CustomText, TextKey, in_words_of
from preference_center.translations import translator_for

HEADING, STOP = TextKey.PREFERENCES_HEADING, TextKey.STOP_ALL_EMAILS
OWN = (
    CustomText(HEADING, "en", "100% <b>yours</b>"),
    CustomText(STOP, "en", "Leave {unit} at 5% <i>"),
    CustomText(HEADING, "de", "Ganz Ihres"),
)


def test_own_words_are_plain_text_in_code_and_escaped_in_pages() -> None:
    translator = in_words_of(translator_for("en"), OWN)
    assert translator.gettext(HEADING.message) == "100% <b>yours</b>"
    assert translator.gettext(STOP.message, unit="A&B") == "Leave A&B at 5% <i>"
    shown = "{{ _(heading) }}|{{ _(stop, unit='A&B') }}|{{ _('Email') }}"
    page = translator.environment.from_string(shown)
    texts = {"heading": HEADING.message, "stop": STOP.message}
    assert page.render(texts) == "100% &lt;b&gt;yours&lt;/b&gt;|Leave A&amp;B at 5% &lt;i&gt;|Email"
    plain = translator.environment.from_string("{% autoescape false %}" + shown + "{% endautoescape %}")
    assert plain.render(texts).startswith("100% <b>yours</b>|Leave A&B at 5% <i>")


def test_own_words_hold_in_their_language_and_for_their_brand_only() -> None:
    english, french = translator_for("en"), translator_for("fr")
    assert in_words_of(french, OWN) is french
    assert in_words_of(english, ()) is english
    assert in_words_of(translator_for("de"), OWN).gettext(HEADING.message) == "Ganz Ihres"
    assert english.gettext(HEADING.message) == HEADING.message
    assert in_words_of(english, OWN).ngettext("%(num)d day", "%(num)d days", 2) == "2 days"
