"""Wrong usage of a command, in the screen's language: typer says it in English alone."""

import re

from typer.exceptions import TyperException

from hub.texts import Language, tell

EXTRA = " unexpected extra argument(s) ("
NUMBER = re.compile(r"\d+")


def wrong_usage(error: TyperException, lang: Language) -> str:
    """The sentence for an error of the parser; what it does not know stays as typer says it.

    The classes are told by their names: they lie in a private module of typer.
    """
    name, parameter = repr(getattr(error, "option_name", "")), getattr(error, "param", None)
    hint = parameter.get_error_hint() if parameter is not None else ""
    said = error.format_message()
    match type(error).__name__:
        case "NoSuchOption":
            said = tell("没有选项 {name}。", lang, name=name)
            if near := ", ".join(sorted(getattr(error, "possibilities", None) or ())):
                said += tell("相近的选项：{names}。", lang, names=near)
        case "MissingParameter":
            said = tell("缺少 {name}。", lang, name=hint)
        case "BadOptionUsage" if " not take a value" in said:
            said = tell("选项 {name} 不带值。", lang, name=name)
        case "BadOptionUsage":
            wanted = NUMBER.search(said.rpartition(" requires ")[2])
            number = wanted[0] if wanted else "1"
            said = tell("选项 {name} 需要 {number} 个值。", lang, name=name, number=number)
        case "BadParameter" if parameter is None:  # raised by a command, which names its ways
            said = tell("请指定：{names}。", lang, names=error.message)
        case "BadParameter" if parameter is not None and lang == "zh":
            kind = parameter.display_type(getattr(error, "ctx", None)) + _bounds(parameter)
            said = tell("{name} 的值无效，应为 {kind}。", lang, name=hint, kind=kind)
        case "UsageError" if EXTRA in said:
            names = said.partition(EXTRA)[2].removesuffix(")")
            said = tell("多余的参数：{names}。", lang, names=names)
    return said


def _bounds(parameter: object) -> str:
    """The bounds of a number that a parameter takes, as ` (≥ 1, ≤ 9)`."""
    bounds = [
        f"{sign} {bound}"
        for sign, name in (("≥", "min"), ("≤", "max"))
        if (bound := getattr(parameter, name, None)) is not None
    ]
    return f" ({', '.join(bounds)})" if bounds else ""
