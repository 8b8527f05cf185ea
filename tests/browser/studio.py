"""Windows in which pages are laid out one after the other, and what axe-core and a ruler find in them."""

from __future__ import annotations

import itertools
import os

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
"""Whether axe looks at all there is, not only where something can differ."""
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
  const over = [...document.querySelectorAll('header *, main *, footer *')].filter(seen)
    .filter(e => box(e).left < -0.5 || box(e).right > innerWidth + 0.5)
    .filter(e => !e.closest('.save') || e.closest('.save') !== e);
  const wide = document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [];
  return [...small.map(e => named('too small', e)), ...over.map(e => named('over the edge', e)), ...wide];
}"""
RUN_AXE = """options => axe.run(document, {resultTypes: ['violations'], ...options}).then(result =>
  result.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html).join(' | ')))"""


FOLD = "open => document.querySelectorAll('.languages').forEach(menu => { menu.open = open; })"


class Studio:
    """A window of each width, in which pages are laid out one after the other without being fetched."""

    def __init__(self, browser: Browser, axe_source: str) -> None:
        self._windows = {width: self._window(browser, width, axe_source) for width in WIDTHS}

    def _window(self, browser: Browser, width: int, axe_source: str) -> Page:
        # Without movement a colour is what it will be at once.
        page = browser.new_page(
            viewport={"width": width, "height": 800}, bypass_csp=True, reduced_motion="reduce"
        )
        if EVERYTHING or width == NARROW:
            page.evaluate(axe_source)
        return page

    def lay_out(self, html: str) -> None:
        """Put a page into every window, with all that folds out unfolded."""
        for window in self._windows.values():
            window.evaluate(LAY_OUT, html)

    def measured(self) -> list[str]:
        """What is too small to press or runs over an edge, at each width."""
        return [
            f"{width}: {found}"
            for width, window in self._windows.items()
            for found in window.evaluate(MEASURE, SMALLEST_TARGET)
        ]

    def checked(self, widths: tuple[int, ...], looks: tuple[str, ...], *, colours: bool) -> list[str]:
        """What axe finds at these widths in these looks."""
        options = {
            "runOnly": {"type": "tag", "values": TAGS},
            "rules": {"color-contrast": {"enabled": colours}, "target-size": {"enabled": False}},
        }
        found = []
        for width, look in itertools.product(widths, looks):
            self._windows[width].emulate_media(**LOOKS[look])  # type: ignore[arg-type]
            found += [f"{width} {look}: {one}" for one in self._windows[width].evaluate(RUN_AXE, options)]
        return found + [f"{width}: {one}" for width in widths for one in self._covered(self._windows[width])]

    def _covered(self, window: Page) -> list[str]:
        """What leaves too little to press; the list of languages is folded up, for it lies over much."""
        window.evaluate(FOLD, False)
        options = {"runOnly": {"type": "rule", "values": ["target-size"]}}
        found = window.evaluate(RUN_AXE, options)
        window.evaluate(FOLD, True)
        return list(found)

    @property
    def narrow(self) -> Page:
        """The window of the smallest width."""
        return self._windows[NARROW]
