"""The WSDL 1.1 (document/literal, SOAP 1.1) of a declared partner, made from its routes."""

from collections.abc import Iterable, Iterator, Mapping

from sandbox.declared.words import Declaration, Http, Soap

SPACES = (
    'xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"'
)
MESSAGES = (
    '<wsdl:message name="{0}Request"><wsdl:part name="body" element="tns:{0}"/></wsdl:message>\n'
    '<wsdl:message name="{0}Answer"><wsdl:part name="body" element="tns:{0}Response"/>'
    "</wsdl:message>\n"
)
PORT = (
    '<wsdl:operation name="{0}"><wsdl:input message="tns:{0}Request"/>'
    '<wsdl:output message="tns:{0}Answer"/></wsdl:operation>\n'
)
BINDING = (
    '<wsdl:operation name="{0}"><soap:operation soapAction="{1}:{0}"/>'
    '<wsdl:input><soap:body use="literal"/></wsdl:input>'
    '<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>\n'
)
DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="{name}Service" targetNamespace="{space}" xmlns:tns="{space}" {spaces}>
<wsdl:types><xsd:schema targetNamespace="{space}" elementFormDefault="qualified">
{types}</xsd:schema></wsdl:types>
{messages}<wsdl:portType name="{name}Port">
{ports}</wsdl:portType>
<wsdl:binding name="{name}Binding" type="tns:{name}Port">
<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
{bindings}</wsdl:binding>
<wsdl:service name="{name}Service"><wsdl:port name="{name}Port" binding="tns:{name}Binding">
<soap:address location="{address}"/>
</wsdl:port></wsdl:service>
</wsdl:definitions>
"""
TEXT, VERDICT = 'type="xsd:string"', 'type="tns:Verdict"'
MANY = ' maxOccurs="unbounded"'


def wsdl(declaration: Declaration, routes: Iterable[tuple[str, str]], address: str) -> str:
    """Describe the operations of (resource, route) pairs, called at an address."""
    http = declaration.http
    if http is None or http.soap is None:
        raise TypeError(declaration)
    soap = http.soap
    operations = {route.partition("/")[0]: resource for resource, route in routes}
    kinds = dict(_kinds(declaration, http, operations))
    return DOCUMENT.format(
        name=soap.name,
        space=soap.namespace,
        spaces=SPACES,
        address=address,
        types="".join(
            f'<xsd:complexType name="{name}">{_sequence(dict.fromkeys(fields, TEXT))}'
            "</xsd:complexType>\n"
            for name, fields in kinds.items()
        )
        + "".join(
            _element(name, takes) + _element(f"{name}Response", gives)
            for name, resource in operations.items()
            for takes, gives in [_parts(declaration, soap, resource)]
        ),
        messages="".join(MESSAGES.format(name) for name in operations),
        ports="".join(PORT.format(name) for name in operations),
        bindings="".join(BINDING.format(name, soap.namespace) for name in operations),
    )


def _kinds(
    declaration: Declaration, http: Http, operations: Mapping[str, str]
) -> Iterator[tuple[str, Iterable[str]]]:
    """The kinds of records that stand in elements: of what is offered, taken and answered."""
    if http.soap and http.soap.inner:
        return
    yield "Verdict", http.verdict
    for name in operations.values():
        if name in declaration.shares:
            yield f"{name}.record", declaration.shares[name].fields
    for name, take in declaration.takes.items():
        yield f"{name}.record", take.fields


def _parts(
    declaration: Declaration, soap: Soap, resource: str
) -> tuple[dict[str, str], dict[str, str]]:
    """What an operation takes and what it gives: name and type of each part."""
    http = declaration.http
    if soap.inner or http is None:
        at = soap.inner.at if soap.inner else ""
        return {f"{soap.argument}{n}": TEXT for n, _ in enumerate(soap.arguments)}, {at: TEXT}
    ask, of = http.ask, http.held.of if http.held and resource == "held" else resource
    record = f'type="tns:{of}.record"{MANY}'
    answers = http.verdicts if isinstance(http.verdicts, dict) else ()
    if resource in declaration.takes:
        return {http.records: record}, dict.fromkeys(answers, VERDICT + MANY)
    if of not in (*declaration.shares, *declaration.takes):
        return {http.receipt: TEXT}, dict.fromkeys(answers, VERDICT)
    asked = filter(None, (ask.since if resource != "held" else "", ask.token, ask.size))
    given = {name: record if value == "$list" else TEXT for name, value in http.page.items()}
    return dict.fromkeys(asked, TEXT), given


def _element(name: str, parts: Mapping[str, str]) -> str:
    return (
        f'<xsd:element name="{name}"><xsd:complexType>{_sequence(parts)}</xsd:complexType>'
        "</xsd:element>\n"
    )


def _sequence(parts: Mapping[str, str]) -> str:
    """Parts that may all be left out: name and kind of each."""
    inner = "".join(
        f'<xsd:element name="{name}" minOccurs="0" {kind}/>' for name, kind in parts.items()
    )
    return f"<xsd:sequence>{inner}</xsd:sequence>"
