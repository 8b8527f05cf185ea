"""Pages that help where a link or a form does not do (R34): what is wrong, in words, and the way on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.forms import Fault, FormProblem
from api.pages.frame.language import choose, switch
from api.pages.frame.response import Frame, Status, frame, path_to, respond
from preference_center.catalog.catalog import BusinessUnit, current_catalog
from preference_center.rules.types import RecipientKind
from preference_center.translations import Translator

GONE, TOO_MANY = 410, 429


@dataclass(frozen=True, slots=True)
class AskForm:
    """The form that asks for a link: what was typed, and what was wrong with it."""

    action: str
    unit: str | None = None
    typed: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """One button that opts out of all of a unit on a channel."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """What `problem.html` shows."""

    heading: str
    text: str
    address: str | None = None
    status: Status | None = None
    again: str | None = None
    fresh: str | None = None
    """The button that asks for a fresh link, where one can be sent."""
    stops: tuple[Stop, ...] = ()
    ask: AskForm | None = None


def ask_form(unit: BusinessUnit | None = None, typed: str = "", error: str | None = None) -> AskForm:
    """The form that asks for a link, in a unit's name where one is given."""
    return AskForm(path_to("/p"), unit.key if unit else None, typed, error)


def fresh_button(translator: Translator, kind: RecipientKind) -> str:
    """The button that has a fresh link sent to the address that the old one was for."""
    if kind is RecipientKind.EMAIL:
        return translator.gettext("Email me a fresh link")
    return translator.gettext("Text me a fresh link")


async def invalid_link(request: Request) -> Response:
    """For a link that is none of ours, or was damaged: nothing can be told but how to go on."""
    translator, catalog = choose(request), await current_catalog()
    page = ProblemPage(
        translator.gettext("This link does not work"),
        translator.gettext("Perhaps a part of it was lost when it was copied. Open it again from the message,"
                      " or have a new one sent to you."),
        ask=ask_form(),
    )  # fmt: skip
    return respond(translator, "problem.html", frame(translator, catalog), page, 404)


async def bad_form(request: Request, problem: FormProblem) -> Response:
    """For a form that cannot be used: says what is wrong with it, and that nothing was changed."""
    translator, catalog = choose(request), await current_catalog()
    text = translator.joined(_fault(translator, problem), translator.gettext("Nothing was changed."))
    again = next(link.href for link in switch(translator.language) if link.current)
    page = ProblemPage(translator.gettext("That did not work"), text, again=again)
    return respond(translator, "problem.html", frame(translator, catalog), page, problem.fault.status)


def too_many(translator: Translator, around: Frame, wait: timedelta) -> Response:
    """For a network that asked for more links than one asks for, whomever they were for."""
    page = ProblemPage(
        translator.gettext("Too many requests from your network"),
        translator.gettext(
            "Please try again later. To unsubscribe you need no new link: the one at the end of any"
            " message that you got from us still works."
        ),
    )
    response = respond(translator, "problem.html", around, page, TOO_MANY)
    response.headers["retry-after"] = str(math.ceil(wait.total_seconds()))
    return response


def _fault(translator: Translator, problem: FormProblem) -> str:
    field = problem.field
    if problem.fault is Fault.TOO_LARGE:
        return translator.gettext("The form was too large.")
    if problem.fault is Fault.NOT_A_FORM:
        return translator.gettext("What was sent is not a form.")
    if problem.fault is Fault.UNREADABLE:
        return translator.gettext("The form could not be read.")
    if problem.fault is Fault.UNKNOWN_FIELD:
        return translator.gettext("The form has a field that is not known here: %(field)s.", field=field)
    if problem.fault is Fault.MISSING_FIELD:
        return translator.gettext("The form lacks a field: %(field)s.", field=field)
    if problem.fault is Fault.REPEATED_FIELD:
        return translator.gettext("The form has a field twice: %(field)s.", field=field)
    return translator.gettext("A field of the form has a value that is not possible: %(field)s.", field=field)
