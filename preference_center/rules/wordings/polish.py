"""Polish."""

from preference_center.rules.wordings.grammar import Wordings

POLISH = Wordings(language="pl")
