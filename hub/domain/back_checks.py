"""Checks of `back:` in pull mappings: who writes it, and that it writes nothing that is read."""

from hub.domain import paths
from hub.domain.documents import mapping, texts
from hub.domain.flows import FlowCompiler, connector_of, rules_of
from hub.domain.library import ContractFile
from hub.domain.pull_values import sources
from hub.domain.write_back import written_columns


def check(shop: FlowCompiler, filed: ContractFile) -> None:
    """Note what is wrong with a pull's `back:`, if it has one."""
    said, library = mapping(filed.says.get("back")), shop.library
    if "back" not in filed.says:
        return
    name = str(said.get("via", connector_of(shop, filed)))
    known = library.connectors.get(name)
    if known is None or known.back is None:
        able = ", ".join(sorted(one for one, has in library.connectors.items() if has.back))
        facts = {"connector": name, "able": able or "—"}
        library.note(filed.document, ("back",), "contract.back_unable", **facts)
        return
    system = shop.systems.get(filed.system)
    connect = system.connect.get(name, {}) if system else {}
    options = {word: value for word, value in said.items() if word != "via"}
    library.check(filed.document, known.back, where=("back",), value=options, connect=connect)
    if "each" in filed.says:
        library.note(filed.document, ("back",), "contract.back_parts")
    read = _columns_read(filed)
    for column in written_columns(said) if "table" in said else ():
        if column in read:
            library.note(filed.document, ("back",), "contract.back_mapped", column=column)


def _columns_read(filed: ContractFile) -> set[str]:
    """The columns that a mapping reads for anything."""
    says = filed.says
    read = [path for rule in rules_of(filed) for path in sources(rule)]
    read += [*texts(says.get("version")), *texts(says.get("time"))]
    read += [path for one in says["key"] for path in texts(one)]  # type: ignore[union-attr] # a list by grammar
    read += mapping(says.get("deleted_when"))
    read += [path for wanted in mapping(says.get("skip_when")).values() for path in mapping(wanted)]
    secret = mapping(says.get("secret"))
    read += [*texts(secret.get("field")), *texts(mapping(secret.get("persons")).get("field"))]
    return {str(paths.steps(path)[0]) for path in read}
