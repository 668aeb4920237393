"""The ways in which a person works a page: with a pointer, or by keyboard alone."""

from playwright.sync_api import FilePayload, Locator, Page

TABS_MAX = 400
"""More than a page has elements that take the focus."""
FOCUSED = """(target) => {
  const one = document.activeElement
  return one === target
    || (one.type === 'radio' && target.type === 'radio' && one.name === target.name)
}"""
IS_FOCUSED = "(target) => document.activeElement === target"
SHOWS_FOCUS = """(target) => {
  const styles = [getComputedStyle(target),
    ...[...(target.labels ?? [])].map((label) => getComputedStyle(label, '::before'))]
  const box = target.getBoundingClientRect()
  return styles.some((style) => style.outlineStyle !== 'none' || style.boxShadow !== 'none')
    && box.bottom > 0 && box.top < innerHeight
}"""
CHOSEN = "(select) => [select.value, select.selectedOptions[0]?.label]"


class Pointer:
    """A person with a mouse, or a finger."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, target: Locator) -> None:
        """Follow a link, or press a button that leads to another page."""
        target.click()

    def press(self, target: Locator) -> None:
        """Press something that leads to no other page."""
        target.click()

    def check(self, target: Locator) -> None:
        """Choose a radio button, or tick a box."""
        target.check()

    def uncheck(self, target: Locator) -> None:
        """Take the tick out of a box."""
        target.uncheck()

    def fill(self, target: Locator, text: str) -> None:
        """Type a text in place of the one that is there."""
        target.fill(text)

    def select(self, target: Locator, option: str) -> None:
        """Choose an option of a list by its value or its words."""
        target.select_option(option)

    def send(self, target: Locator, file: FilePayload) -> None:
        """Choose a file to send."""
        target.set_input_files(file)


class Keyboard(Pointer):
    """A person who presses Tab, arrows, Space and Enter, and types; and who sees the focus."""

    def open(self, target: Locator) -> None:
        self.reach(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def check(self, target: Locator) -> None:
        self._set(target, checked=True)

    def uncheck(self, target: Locator) -> None:
        self._set(target, checked=False)

    def fill(self, target: Locator, text: str) -> None:
        self.reach(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def select(self, target: Locator, option: str) -> None:
        self.reach(target)
        for _ in range(target.locator("option").count()):
            if option in target.evaluate(CHOSEN):
                return
            self.page.keyboard.press("ArrowDown")
        assert option in target.evaluate(CHOSEN), f"no arrow leads to {option}"

    def send(self, target: Locator, file: FilePayload) -> None:
        # The browser listens for a chooser some moments after it is asked to: walk there meanwhile.
        with self.page.expect_file_chooser() as chooser:
            self.reach(target)
            self.page.keyboard.press("Enter")
        chooser.value.set_files(file)

    def reach(self, target: Locator) -> None:
        """Press Tab until an element has the focus, or an arrow within its group of buttons."""
        element = target.element_handle()
        for _ in range(TABS_MAX):
            if self.page.evaluate(FOCUSED, element):
                break
            self.page.keyboard.press("Tab")
        while not self.page.evaluate(IS_FOCUSED, element):
            assert self.page.evaluate(FOCUSED, element), f"Tab does not lead to {target}"
            self.page.keyboard.press("ArrowDown")
        assert self.page.evaluate(SHOWS_FOCUS, element), f"{target} does not show the focus"

    def _set(self, target: Locator, *, checked: bool) -> None:
        self.reach(target)
        if target.is_checked() is not checked:
            self.page.keyboard.press("Space")
        assert target.is_checked() is checked
