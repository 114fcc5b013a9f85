"""UnreadableFileError: why a file is no readable table."""

from hub.errors import Fault


class UnreadableFileError(ValueError):
    """A file is not the table it claims to be: a code of the texts, and facts."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def fault(self, name: str) -> Fault:
        """The fault for the file of this name."""
        return Fault("", self.code, {"file": name, **self.facts})
