"""How people ask for no more messages, by language (R29): the data of `withdrawals`."""

from preference_center.rules.messages.wordings.chinese import SIMPLIFIED, TRADITIONAL
from preference_center.rules.messages.wordings.dutch import DUTCH
from preference_center.rules.messages.wordings.english import ENGLISH
from preference_center.rules.messages.wordings.french import FRENCH
from preference_center.rules.messages.wordings.german import GERMAN
from preference_center.rules.messages.wordings.grammar import Wordings
from preference_center.rules.messages.wordings.italian import ITALIAN
from preference_center.rules.messages.wordings.other import OTHER
from preference_center.rules.messages.wordings.polish import POLISH
from preference_center.rules.messages.wordings.portuguese import PORTUGUESE
from preference_center.rules.messages.wordings.spanish import SPANISH
from preference_center.rules.messages.wordings.swedish import SWEDISH

WORDINGS: tuple[Wordings, ...] = (
    ENGLISH,
    POLISH,
    SWEDISH,
    GERMAN,
    FRENCH,
    SPANISH,
    ITALIAN,
    PORTUGUESE,
    DUTCH,
    TRADITIONAL,
    SIMPLIFIED,
    OTHER,
)
"""The first language wins if several have the same wording."""
