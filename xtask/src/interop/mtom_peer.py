"""Signs and verifies messages with attachments by lxml (libxml2) and the openssl command.

It shares no code with ksz, and does what XOP says in the plainest way: it puts base64 where xop:Include stands, and then
signs or verifies the envelope like any other.

    mtom_peer.py verify CONTENT-TYPE PACKAGE CERTIFICATE      says "rebuilt=… as-sent=…": good or bad
    mtom_peer.py sign MODE KEY CERTIFICATE ATTACHMENT PACKAGE says the Content-Type; MODE is rebuilt, as-sent or token
"""

import base64
import datetime
import email.parser
import hashlib
import subprocess
import sys
import urllib.parse

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = OASIS + "wssecurity-secext-1.0.xsd"
WSU = OASIS + "wssecurity-utility-1.0.xsd"
X509 = OASIS + "x509-token-profile-1.0#X509v3"
BASE64 = OASIS + "soap-message-security-1.0#Base64Binary"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
XOP = "http://www.w3.org/2004/08/xop/include"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
METHODS = {
    "rsa": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "ec": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}


def openssl(*arguments, octets=b""):
    return subprocess.run(["openssl", *arguments], input=octets, capture_output=True, check=True).stdout


def canonical(element, prefixes=None):
    return etree.tostring(element, method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes)


def digest(element, prefixes=None):
    return base64.b64encode(hashlib.sha256(canonical(element, prefixes)).digest()).decode()


def children_by_identifier(envelope):
    return {element.get(f"{{{WSU}}}Id"): element for element in envelope.iter() if element.get(f"{{{WSU}}}Id")}


def split(content_type, octets):
    """The root of a package, and the other parts by their Content-ID."""
    outer = email.parser.Parser().parsestr(f"Content-Type: {content_type}\n\n")
    assert outer.get_content_type() == "multipart/related", content_type
    assert outer.get_param("type") == "application/xop+xml", content_type
    delimiter = b"\r\n--" + outer.get_param("boundary").encode()
    _, *pieces = (b"\r\n" + octets).split(delimiter)
    assert pieces[-1].startswith(b"--"), "no closing boundary"
    parts = {}
    for piece in pieces[:-1]:
        head, body = piece.split(b"\r\n\r\n", 1)
        headers = email.parser.BytesParser().parsebytes(head.lstrip() + b"\r\n\r\n")
        assert headers.get("Content-Transfer-Encoding", "binary") == "binary"
        parts[headers["Content-ID"].strip("<>")] = body
    return parts.pop(outer.get_param("start").strip("<>")), parts


def rebuilt(root, parts):
    """The envelope with base64 where parts are included (XOP 1.0 section 3.2)."""
    envelope = etree.fromstring(root)
    for include in list(envelope.iter(f"{{{XOP}}}Include")):
        parent = include.getparent()
        assert len(parent) == 1 and not parent.text and not include.tail, "an Include is not alone"
        name = urllib.parse.unquote(include.get("href").removeprefix("cid:"))
        parent.remove(include)
        parent.text = base64.b64encode(parts[name]).decode()
    return envelope


def integer(octets):
    """An INTEGER of DER."""
    octets = octets.lstrip(b"\0")
    octets = (b"\0" if not octets or octets[0] > 127 else b"") + octets
    return bytes([2, len(octets)]) + octets


def verifies(envelope, certificate):
    signature = envelope.find(f".//{{{DS}}}Signature")
    signed_info = signature.find(f"{{{DS}}}SignedInfo")
    elements = children_by_identifier(envelope)
    for reference in signed_info.findall(f"{{{DS}}}Reference"):
        listed = reference.find(f".//{{{EXC}}}InclusiveNamespaces")
        prefixes = listed.get("PrefixList").split() if listed is not None else None
        if digest(elements[reference.get("URI")[1:]], prefixes) != reference.findtext(f"{{{DS}}}DigestValue"):
            return False
    body = envelope.find(f"{{{SOAP}}}Body").get(f"{{{WSU}}}Id")
    assert f"#{body}" in [reference.get("URI") for reference in signed_info.findall(f"{{{DS}}}Reference")]
    value = base64.b64decode(signature.findtext(f"{{{DS}}}SignatureValue"))
    if signed_info.find(f"{{{DS}}}SignatureMethod").get("Algorithm") == METHODS["ec"]:
        numbers = integer(value[:32]) + integer(value[32:])
        value = bytes([0x30, len(numbers)]) + numbers
    listed = signed_info.find(f"{{{DS}}}CanonicalizationMethod/{{{EXC}}}InclusiveNamespaces")
    prefixes = listed.get("PrefixList").split() if listed is not None else None
    with open("signature.bin", "wb") as file:
        file.write(value)
    with open("public.pem", "wb") as file:
        file.write(openssl("x509", "-in", certificate, "-noout", "-pubkey"))
    command = ["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature.bin"]
    try:
        openssl(*command, octets=canonical(signed_info, prefixes))
        return True
    except subprocess.CalledProcessError:
        return False


def verify(content_type, package, certificate):
    with open(package, "rb") as file:
        root, parts = split(content_type, file.read())
    word = {True: "good", False: "bad"}
    whole, sent = rebuilt(root, parts), etree.fromstring(root)
    print(f"rebuilt={word[verifies(whole, certificate)]} as-sent={word[verifies(sent, certificate)]}")


def include(name):
    return f'<xop:Include xmlns:xop="{XOP}" href="cid:{urllib.parse.quote(name)}"/>'


def sign(mode, key, certificate, attachment, package):
    with open(attachment, "rb") as file:
        octets = file.read()
    der = openssl("x509", "-in", certificate, "-outform", "DER")
    token, data = base64.b64encode(der).decode(), base64.b64encode(octets).decode()
    now = datetime.datetime.now(datetime.timezone.utc)
    created, expires = (
        (now + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ") for seconds in (0, 60)
    )
    kind = "ec" if b"id-ecPublicKey" in openssl("x509", "-in", certificate, "-noout", "-text") else "rsa"
    content = include("scan+1@peer") if mode == "as-sent" else data
    envelope = etree.fromstring(
        f"""<s:Envelope xmlns:s="{SOAP}" xmlns:wsu="{WSU}"><s:Header><w:Security xmlns:w="{WSSE}">
        <w:BinarySecurityToken EncodingType="{BASE64}" ValueType="{X509}" wsu:Id="token">{token}</w:BinarySecurityToken>
        <wsu:Timestamp wsu:Id="time"><wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>
        </w:Security></s:Header>
        <s:Body wsu:Id="body"><up:upload xmlns:up="urn:upload"><data>{content}</data></up:upload></s:Body></s:Envelope>"""
    )
    elements = children_by_identifier(envelope)
    references = "".join(
        f'<ds:Reference URI="#{name}"><ds:Transforms><ds:Transform Algorithm="{EXC}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue>{digest(elements[name])}</ds:DigestValue></ds:Reference>'
        for name in ("token", "time", "body")
    )
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXC}"/>'
        f'<ds:SignatureMethod Algorithm="{METHODS[kind]}"/>{references}</ds:SignedInfo><ds:SignatureValue/>'
        f'<ds:KeyInfo><w:SecurityTokenReference xmlns:w="{WSSE}"><w:Reference URI="#token" ValueType="{X509}"/>'
        f"</w:SecurityTokenReference></ds:KeyInfo></ds:Signature>"
    )
    envelope.find(f".//{{{WSSE}}}Security").append(signature)
    value = openssl("dgst", "-sha256", "-sign", key, octets=canonical(signature[0]))
    if kind == "ec":
        first = value[4 : 4 + value[3]]
        value = b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in (first, value[6 + value[3] :]))
    signature[1].text = base64.b64encode(value).decode()

    root = etree.tostring(envelope).decode()
    parts = [("scan+1@peer", octets)]
    if mode != "as-sent":
        root = root.replace(f"<data>{data}</data>", f"<data>{include('scan+1@peer')}</data>")
    if mode == "token":
        root = root.replace(f">{token}<", f">{include('token')}<")
        parts.insert(0, ("token", der))
    parts.insert(1, ("root", root.encode()))
    boundary = "==peer/+=="
    with open(package, "wb") as file:
        file.write(b"a preamble\r\n")
        for name, body in parts:
            file.write(f"--{boundary}\r\ncontent-id: <{name}>\r\n\r\n".encode() + body + b"\r\n")
        file.write(f"--{boundary}--\r\nan epilogue\r\n".encode())
    print(f'Multipart/Related; START="<root>"; boundary="{boundary}"; type="application/xop+xml"; start-info="text/xml"')


{"verify": verify, "sign": sign}[sys.argv[1]](*sys.argv[2:])
