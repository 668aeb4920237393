"""The three outcomes of the rules other than success."""


class Refused(Exception):  # noqa: N818  a refusal is an answer of the rules, not a fault
    """The rules do not allow a well-formed request now; the message says why."""


class Forbidden(Exception):  # noqa: N818  an answer of the rules, like Refused
    """The role may not do this; the message lists the roles that may."""


class NotFound(Exception):  # noqa: N818  an answer of the rules, like Refused
    """Nothing of that name exists, as far as the actor may know."""
