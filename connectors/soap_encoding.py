"""Types of SOAP 1.1 encoding (W3C note of 2000-05-08, section 5) that rpc/encoded WSDLs refer to.

They import the schema without a location, and partners' networks do not reach W3C.
"""

ADDRESS = "http://schemas.xmlsoap.org/soap/encoding"
_TYPES = (
    "string",
    "boolean",
    "int",
    "long",
    "short",
    "byte",
    "integer",
    "decimal",
    "float",
    "double",
)
_TIMES = ("dateTime", "date", "time", "base64Binary", "anyURI", "QName")
_SIMPLE = "".join(
    f'<xs:simpleType name="{name}"><xs:restriction base="xs:{name}"/></xs:simpleType>'
    for name in (*_TYPES, *_TIMES)
)
SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="{ADDRESS}/"
    targetNamespace="{ADDRESS}/">
  <xs:attribute name="arrayType" type="xs:string"/>
  <xs:attribute name="offset" type="xs:string"/>
  <xs:attributeGroup name="commonAttributes">
    <xs:attribute name="id" type="xs:ID"/>
    <xs:attribute name="href" type="xs:anyURI"/>
  </xs:attributeGroup>
  <xs:complexType name="Array">
    <xs:sequence>
<xs:any namespace="##any" minOccurs="0" maxOccurs="unbounded" processContents="lax"/>
</xs:sequence>
    <xs:attribute ref="tns:arrayType"/>
    <xs:attribute ref="tns:offset"/>
    <xs:attributeGroup ref="tns:commonAttributes"/>
  </xs:complexType>
  <xs:element name="Array" type="tns:Array"/>
  <xs:simpleType name="base64"><xs:restriction base="xs:base64Binary"/></xs:simpleType>
  {_SIMPLE}
</xs:schema>""".encode()
