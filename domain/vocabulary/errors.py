"""The three answers of the rules that are not a success."""


class Refused(Exception):  # noqa: N818  a refusal is an answer of the rules, not a fault
    """The request is well formed, but the rules do not allow it now. Says why, in words."""


class Forbidden(Exception):  # noqa: N818  an answer of the rules, like Refused
    """The role may not do this. Says which roles may."""


class NotFound(Exception):  # noqa: N818  an answer of the rules, like Refused
    """There is no such thing, as far as the asker may know."""
