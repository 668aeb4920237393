"""How near two words are by typing errors, and the nearest of many."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

ONE_ERROR_LETTERS, TWO_ERRORS_LETTERS = 4, 8
"""From how many letters on, of the longer word, one typing error is forgiven, and two."""

SHORT_LETTERS = 4
"""Up to how many letters a word is near another only with its letters in another order."""
LETTERS_PER_ERROR = 2
"""By how many letters one error changes the set of letters at most: one goes, another comes."""


class Signature(Struct, frozen=True):
    """A word with the set of its letters as bits, by which most words are ruled out at once."""

    word: str
    letters: int


def signature(word: str) -> Signature:
    """Return a word with its letters, of lower-case ASCII letters and digits."""
    letters = 0
    for sign in word:
        letters |= 1 << (ord(sign) & 63)
    return Signature(word, letters)


def errors_forgiven(word: str, other: str) -> int:
    """Return how many typing errors may lie between two words of their lengths."""
    length = max(len(word), len(other))
    return (length >= ONE_ERROR_LETTERS) + (length >= TWO_ERRORS_LETTERS)


def nearest(word: str, others: Iterable[Signature]) -> Iterator[tuple[int, str]]:
    """Yield the words that are near enough, each with its errors, in their order."""
    known = signature(word)
    for other in others:
        most = errors_forgiven(word, other.word)
        if (known.letters ^ other.letters).bit_count() > LETTERS_PER_ERROR * most:
            continue
        errors = typing_errors(word, other.word, most)
        if errors <= most:
            yield errors, other.word


def nearest_of_many(word: str, others: Iterable[Signature]) -> Iterator[tuple[int, str]]:
    """Yield what `nearest` does, for a short word only those with its letters in another order.

    Among many words, some other word is always but a letter from a short one.
    """
    for errors, other in nearest(word, others):
        if len(word) > SHORT_LETTERS or sorted(word) == sorted(other):
            yield errors, other


def typing_errors(word: str, other: str, most: int) -> int:
    """Return how many typing errors make one word of another; `most` + 1 if there are more.

    A letter too much, missing or wrong is one error, and so are two letters swapped (the optimal
    string alignment distance).
    """
    if abs(len(word) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row: list[int] = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        following = [i]
        for j, other_letter in enumerate(other, 1):
            errors = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (letter != other_letter))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == other_letter:
                errors = min(errors, before[j - 2] + 1)
            following.append(errors)
        if min(following) > most:
            return most + 1
        before, row = row, following
    return min(row[-1], most + 1)
