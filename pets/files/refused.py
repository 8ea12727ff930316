"""A file that cannot be taken."""


class RefusedFile(ValueError):
    """A file that cannot be taken; the message says why and what to do."""
