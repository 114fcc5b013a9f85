"""What can be wrong with a contract file."""

from collections.abc import Mapping

from hub.texts.text import Text

CONTRACTS: Mapping[str, Text] = {}
