"""Windows to lay pages out in, one after the other, and what axe-core and the measurements find in them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence

from playwright.sync_api import Browser, Page

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
WIDTHS = (320, 768, 1280)
NARROW = WIDTHS[0]
SMALLEST_TARGET = 44
EVERYTHING = os.environ.get("SAYSO_TEST_AXE") == "all"
"""Whether to check every language at every width in every look."""
LAY_OUT = """html => {
  document.open(); document.write(html); document.close();
  for (const folded of document.querySelectorAll('details')) folded.open = true;
}"""
MEASURE = """smallest => {
  const seen = element => element.getClientRects().length > 0;
  const named = (kind, element) => kind + ': ' + element.outerHTML.slice(0, 90);
  const box = element => element.getBoundingClientRect();
  const pressed = document.querySelectorAll(
    'button, label.row, label.chip, summary, nav a, a.go, .field input');
  const small = [...pressed].filter(seen)
    .filter(e => box(e).width < smallest - 0.01 || box(e).height < smallest - 0.01);
  const over = [...document.querySelectorAll('nav *, header *, main *, footer *')].filter(seen)
    .filter(e => box(e).left < -0.5 || box(e).right > innerWidth + 0.5)
    .filter(e => !e.closest('.save') || e.closest('.save') !== e);
  const wide = document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [];
  return [...small.map(e => named('too small', e)), ...over.map(e => named('over the edge', e)), ...wide];
}"""
RUN_AXE = """options => axe.run(document, {resultTypes: ['violations'], ...options}).then(result =>
  result.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html).join(' | ')))"""
FOLD = "open => document.querySelectorAll('.languages').forEach(menu => { menu.open = open; })"


class Windows:
    """A window of each width. Pages are laid out in them without being fetched."""

    def __init__(self, browser: Browser, axe_source: str) -> None:
        self._windows = {width: self._window(browser, width, axe_source) for width in WIDTHS}

    def _window(self, browser: Browser, width: int, axe_source: str) -> Page:
        # Without animations a colour is at its final value at once.
        page = browser.new_page(
            viewport={"width": width, "height": 800}, bypass_csp=True, reduced_motion="reduce"
        )
        if EVERYTHING or width == NARROW:
            page.evaluate(axe_source)
        return page

    def lay_out(self, html: str, widths: Sequence[int] = WIDTHS) -> None:
        """Put a page into the windows of these widths, with everything unfolded."""
        for width in widths:
            self._windows[width].evaluate(LAY_OUT, html)

    def measured(self, widths: Sequence[int] = WIDTHS) -> list[str]:
        """What is too small to press or runs over an edge, at each width."""
        return [
            f"{width}: {found}"
            for width in widths
            for found in self._windows[width].evaluate(MEASURE, SMALLEST_TARGET)
        ]

    def violations(self, widths: Sequence[int], looks: Sequence[str], *, colours: bool) -> list[str]:
        """What axe finds at these widths in these looks, with the list of languages unfolded and folded."""
        found = []
        for width, look in itertools.product(widths, looks):
            window = self._windows[width]
            window.emulate_media(**LOOKS[look])  # type: ignore[arg-type]
            violations = window.evaluate(RUN_AXE, _options(colours=colours, target_size=False))
            found += [f"{width} {look}: {violation}" for violation in violations]
        # The list of languages lies over much, so the size of targets is judged with the list folded.
        sizes = {"runOnly": {"type": "rule", "values": ["target-size"]}}
        return found + [
            f"{width}: {violation}" for width in widths for violation in self._folded(width, sizes)
        ]

    def violations_in_a_language(self) -> list[str]:
        """What axe finds in a narrow window, colours aside.

        The list of languages is folded: it is the same in all of them.
        """
        return self._folded(NARROW, _options(colours=False, target_size=True))

    def _folded(self, width: int, options: dict[str, object]) -> list[str]:
        window = self._windows[width]
        window.evaluate(FOLD, False)
        found = window.evaluate(RUN_AXE, options)
        window.evaluate(FOLD, True)
        return list(found)

    @property
    def narrow(self) -> Page:
        """The narrowest window."""
        return self._windows[NARROW]


def _options(*, colours: bool, target_size: bool) -> dict[str, object]:
    return {
        "runOnly": {"type": "tag", "values": TAGS},
        "rules": {"color-contrast": {"enabled": colours}, "target-size": {"enabled": target_size}},
    }
