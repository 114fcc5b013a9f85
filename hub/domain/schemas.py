"""Compiled JSON Schemas (2020-12), with a pattern engine that never backtracks."""

from collections.abc import Callable, Mapping

from jsonschema_rs import Draft202012Validator, RegexOptions

from hub.model import Json

# A deployment writes patterns into its schemas, and partners the texts that they meet. This engine
# takes time in proportion to the text and bounded memory; it knows no look-around and no
# references to groups, which `hub check` refuses (contract.expression_invalid).
_LINEAR = RegexOptions(size_limit=1 << 20, dfa_size_limit=1 << 20)


def compiled(
    schema: Mapping[str, Json], *, formats: Mapping[str, Callable[[str], bool]] | None = None
) -> Draft202012Validator:
    """The validator of a schema; ValueError for an invalid one, or a non-linear pattern.

    formats: checkers by name; without them formats are not checked.
    """
    return Draft202012Validator(
        dict(schema),
        formats=dict(formats or {}),
        validate_formats=formats is not None,
        pattern_options=_LINEAR,
    )
