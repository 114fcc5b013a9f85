"""Files that cannot be read, with the reason."""

from hub.errors import Fault


class UnreadableFileError(ValueError):
    """A file is not the table that its name promises: why (a code of the texts), with which
    facts.
    """

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def fault(self, name: str) -> Fault:
        """What is to be said of the file of this name."""
        return Fault("", self.code, {"file": name, **self.facts})
