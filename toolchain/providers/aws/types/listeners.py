"""Listeners of load balancers."""

from typing import Any

from toolchain.providers.aws import records
from toolchain.providers.aws.call import Call
from toolchain.providers.aws.errors import refused
from toolchain.providers.aws.table import Type
from toolchain.providers.aws.translation import api, first, wire
from toolchain.providers.aws.types import certificates, elb, forwarding
from toolchain.providers.aws.types.elb import Attribute, Table
from toolchain.providers.aws.values import Inputs, Outputs

SECURE = ("HTTPS", "TLS")
"""Protocols that show a certificate."""
_REQUESTS = ("HTTP", "HTTPS")
_RESPONSE = "routing.http.response"
_CORS = f"{_RESPONSE}.access_control"


def _header(key: str) -> Attribute:
    return Attribute(f"{key}.header_value", "", _REQUESTS)


ATTRIBUTES: Table = {
    "routingHttpResponseServerEnabled": Attribute(f"{_RESPONSE}.server.enabled", True, _REQUESTS),
    "routingHttpResponseStrictTransportSecurityHeaderValue": _header(
        f"{_RESPONSE}.strict_transport_security"
    ),
    "routingHttpResponseContentSecurityPolicyHeaderValue": _header(
        f"{_RESPONSE}.content_security_policy"
    ),
    "routingHttpResponseXContentTypeOptionsHeaderValue": _header(
        f"{_RESPONSE}.x_content_type_options"
    ),
    "routingHttpResponseXFrameOptionsHeaderValue": _header(f"{_RESPONSE}.x_frame_options"),
    "routingHttpResponseAccessControlAllowCredentialsHeaderValue": _header(
        f"{_CORS}_allow_credentials"
    ),
    "routingHttpResponseAccessControlAllowHeadersHeaderValue": _header(f"{_CORS}_allow_headers"),
    "routingHttpResponseAccessControlAllowMethodsHeaderValue": _header(f"{_CORS}_allow_methods"),
    "routingHttpResponseAccessControlAllowOriginHeaderValue": _header(f"{_CORS}_allow_origin"),
    "routingHttpResponseAccessControlExposeHeadersHeaderValue": _header(f"{_CORS}_expose_headers"),
    "routingHttpResponseAccessControlMaxAgeHeaderValue": _header(f"{_CORS}_max_age"),
    "tcpIdleTimeoutSeconds": Attribute("tcp.idle_timeout.seconds", 350, ("TCP",)),
}


def _create(call: Call, inputs: Inputs) -> str:
    chosen = forwarding.actions(inputs["defaultActions"])
    _check(call, inputs, chosen, "CreateListener")
    made = call.api.create_listener(
        **api(inputs, "loadBalancerArn", "port", "protocol", "sslPolicy"),
        **_certificates(inputs),
        **({"AlpnPolicy": [inputs["alpnPolicy"]]} if "alpnPolicy" in inputs else {}),
        DefaultActions=chosen,
        **elb.tagged(call),
    )
    arn = call.made(made["Listeners"][0]["ListenerArn"])
    _set_attributes(call, arn, inputs, {})
    return arn


def _certificates(inputs: Inputs) -> dict[str, Any]:
    given = inputs.get("certificateArn")
    return {"Certificates": [{"CertificateArn": given}]} if given else {}


def _check(
    call: Call, inputs: Inputs, chosen: list[dict[str, Any]], operation: str, itself: str = ""
) -> None:
    arn = inputs["loadBalancerArn"]
    (balancer,) = call.api.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    for other in call.api.describe_listeners(LoadBalancerArn=arn)["Listeners"]:
        if other["Port"] == inputs.get("port") and other["ListenerArn"] != itself:
            raise refused(
                "DuplicateListener",
                f"A listener already exists on this port for this load balancer '{arn}'",
                operation,
            )
    _check_secrecy(call, inputs, operation)
    forwarding.check_actions(call, balancer, chosen, operation)
    for key in elb.foreign(ATTRIBUTES, inputs.get("protocol", ""), inputs):
        raise refused(
            "ValidationError",
            f"Listener attribute key '{key}' is not recognized: a listener with protocol "
            f"{inputs.get('protocol')} has none",
            "ModifyListenerAttributes",
        )


def _check_secrecy(call: Call, inputs: Inputs, operation: str) -> None:
    protocol, given = inputs.get("protocol"), inputs.get("certificateArn")
    if protocol not in SECURE:
        for name in ("certificateArn", "sslPolicy", "alpnPolicy"):
            if inputs.get(name):
                raise refused(
                    "ValidationError",
                    f"{name} cannot be specified for a listener with protocol {protocol}",
                    operation,
                )
        return
    if not given:
        raise refused(
            "CertificateNotFound",
            f"A certificate must be specified for {protocol} listeners",
            operation,
        )
    certificates.check_usable(call, given, operation)
    policy = inputs.get("sslPolicy")
    if policy and not call.api.describe_ssl_policies(Names=[policy])["SslPolicies"]:
        raise refused("SSLPolicyNotFound", f"SSL policy '{policy}' not found", operation)
    if inputs.get("alpnPolicy") and protocol != "TLS":
        raise refused("ValidationError", "ALPN policies are for TLS listeners only", operation)


def _set_attributes(call: Call, arn: str, new: Inputs, old: Inputs) -> None:
    attributes = elb.wanted(ATTRIBUTES, new.get("protocol", ""), new, old)
    if attributes:
        call.api.modify_listener_attributes(ListenerArn=arn, Attributes=attributes)


def _change(call: Call, arn: str, new: Inputs, old: Inputs) -> None:
    chosen = forwarding.actions(new["defaultActions"])
    _check(call, new, chosen, "ModifyListener", arn)
    # Moto does not know the protocol TLS here: it is named only if it has become another.
    moved = {name: value for name, value in new.items() if value != old.get(name)}
    call.api.modify_listener(
        ListenerArn=arn,
        **api(moved, "port", "protocol", "sslPolicy"),
        **_certificates(new),
        DefaultActions=chosen,
    )
    if "certificateArn" in moved:
        _show(call, arn, new["certificateArn"])
    if "alpnPolicy" in moved or "alpnPolicy" in old.keys() - new.keys():
        # Moto does not change it.
        records.write(call, arn, {"alpnPolicy": new.get("alpnPolicy")})
    _set_attributes(call, arn, new, old)


def _show(call: Call, arn: str, certificate: str) -> None:
    """Moto passes over the certificate of a TLS listener in its ModifyListener."""
    found = call.api.describe_listener_certificates(ListenerArn=arn)["Certificates"]
    former = [each["CertificateArn"] for each in found]
    if former != [certificate]:
        call.api.remove_listener_certificates(
            ListenerArn=arn, Certificates=[{"CertificateArn": each} for each in former]
        )
        call.api.add_listener_certificates(
            ListenerArn=arn, Certificates=[{"CertificateArn": certificate}]
        )


def _read(call: Call, arn: str) -> Outputs | None:
    listener = first(call.api.describe_listeners(ListenerArns=[arn])["Listeners"])
    if listener is None:
        return None
    protocol = listener["Protocol"]
    answer = call.api.describe_listener_attributes(ListenerArn=arn)["Attributes"]
    secure: Outputs = {"sslPolicy": ""}
    if protocol in SECURE:
        secure = {
            **wire(listener, "sslPolicy"),
            "certificateArn": listener["Certificates"][0]["CertificateArn"],
            "alpnPolicy": next(iter(listener.get("AlpnPolicy", ())), None),
            **(records.read(call, arn) or {}),
        }
    return {
        **wire(listener, "loadBalancerArn", "port", "protocol", arn="ListenerArn"),
        **secure,
        **({"mutualAuthentication": {"mode": "off"}} if protocol == "HTTPS" else {}),
        "defaultActions": forwarding.read_actions(listener["DefaultActions"]),
        **elb.found(ATTRIBUTES, protocol, elb.listed(answer)),
        "tags": elb.tags_of(call, arn),
    }


def _delete(call: Call, arn: str) -> None:
    records.remove(call, arn)
    call.api.delete_listener(ListenerArn=arn)


_REQUEST = "routingHttpRequestXAmzn"
LISTENER = Type(
    "aws:lb/listener:Listener",
    service="elbv2",
    create=_create,
    read=_read,
    update=_change,
    delete=_delete,
    tag=elb.tag,
    updates=(
        *ATTRIBUTES,
        "alpnPolicy",
        "certificateArn",
        "defaultActions",
        "port",
        "protocol",
        "sslPolicy",
    ),
    replaces=("loadBalancerArn",),
    absent=(
        "tcpIdleTimeoutSeconds",
        *(
            f"{_REQUEST}MtlsClientcert{what}HeaderName"
            for what in ("", "Issuer", "Leaf", "SerialNumber", "Subject", "Validity")
        ),
        f"{_REQUEST}TlsCipherSuiteHeaderName",
        f"{_REQUEST}TlsVersionHeaderName",
    ),
)

TYPES = (LISTENER,)
