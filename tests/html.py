"""Reads HTML in tests, with lxml: forms and buttons, links, headings, visible text, status messages.

`parse(html)` gives a `Page`. Tests read pages through it alone: by its properties, or by `page.find` and
`page.one` with an XPath where there is no property.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

Fields = list[tuple[str, str]]
_UNSEEN = frozenset({"head", "style", "script", "template", "title"})
_INLINE = frozenset({"a", "b", "bdi", "em", "strong"})
"""Elements whose text joins the text around them; the layout separates all others."""
_TYPED = frozenset({"text", "date", "email", "tel", "search", "number", "password", "hidden", "url"})


@dataclass(frozen=True)
class Button:
    """A submit button: what it sends, and its label. A hidden one is there for the Enter key."""

    name: str
    value: str
    label: str
    hidden: bool = False

    @property
    def field(self) -> Fields:
        """What it adds to the form's fields when it is pressed."""
        return [(self.name, self.value)] if self.name else []


@dataclass
class Form:
    """A form and what it sends. Tick a box with `form.boxes[value] = True`."""

    action: str
    method: str
    hidden: Fields = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    """Text and date inputs, and which radio button is checked, by name."""
    boxes: dict[str, bool] = field(default_factory=dict)
    """Whether each checkbox is ticked, by value."""
    box_names: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        """The labels of the visible buttons, in order."""
        return [button.label for button in self.buttons if not button.hidden]

    def ticked(self) -> list[str]:
        """The values of the boxes that are ticked."""
        return [value for value, ticked in self.boxes.items() if ticked]

    def button(self, name: str, value: str | None = None) -> Button:
        """The button with this name (and value). Raises LookupError."""
        for button in self.buttons:
            if button.name == name and value in (None, button.value):
                return button
        raise LookupError(f"no button {name}={value} among {self.buttons}")

    def labelled(self, label: str) -> Button:
        """The visible button with this label. Raises LookupError."""
        for button in self.buttons:
            if button.label == label and not button.hidden:
                return button
        raise LookupError(f"no button {label!r} among {self.labels}")

    def fields(self, button: Button | str | None = None, **typed: str) -> Fields:
        """What a browser sends for a press of the button (or its label), with `typed` in the inputs named."""
        if isinstance(button, str):
            button = self.labelled(button)
        ticked = [(self.box_names[value], value) for value in self.ticked()]
        inputs = {**self.inputs, **typed}
        return [*self.hidden, *ticked, *inputs.items(), *(button.field if button else [])]


@dataclass
class Page:
    """A page. Its forms are read once: what a test ticks stays ticked."""

    html: str

    @cached_property
    def document(self) -> HtmlElement:
        """The root element."""
        return document_fromstring(self.html)

    @property
    def lang(self) -> str:
        """The language of the page."""
        return str(self.document.get("lang", ""))

    @property
    def title(self) -> str:
        """The title, single-spaced."""
        return _single_spaced(self.document.findtext(".//title") or "")

    @cached_property
    def text(self) -> str:
        """The visible text, as one line."""
        return visible_text(self.document)

    @property
    def text_with_breaks(self) -> str:
        """All text, with spaces as they are and a line break for each `br`."""
        for line_break in self.find("//br"):
            line_break.text = "\n"
        return "".join(self.document.itertext())

    @cached_property
    def forms(self) -> list[Form]:
        """All forms, in order."""
        return [_form(element) for element in self.document.iter("form")]

    @property
    def buttons(self) -> list[str]:
        """The labels of all visible buttons."""
        return [label for form in self.forms for label in form.labels]

    @property
    def headings(self) -> list[str]:
        """The texts of the headings, in order."""
        return [visible_text(element) for element in self.document.iter("h1", "h2", "h3")]

    @property
    def links(self) -> dict[str, str]:
        """Where each link leads, by its text."""
        return {visible_text(element): element.get("href", "") for element in self.document.iter("a")}

    @property
    def status_messages(self) -> list[str]:
        """What a screen reader announces: the live regions (`role="status"`, `role="alert"`)."""
        return [visible_text(element) for element in self.find("//*[@role='status' or @role='alert']")]

    def find(self, xpath: str) -> list[HtmlElement]:
        """The elements at an XPath."""
        return list(self.document.xpath(xpath))

    def one(self, xpath: str) -> HtmlElement:
        """The only element at an XPath. Raises AssertionError."""
        found = self.find(xpath)
        assert len(found) == 1, f"{len(found)} elements at {xpath}"
        return found[0]

    def form_with(self, label: str) -> Form:
        """The form with the button of this label. Raises LookupError."""
        for form in self.forms:
            if label in form.labels:
                return form
        raise LookupError(f"no button {label!r} among {self.buttons}")


def parse(html: str) -> Page:
    """Read a page, or a piece of one."""
    return Page(html)


def visible_text(element: HtmlElement) -> str:
    """The visible text of an element, single-spaced."""
    return _single_spaced("".join(_pieces(element)))


def _pieces(element: HtmlElement) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in _UNSEEN or element.get("hidden") is not None:
        return
    separator = "" if element.tag in _INLINE else " "
    yield separator + (element.text or "")
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""
    yield separator


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


def _form(element: etree.ElementBase) -> Form:
    form = Form(element.get("action", ""), element.get("method", "get").lower())
    for control in element.iter("input", "button"):
        name, value = control.get("name", ""), control.get("value", "")
        kind = control.get("type", "text" if control.tag == "input" else "submit")
        if control.get("disabled") is not None:
            continue
        if kind == "submit":
            label = visible_text(control) if control.get("hidden") is None else ""
            form.buttons.append(Button(name, value, label, control.get("hidden") is not None))
        elif kind == "checkbox":
            form.boxes[value] = control.get("checked") is not None
            form.box_names[value] = name
        elif kind == "radio":
            if control.get("checked") is not None:
                form.inputs[name] = value
        elif kind == "hidden":
            form.hidden.append((name, value))
        elif name and kind in _TYPED:
            form.inputs[name] = value
    return form
