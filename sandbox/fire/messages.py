"""What the fire service says of itself: its operations, their fields, and the WSDL made from
them.
"""

from dataclasses import dataclass

NAMESPACE = "urn:xfsc:jsgcxf:1.0"

# Every query gives records of one kind; the fields that all three kinds have come first.
_SHARED = (
    "XFYWLSH", "XMDM", "GCDM", "SPSXSLBM", "SPLCLX", "XZQHDM", "GCMC", "GCDZ", "JSDW", "JSDWDM",
    "JSDWXMFZR", "GCTZE", "ZJZMJ", "SQRQ", "SPJG", "SJSCZT", "SCDW", "SCRQ", "SCYJ", "CZWT",
)  # fmt: skip
_TAIL = ("SJYXBS", "GXSJ")
REVIEW = (*_SHARED, "GCGHXKZBH", "GCGHXKRQ", "TSJSGCQX", "TSXFSJ", "SFJQXXF", "SCYJSWH", *_TAIL)
ACCEPTANCE = (
    *_SHARED, "GCGHXKZBH", "GGFZRQ", "TSGCXFSJSCWH", "SCHGRQ", "ZMWH", "FZHPZKGRQ", "YSYJSWH",
    *_TAIL,
)  # fmt: skip
FILING = (
    *_SHARED, "GCGHXKZWJ", "JSGCGHXKRQ", "ZMWH", "FZHPZKGRQ", "BABBH", "CCJGTZSWH", "CCJG", "SFFC",
    *_TAIL,
)  # fmt: skip

PROJECT = (
    "YWZJ", "XMDM", "GCDM", "XMMC", "XZQHDM", "GCDZ", "JSDW", "JSDWDM", "GCTZE", "ZJZMJ", "NKGSJ",
    "NJCSJ", "SJYXBS",
)  # fmt: skip
PERMIT = ("YWZJ", "XMDM", "GCDM", "ZJLX", "ZMWH", "FZHPZKGRQ", "FZJG", "XMMC", "JSDW", "SJYXBS")
RESULT = ("YWZJ", "SJSCZT", "SBYY")


@dataclass(frozen=True, slots=True)
class Operation:
    """A request's and an answer's parts: name -> (type, how often at least, how often at most)."""

    name: str
    takes: dict[str, tuple[str, str, str]]
    gives: dict[str, tuple[str, str, str]]


def _query(kind: str) -> Operation:
    return Operation(
        f"Query{kind}",
        {
            "since": ("xsd:string", "0", "1"),
            "token": ("xsd:string", "0", "1"),
            "size": ("xsd:int", "0", "1"),
        },
        {"record": (f"tns:{kind}Record", "0", "unbounded"), "nextToken": ("xsd:string", "0", "1")},
    )


def _push(kind: str) -> Operation:
    return Operation(
        f"Push{kind}",
        {"record": (f"tns:{kind}Record", "1", "unbounded")},
        {"result": ("tns:Result", "0", "unbounded")},
    )


RECORDS = {
    "ReviewRecord": REVIEW,
    "AcceptanceRecord": ACCEPTANCE,
    "FilingRecord": FILING,
    "ProjectRecord": PROJECT,
    "PermitRecord": PERMIT,
    "Result": RESULT,
}
OPERATIONS = (
    _query("Review"),
    _query("Acceptance"),
    _query("Filing"),
    _push("Project"),
    _push("Permit"),
    Operation(
        "ListProject",
        {"token": ("xsd:string", "0", "1"), "size": ("xsd:int", "0", "1")},
        {"record": ("tns:ProjectRecord", "0", "unbounded"), "nextToken": ("xsd:string", "0", "1")},
    ),
    Operation(
        "GetPush",
        {"YWZJ": ("xsd:string", "1", "1")},
        {"result": ("tns:Result", "0", "1")},
    ),
)


def wsdl(address: str) -> str:
    """Give the WSDL 1.1 document (document/literal, SOAP 1.1) of the service at `address`."""
    names = [operation.name for operation in OPERATIONS]
    return _WSDL.format(
        namespace=NAMESPACE,
        address=address,
        types="".join(_record(name, fields) for name, fields in RECORDS.items())
        + "".join(
            _element(operation.name, operation.takes)
            + _element(f"{operation.name}Response", operation.gives)
            for operation in OPERATIONS
        ),
        messages="".join(_MESSAGES.format(name=name) for name in names),
        ports="".join(_PORT_OPERATION.format(name=name) for name in names),
        bindings="".join(
            _BINDING_OPERATION.format(name=name, namespace=NAMESPACE) for name in names
        ),
    )


def _record(name: str, fields: tuple[str, ...]) -> str:
    parts = "".join(
        f'<xsd:element name="{field}" type="xsd:string" minOccurs="0"/>' for field in fields
    )
    return (
        f'<xsd:complexType name="{name}"><xsd:sequence>{parts}</xsd:sequence></xsd:complexType>\n'
    )


def _element(name: str, parts: dict[str, tuple[str, str, str]]) -> str:
    inner = "".join(
        f'<xsd:element name="{part}" type="{kind}" minOccurs="{least}" maxOccurs="{most}"/>'
        for part, (kind, least, most) in parts.items()
    )
    return (
        f'<xsd:element name="{name}"><xsd:complexType><xsd:sequence>{inner}'
        "</xsd:sequence></xsd:complexType></xsd:element>\n"
    )


_WSDL = """<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="FireService" targetNamespace="{namespace}" xmlns:tns="{namespace}"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<wsdl:types>
<xsd:schema targetNamespace="{namespace}" elementFormDefault="qualified">
{types}</xsd:schema>
</wsdl:types>
{messages}<wsdl:portType name="FirePort">
{ports}</wsdl:portType>
<wsdl:binding name="FireBinding" type="tns:FirePort">
<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
{bindings}</wsdl:binding>
<wsdl:service name="FireService">
<wsdl:port name="FirePort" binding="tns:FireBinding">
<soap:address location="{address}"/>
</wsdl:port>
</wsdl:service>
</wsdl:definitions>
"""
_MESSAGES = (
    '<wsdl:message name="{name}Request"><wsdl:part name="body" '
    'element="tns:{name}"/></wsdl:message>\n'
    '<wsdl:message name="{name}Answer"><wsdl:part name="body" '
    'element="tns:{name}Response"/></wsdl:message>\n'
)
_PORT_OPERATION = (
    '<wsdl:operation name="{name}"><wsdl:input message="tns:{name}Request"/>'
    '<wsdl:output message="tns:{name}Answer"/></wsdl:operation>\n'
)
_BINDING_OPERATION = (
    '<wsdl:operation name="{name}"><soap:operation soapAction="{namespace}:{name}"/>'
    '<wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body '
    'use="literal"/></wsdl:output>'
    "</wsdl:operation>\n"
)
