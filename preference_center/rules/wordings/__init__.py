"""How people say that they want no more messages, language by language (R29): data for `withdrawals`."""

from preference_center.rules.wordings.english import ENGLISH
from preference_center.rules.wordings.grammar import Wordings
from preference_center.rules.wordings.polish import POLISH

WORDINGS: tuple[Wordings, ...] = (ENGLISH, POLISH)
