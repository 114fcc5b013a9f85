"""The WSDL of a service: location, operations, arguments.

Only the connection's own host is called, whatever host a WSDL names: WSDLs made inside a partner's
network name hosts unknown outside, and credentials must go nowhere else.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import zeep
from lxml import etree
from requests import Request, Response
from zeep.wsdl.bindings.soap import SoapBinding
from zeep.wsse.username import UsernameToken

from connectors import soap_encoding
from connectors.envelopes import DeclaredEntityError, refuse_entities
from connectors.web import Web, check_status
from hub.errors import FlowError
from hub.model import Json

BROKEN = (
    zeep.exceptions.Error,
    etree.Error,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    NotImplementedError,
)


def misfit(system: str, option: str, detail: str) -> FlowError:
    """The error for a contract that does not fit the WSDL; option: which part of the contract."""
    return FlowError("system.contract", system=system, option=option, detail=detail)


class Wire(zeep.Transport):
    """zeep's transport over `Web`, so that rate limit, timeouts and errors are the same."""

    def __init__(self, web: Web, base: str) -> None:
        super().__init__(session=web.session)  # type: ignore[no-untyped-call] # zeep has few types
        self._web = web
        self._base = urlsplit(base)

    def load(self, url: str) -> bytes:
        """A WSDL or an import of it, from the connection's host."""
        if url.rstrip("/") == soap_encoding.ADDRESS:
            return soap_encoding.SCHEMA
        here = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        response = self._web.call(Request("GET", here.geturl()))
        try:
            check_status(response, system=self._web.system)
        except FlowError as error:
            if error.code == "system.credentials":
                raise
            detail = f"{here.path}?{here.query}: HTTP {response.status_code}"
            raise misfit(self._web.system, "connect.wsdl", detail) from None
        try:
            refuse_entities(response.content)
        except DeclaredEntityError:
            raise misfit(
                self._web.system, "connect.wsdl", f"{here.path}?{here.query}: <!ENTITY"
            ) from None
        return response.content

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Response:
        return self._web.call(Request("POST", address, data=message, headers=headers))


class Service:
    """A service's operations; its WSDL is read at the first call."""

    def __init__(
        self, web: Web, base: str, *, wsdl: str, path: str, proof: UsernameToken | None
    ) -> None:
        self._web = web
        self._system = web.system
        self._base = base
        self._wsdl = wsdl
        self._path = path
        self._proof = proof
        self._proxies: list[zeep.proxy.ServiceProxy] | None = None

    def call(
        self, operation: str, positional: Sequence[Json], named: Mapping[str, Json], *, option: str
    ) -> Response:
        """Call an operation. What does not fit the WSDL is raised before anything is sent."""
        proxy = self._proxy(operation, option=option)
        parts = _parts(proxy, operation)
        filled = {
            name: _empty(parts.get(name)) if value is None else value
            for name, value in named.items()
        }
        wanted = {name: value for name, value in filled.items() if value is not None}
        try:
            response: Response = proxy[operation](*positional, **wanted)
        except (zeep.exceptions.Error, AttributeError, TypeError):  # the texts may quote values
            takes = ", ".join(parts) or "nothing"
            given = ", ".join([*(f"{len(positional)} by order" for _ in positional[:1]), *wanted])
            raise misfit(
                self._system, option, f"{operation} takes: {takes}; given: {given or 'nothing'}"
            ) from None
        return response

    def _proxy(self, operation: str, *, option: str) -> zeep.proxy.ServiceProxy:
        proxies = self._read() if self._proxies is None else self._proxies
        self._proxies = proxies
        for proxy in proxies:
            if operation in proxy._operations:  # noqa: SLF001 -- zeep has no other list of names
                return proxy
        # likewise
        known = sorted({name for proxy in proxies for name in proxy._operations})  # noqa: SLF001
        raise misfit(
            self._system,
            f"{option}.operation",
            f"{operation}; the WSDL has operations: {', '.join(known)}",
        )

    def _read(self) -> list[zeep.proxy.ServiceProxy]:
        """A proxy for each SOAP port of the WSDL."""
        where = self.address()
        try:
            client = zeep.Client(  # type: ignore[no-untyped-call] # zeep has few types
                where,
                wsse=self._proof,
                transport=Wire(self._web, self._base),
                settings=zeep.Settings(raw_response=True, strict=False, xml_huge_tree=True),
            )
            ports = [
                port for service in client.wsdl.services.values() for port in service.ports.values()
            ]
            found = [
                client.create_service(
                    str(port.binding.name), self._endpoint(port.binding_options["address"])
                )  # type: ignore[no-untyped-call] # likewise
                for port in ports
                if isinstance(port.binding, SoapBinding)
            ]
        except BROKEN as error:
            raise self._no_wsdl(where, type(error).__name__) from None
        if not found:
            raise self._no_wsdl(where, "no SOAP service in it")
        return found

    def _no_wsdl(self, where: str, why: str) -> FlowError:
        parts = urlsplit(where)
        shown = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return misfit(self._system, "connect.wsdl", f"{shown} is no WSDL: {why}")

    def address(self) -> str:
        """The WSDL's address, on the connection's host."""
        if "://" in self._wsdl:
            named, own = urlsplit(self._wsdl), urlsplit(self._base)
            if named.hostname != own.hostname:
                raise misfit(
                    self._system,
                    "connect.wsdl",
                    "not at the connection's host; give what follows it",
                )
            return named._replace(scheme=own.scheme, netloc=own.netloc).geturl()
        return (
            f"{self._base}{self._wsdl}"
            if self._wsdl.startswith("?")
            else f"{self._base}/{self._wsdl.lstrip('/')}"
        )

    def _endpoint(self, named: str) -> str:
        """The address to call, on the connection's host."""
        there = urlsplit(named)
        path = self._path or there._replace(scheme="", netloc="").geturl()
        own = urlsplit(self._base)
        return f"{own.scheme}://{own.netloc}/{path.lstrip('/')}"


def _parts(proxy: zeep.proxy.ServiceProxy, operation: str) -> dict[str, zeep.xsd.Element]:
    """Arguments of an operation by name, in order."""
    # zeep has no other list of names
    body = proxy._binding.get(operation).input.body  # noqa: SLF001
    return {str(name): part for name, part in getattr(getattr(body, "type", None), "elements", [])}


def _empty(part: zeep.xsd.Element | None) -> object:
    """The value for a missing argument: omitted if optional, else an empty text or nil."""
    if part is None or getattr(part, "is_optional", True):
        return None
    return "" if isinstance(part.type, zeep.xsd.String) else zeep.xsd.Nil
