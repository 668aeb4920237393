"""The language of the pages: English, or another that has a catalogue of its own in `locale/`.

Every string of the pages is in one template of catalogues, `locale/tracker.pot`, from which a
translator makes `locale/LANGUAGE.po`. A process speaks one language; a second one at an address of
its own speaks the other, so that no page of one is ever kept in place of one of the other.
"""

from collections.abc import Iterator, Mapping
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
"""How many days are kept as they are written, which takes 25 µs each."""


class Spoken(Struct):
    """What this process speaks."""

    locale: Locale
    catalogue: NullTranslations


_spoken = Spoken(Locale.parse(ENGLISH), NullTranslations())


def speak(language: str = ENGLISH, folder: Path = LOCALE) -> None:
    """Speak a language from now on: English, or one that has a catalogue.

    Raises ValueError if there is none.
    """
    catalogue = NullTranslations()
    if language != ENGLISH:
        file = folder / f"{language}.po"
        if not file.is_file():
            there = sorted({ENGLISH, *(one.stem for one in folder.glob("*.po"))})
            raise ValueError(f"there is no catalogue of {language}; there are: {', '.join(there)}")
        catalogue = _read(file, language)
    _spoken.locale, _spoken.catalogue = Locale.parse(language), catalogue


def _read(file: Path, language: str) -> GNUTranslations:
    # Only a process that speaks another language than English needs them.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = BytesIO()
    with file.open("rb") as opened:
        write_mo(compiled, read_po(opened, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def gettext(text: str, /, **given: object) -> str:
    """A string of the pages in the language that is spoken, with what is given put in."""
    found = _spoken.catalogue.gettext(text) if text else ""
    return found % given if given else found


def N_(text: str) -> str:  # noqa: N802  as the tools of the trade call it
    """The same string: it is translated where it is shown, and marked here to be found."""
    return text


def ngettext(one: str, many: str, number: int, /, **given: object) -> str:
    """The form of a string that goes with a number, with what is given put in."""
    found = _spoken.catalogue.ngettext(one, many, number)
    return found % given if given else found


def code() -> str:
    """The language of a page, as browsers are told it (BCP 47)."""
    return str(_spoken.locale).replace("_", "-")


def number(of: float, form: str | None = None) -> str:
    """A number as it is written, or in a form of Unicode's number patterns."""
    return format_decimal(of, form, locale=_spoken.locale)


def day_as(day: date, form: str) -> str:
    """A day in a form of Unicode's date patterns."""
    return _day(_spoken.locale, day, form)


@lru_cache(DAYS_KEPT)
def _day(locale: Locale, day: date, form: str) -> str:
    return format_date(day, form, locale=locale)


def moment_as(moment: datetime, form: str) -> str:
    """A moment in a form of Unicode's date patterns."""
    return format_datetime(moment, form, locale=_spoken.locale)


class Table(Mapping[str, str]):
    """Words by code, each in the language that is spoken when it is read."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """`words` are in English."""
        self.english = words

    def __getitem__(self, key: str) -> str:
        """The words of a code. Raises KeyError if there are none."""
        return gettext(self.english[key])

    def __iter__(self) -> Iterator[str]:
        """Every code, in order."""
        return iter(self.english)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.english)
