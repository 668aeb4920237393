"""The answer to a document that is not taken."""


class UnsupportedDocument(Exception):  # noqa: N818  an answer, not a fault
    """A document is of no accepted type. Says why."""
