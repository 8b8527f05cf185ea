"""Pages for a link or form that does not work (R34): what is wrong, and what to do instead."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.forms import Fault, FormProblem, shown_language
from api.pages.frame.language import choose_language, language_links
from api.pages.frame.layout import public_path
from api.pages.frame.parts import Button
from api.pages.frame.response import PageContext, StatusMessage, respond
from api.pages.phone_examples import example_number
from preference_center.catalog.catalog import BusinessUnit, current_catalog, last_known_catalog
from preference_center.links.kinds import TokenKind
from preference_center.rules.types import RecipientKind
from preference_center.translations import SOURCE_LANGUAGE, Translator

GONE, TOO_MANY, UNAVAILABLE = 410, 429, 503
ALLOW = "GET, HEAD, POST, OPTIONS"
"""The methods of every page."""


@dataclass(frozen=True, slots=True)
class LinkRequestForm:
    """The form that requests a link: what was typed, and what is wrong with it."""

    action: str
    example: str
    """A phone number of the country where the business unit is, or the reader."""
    unit: str | None = None
    typed: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """What `problem.html` shows."""

    heading: str
    text: str
    address: str | None = None
    status: StatusMessage | None = None
    reload_url: str | None = None
    new_link_label: str | None = None
    """The button that requests a new link, if one can be sent."""
    opt_outs: tuple[Button, ...] = ()
    link_request: LinkRequestForm | None = None


def link_request_form(
    unit: BusinessUnit | None = None,
    typed: str = "",
    error: str | None = None,
    *,
    language: str = SOURCE_LANGUAGE,
) -> LinkRequestForm:
    """The form that requests a link, for a unit's page if one is given; else for a reader of a language."""
    return LinkRequestForm(
        public_path(TokenKind.MANAGE.path),
        example_phone(unit, language),
        unit.key if unit else None,
        typed,
        error,
    )


def example_phone(unit: BusinessUnit | None, language: str) -> str:
    """A phone number of the country of a unit, or else of a reader of a language."""
    return example_number(unit.default_locale if unit else language).replace(" ", "\u00a0")


def new_link_label(translator: Translator, recipient_kind: RecipientKind) -> str:
    """The button that sends a new link to the address of the old one."""
    if recipient_kind is RecipientKind.EMAIL:
        return translator.gettext("Email me a new link")
    return translator.gettext("Text me a new link")


async def invalid_link(request: Request) -> Response:
    """The page of a link with a wrong signature or shape: it offers to request a new one."""
    translator = choose_language(request)
    page = ProblemPage(
        translator.gettext("This link doesn’t work"),
        translator.gettext("Part of it may be missing. Open it again from the message, or get a new link."),
        link_request=link_request_form(language=translator.language),
    )  # fmt: skip
    return respond(PageContext(translator, await current_catalog()), "problem.html", page, 404)


async def unknown_path(request: Request) -> Response:
    """The page for a path that leads nowhere: it offers to request a link."""
    translator = choose_language(request)
    page = ProblemPage(
        translator.gettext("We can’t find that page"),
        translator.gettext("The address may be wrong, or the page is gone."),
        link_request=link_request_form(language=translator.language),
    )  # fmt: skip
    return respond(PageContext(translator, await current_catalog()), "problem.html", page, 404)


async def wrong_method(request: Request) -> Response:
    """The page for a method that no page has: nothing was changed."""
    translator = choose_language(request)
    page = ProblemPage(
        translator.gettext("That didn’t work"),
        translator.gettext("Nothing was changed."),
        reload_url=_reload_url(translator),
    )
    response = respond(PageContext(translator, await current_catalog()), "problem.html", page, 405)
    response.headers["allow"] = ALLOW
    return response


async def bad_form(request: Request, problem: FormProblem) -> Response:
    """The page of a form that cannot be used: says what is wrong, and that nothing was changed."""
    translator = choose_language(request)
    text = translator.joined(_fault(translator, problem), translator.gettext("Nothing was changed."))
    page = ProblemPage(translator.gettext("That didn’t work"), text, reload_url=_reload_url(translator))
    context = PageContext(translator, await current_catalog())
    return respond(context, "problem.html", page, problem.fault.status)


def too_many(context: PageContext, wait: timedelta) -> Response:
    """The page for a network that requested too many links, whoever they were for."""
    page = ProblemPage(
        context.translator.gettext("Too many requests"),
        context.translator.gettext(
            "Please try again later. To unsubscribe, use the link at the end of any message from us:"
            " it never expires."
        ),
    )
    response = respond(context, "problem.html", page, TOO_MANY)
    response.headers["retry-after"] = str(math.ceil(wait.total_seconds()))
    return response


def too_many_guesses(context: PageContext, wait: timedelta) -> Response:
    """The page for a network that opened too many short links that do not exist."""
    page = ProblemPage(
        context.translator.gettext("Too many requests"),
        context.translator.gettext(
            "Please try again in a few minutes. To get no more text messages, reply STOP to one of them."
        ),
    )
    response = respond(context, "problem.html", page, TOO_MANY)
    response.headers["retry-after"] = str(math.ceil(wait.total_seconds()))
    return response


def unavailable(request: Request) -> Response:
    """The page during an outage of the database, which it does not ask for anything."""
    translator = choose_language(request, shown=shown_language(request))
    if request.method == "POST":
        heading = translator.gettext("We couldn’t save this")
        text = translator.gettext("Something went wrong on our side. Please try again in a few minutes.")
    else:
        heading = translator.gettext("This page isn’t available right now")
        text = translator.gettext("Please try again in a few minutes.")
    page = ProblemPage(heading, text, reload_url=_reload_url(translator))
    return respond(PageContext(translator, last_known_catalog()), "problem.html", page, UNAVAILABLE)


def _reload_url(translator: Translator) -> str:
    return next(link.href for link in language_links(translator.language) if link.current)


def _fault(translator: Translator, problem: FormProblem) -> str:
    field = problem.field
    if problem.fault is Fault.TOO_LARGE:
        return translator.gettext("The form was too large.")
    if problem.fault is Fault.NOT_A_FORM:
        return translator.gettext("What was sent isn’t a form.")
    if problem.fault is Fault.UNREADABLE:
        return translator.gettext("The form couldn’t be read.")
    if problem.fault is Fault.UNKNOWN_FIELD:
        return translator.gettext("The form has an unknown field: %(field)s.", field=field)
    if problem.fault is Fault.MISSING_FIELD:
        return translator.gettext("The form is missing a field: %(field)s.", field=field)
    if problem.fault is Fault.REPEATED_FIELD:
        return translator.gettext("The form has this field twice: %(field)s.", field=field)
    return translator.gettext("This field of the form has an invalid value: %(field)s.", field=field)
