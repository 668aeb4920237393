"""The language of the pages: English, or another language with a catalogue in `locale/`.

Every string of the pages is in one catalogue template, `locale/tracker.pot`, from which a
translator makes `locale/LANGUAGE.po`. A process speaks one language. A second language takes a
second process at an address of its own, so that no cache ever mixes up their pages.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from msgspec import Struct

LOCALE = Path(__file__).parent.parent / "locale"
ENGLISH = "en_GB"
DAYS_KEPT = 4_000
"""The number of formatted days that are cached; formatting one takes 25 µs."""
NUMBERS_KEPT = 4_000
"""The number of formatted numbers that are cached, which takes as long."""


class Spoken(Struct):
    """The language of this process, with its catalogue."""

    locale: Locale
    catalogue: NullTranslations


_spoken = Spoken(Locale.parse(ENGLISH), NullTranslations())


def speak(language: str = ENGLISH, folder: Path = LOCALE) -> None:
    """Switch this process to a language: English, or one with a catalogue.

    Raises ValueError if the language has no catalogue.
    """
    catalogue = NullTranslations()
    if language != ENGLISH:
        file = folder / f"{language}.po"
        if not file.is_file():
            languages = sorted({ENGLISH, *(path.stem for path in folder.glob("*.po"))})
            known = ", ".join(languages)
            raise ValueError(f"there is no catalogue of {language}; there are: {known}")
        catalogue = _read(file, language)
    _spoken.locale, _spoken.catalogue = Locale.parse(language), catalogue


def _read(file: Path, language: str) -> GNUTranslations:
    # Imported here because an English-only process does not need them.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = BytesIO()
    with file.open("rb") as opened:
        write_mo(compiled, read_po(opened, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def gettext(text: str, /, **values: object) -> str:
    """Return a string of the pages in the process's language, with the values filled in."""
    translation = _spoken.catalogue.gettext(text) if text else ""
    return translation % values if values else translation


def N_(text: str) -> str:  # noqa: N802  gettext's usual name for it
    """Mark a string for extraction and return it unchanged.

    It is translated where it is shown.
    """
    return text


def ngettext(singular: str, plural: str, number: int, /, **values: object) -> str:
    """Return the form of a string for a number, with the values filled in."""
    translation = _spoken.catalogue.ngettext(singular, plural, number)
    return translation % values if values else translation


def code() -> str:
    """Return the language tag of the pages (BCP 47)."""
    return str(_spoken.locale).replace("_", "-")


def joined(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: one, two and three."""
    *first, last = words
    return gettext("%(first)s and %(last)s", first=", ".join(first), last=last) if first else last


def number(of: float, form: str | None = None) -> str:
    """Format a number in the usual way, or by a Unicode number pattern."""
    return _number(_spoken.locale, of, form)


@lru_cache(NUMBERS_KEPT, typed=True)
def _number(locale: Locale, of: float, form: str | None) -> str:
    return format_decimal(of, form, locale=locale)


def day_as(day: date, form: str) -> str:
    """Format a day by a Unicode date pattern."""
    return _day(_spoken.locale, day, form)


@lru_cache(DAYS_KEPT)
def _day(locale: Locale, day: date, form: str) -> str:
    return format_date(day, form, locale=locale)


def moment_as(moment: datetime, form: str) -> str:
    """Format a moment by a Unicode date pattern."""
    return format_datetime(moment, form, locale=_spoken.locale)


def months() -> list[tuple[str, int]]:
    """Return the names of the months, folded, in English and in the process's language."""
    return [
        (name.casefold(), number)
        for locale in {Locale.parse(ENGLISH), _spoken.locale}
        for number, name in locale.months["format"]["wide"].items()
    ]


class Table(Mapping[str, str]):
    """Words by code, translated into the process's language when they are read."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """Take the words in English, by code."""
        self.english = words

    def __getitem__(self, key: str) -> str:
        """Return the words of a code. Raises KeyError if the code is unknown."""
        return gettext(self.english[key])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the codes, in order."""
        return iter(self.english)

    def __len__(self) -> int:
        """Return the number of codes."""
        return len(self.english)
