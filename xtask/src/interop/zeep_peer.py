"""Answers for zeep, and for python-xmlsec (libxmlsec1) below it.

Each line it reads is a task, its words parted by tabs, and each line it writes is the answer, "OK" or "FAULT" and
why.

    verify MESSAGE CERTIFICATE          as zeep does, and Timestamp, Body and token must be covered
    sign KEY ENVELOPE SIGNED [token]    KEY is rsa or ec: KEY.key and KEY.pem; zeep signs Body and Timestamp, and
                                        with "token" python-xmlsec signs anew with the token covered too

zeep_verify is a program beside the checkout.
"""

import datetime
import sys
from pathlib import Path

import xmlsec
from lxml import etree
from zeep import ns
from zeep.wsse.signature import BinarySignature
from zeep.wsse.utils import get_security_header

import zeep_verify

METHODS = {"rsa": xmlsec.Transform.RSA_SHA256, "ec": xmlsec.Transform.ECDSA_SHA256}
LIFETIME = datetime.timedelta(seconds=60)


def verify(message, certificate):
    now = datetime.datetime.now(datetime.timezone.utc)
    message, certificate = Path(message).read_bytes(), Path(certificate).read_bytes()
    zeep_verify.verify(message, certificate, LIFETIME, datetime.timedelta(seconds=300), now)


def timestamp():
    element = etree.Element(etree.QName(ns.WSU, "Timestamp"), nsmap={"wsu": ns.WSU})
    now = datetime.datetime.now(datetime.timezone.utc)
    for name, instant in [("Created", now), ("Expires", now + LIFETIME)]:
        etree.SubElement(element, etree.QName(ns.WSU, name)).text = instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    return element


def sign(key, envelope, signed, *parts):
    # From octets: once it has been used, libxmlsec1 lets libxml2 open no files.
    message = etree.fromstring(Path(envelope).read_bytes())
    security = get_security_header(message)
    security.append(timestamp())
    method, digest = METHODS[key], xmlsec.Transform.SHA256
    BinarySignature(f"{key}.key", f"{key}.pem", None, method, digest).apply(message, {})
    if parts == ("token",):
        cover_token(message, security, f"{key}.key")
    Path(signed).write_bytes(etree.tostring(message))


def cover_token(message, security, key):
    signature = security.find(etree.QName(ns.DS, "Signature"))
    token = security.find(etree.QName(ns.WSSE, "BinarySecurityToken"))
    identifier = token.get(etree.QName(ns.WSU, "Id"))
    reference = xmlsec.template.add_reference(signature, xmlsec.Transform.SHA256, uri=f"#{identifier}")
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    for name in ("DigestValue", "SignatureValue"):
        for value in signature.iter(etree.QName(ns.DS, name)):
            value.text = None
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(key, xmlsec.KeyFormat.PEM)
    for element in message.iter(etree.Element):
        if element.get(etree.QName(ns.WSU, "Id")):
            context.register_id(element, "Id", ns.WSU)
    context.sign(signature)


def answer(task, *words):
    try:
        {"verify": verify, "sign": sign}[task](*words)
    except Exception as fault:
        return "FAULT " + " ".join(f"{type(fault).__name__}: {fault}".split())
    return "OK"


for line in sys.stdin:
    print(answer(*line.rstrip("\n").split("\t")), flush=True)
