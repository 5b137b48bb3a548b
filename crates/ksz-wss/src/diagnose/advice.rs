//! Which rule each cause breaks, and what to do about it.

use super::cause::Cause;
use ksz_error::Class;

/// What is the same for all findings of a cause.
pub(super) struct Facts {
    pub(super) name: &'static str,
    pub(super) class: Class,
    pub(super) rule: &'static str,
    pub(super) remedy: &'static str,
}

const fn facts(name: &'static str, class: Class, rule: &'static str, remedy: &'static str) -> Facts {
    Facts { name, class, rule, remedy }
}

impl Cause {
    pub(super) const fn facts(&self) -> Facts {
        use Class as C;
        match self {
            Self::Reindented { .. } => facts(
                "reindented",
                C::Digest,
                "Exclusive XML Canonicalization 1.0; XML Signature 1.1 section 3.2.1",
                "send the octets that were signed: no pretty printing, no second serialisation, no \
                 logging filter that writes the message anew; in Java, no OutputKeys.INDENT; in .NET, \
                 PreserveWhitespace",
            ),
            Self::CarriageReturns { .. } => facts(
                "carriage-returns",
                C::Digest,
                "XML 1.0 section 2.11; Canonical XML 1.0 section 2.3",
                "use line feeds alone in everything that is signed, and read and write the message as \
                 octets, not as text of the platform",
            ),
            Self::PrefixListIgnored { .. } => facts(
                "prefix-list-ignored",
                C::Digest,
                "Exclusive XML Canonicalization 1.0 section 4",
                "let one library write InclusiveNamespaces and canonicalize; if it cannot, leave the \
                 element out (in WSS4J: addInclusivePrefixes=false)",
            ),
            Self::NamespaceMoved { .. } => facts(
                "namespace-moved",
                C::Digest,
                "Exclusive XML Canonicalization 1.0 section 3",
                "put the signed header into the final envelope before signing, and let nothing tidy the \
                 namespaces up afterwards; or sign without PrefixList",
            ),
            Self::PrefixRenamed { .. } => facts(
                "prefix-renamed",
                C::Digest,
                "Canonical XML 1.0 section 4.4",
                "send the octets that were signed: a binding or gateway that writes the message anew \
                 chooses prefixes of its own",
            ),
            Self::OtherCanonicalization { .. } => facts(
                "other-canonicalization",
                C::Digest,
                "XML Signature 1.1 section 4.4.3.2",
                "digest what the Transform names: exclusive canonicalization \
                 (http://www.w3.org/2001/10/xml-exc-c14n#) of the element as it stands in the envelope",
            ),
            Self::ByteOrderMark { .. } => facts(
                "byte-order-mark",
                C::Digest,
                "XML 1.0 section 4.3.3",
                "read template files without their byte order mark (in .NET: new UTF8Encoding(false)) \
                 before they are put into the message",
            ),
            Self::WhiteSpaceInValue { .. } => facts(
                "white-space-in-value",
                C::Digest,
                "Exclusive XML Canonicalization 1.0; XML Signature 1.1 section 3.2.1",
                "trim values before signing, and let nothing trim them afterwards",
            ),
            Self::EncodingConfused { .. } => facts(
                "encoding-confused",
                C::Digest,
                "Canonical XML 1.0 section 2.1: canonical form is UTF-8",
                "name UTF-8 wherever text becomes octets: files, strings, HTTP; never the platform's \
                 default encoding",
            ),
            Self::CommentsSigned { .. } => facts(
                "comments-signed",
                C::Digest,
                "Exclusive XML Canonicalization 1.0 section 2.1",
                "canonicalize without comments, and send none",
            ),
            Self::IdAddedAfterDigest { .. } => facts(
                "id-added-after-digest",
                C::Digest,
                "SOAP Message Security 1.1 section 4",
                "put wsu:Id on the element first, then digest the element",
            ),
            Self::ContentDigested { .. } => facts(
                "content-digested",
                C::Digest,
                "XML Signature 1.1 section 4.4.3.2",
                "digest the element that has the identifier, with its own tags (in WSS4J, the modifier \
                 Content means this too)",
            ),
            Self::XopNotExpanded { .. } => facts(
                "xop-not-expanded",
                C::Digest,
                "XOP 1.0 section 3; eHealth signs the infoset with the content in base64",
                "judge the message with its attachments put back as base64; sign the base64 content, \
                 never the xop:Include",
            ),
            Self::TokenReserialised { .. } => facts(
                "token-reserialised",
                C::Digest,
                "SAML Token Profile 1.1 section 3.5.1; XML Signature 1.1 section 3.2.1",
                "keep the token as the octets that the token service sent and splice them into the \
                 header; never parse it into objects and print it again",
            ),
            Self::MisprintedName { .. } => facts(
                "misprinted-name",
                C::Structure,
                "names of namespaces and algorithms are compared letter for letter (Namespaces in XML 1.0 \
                 section 2.3)",
                "write the right value; copy it from the standard or from ksz, not from a PDF",
            ),
            Self::TrailingContent => facts(
                "trailing-content",
                C::XmlMalformed,
                "XML 1.0 section 2.1",
                "send the document and nothing else: no stray octet, no second document, no white space \
                 before the XML declaration",
            ),
            Self::Unreadable { .. } => facts(
                "unreadable",
                C::Structure,
                "XML 1.0 and Namespaces in XML 1.0; SOAP 1.1 section 3 (no DOCTYPE, no processing \
                 instruction)",
                "write the message with an XML library, in UTF-8, without DOCTYPE and processing \
                 instructions",
            ),
            Self::NotAnEnvelope { .. } => facts(
                "not-an-envelope",
                C::Structure,
                "SOAP 1.1 section 4",
                "send a SOAP 1.1 Envelope with one Header and one Body, and nothing else in it",
            ),
            Self::IdRepeated { .. } => facts(
                "id-repeated",
                C::Id,
                "XML Signature 1.1 section 4.4.3.2; xml:id 1.0 section 4",
                "make every Id unique in the whole message, whatever the attribute is called and wherever \
                 it stands",
            ),
            Self::PartMoved { .. } => facts(
                "part-moved",
                C::Structure,
                "the signed element must be the one that the fixed path gives: Envelope/Body, \
                 Envelope/Header/Security/Timestamp",
                "send the Body that was signed as the Body; if nobody of yours moved it, treat the \
                 message as an attack (signature wrapping)",
            ),
            Self::IdMissing { .. } => facts(
                "id-missing",
                C::Coverage,
                "SOAP Message Security 1.1 section 4",
                "put a wsu:Id on the element before signing, and refer to it",
            ),
            Self::PartNotSigned { .. } => facts(
                "part-not-signed",
                C::Coverage,
                "eHealth and KSZ: X.509 signs Timestamp, Body and BinarySecurityToken; holder-of-key \
                 signs Timestamp and Body",
                "sign all parts of the profile in one signature, each as a whole element",
            ),
            Self::AssertionCovered => facts(
                "assertion-covered",
                C::Assertion,
                "eHealth holder-of-key: Timestamp and Body (no sp:ProtectTokens)",
                "take the assertion out of the signed parts",
            ),
            Self::Sha1LeftOn { .. } => facts(
                "sha1-left-on",
                C::Algorithm,
                "eHealth: SHA-256 since October 2023; XML Signature 1.1 section 6",
                "set digest and signature method to SHA-256 explicitly: a policy that says Basic256 means \
                 SHA-1 (CXF, WCF), and so do old defaults",
            ),
            Self::AlgorithmNotAccepted { .. } => facts(
                "algorithm-not-accepted",
                C::Algorithm,
                "exclusive canonicalization, SHA-256, RSA-SHA256 or ECDSA-SHA256, nothing else",
                "use http://www.w3.org/2001/10/xml-exc-c14n#, http://www.w3.org/2001/04/xmlenc#sha256 and \
                 http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 or #ecdsa-sha256",
            ),
            Self::AlgorithmNotForKey => facts(
                "algorithm-not-for-key",
                C::Algorithm,
                "XML Signature 1.1 section 6.4",
                "choose rsa-sha256 for RSA keys and ecdsa-sha256 for P-256 keys; or the wrong certificate \
                 is in the token",
            ),
            Self::EcdsaInDer => facts(
                "ecdsa-in-der",
                C::Signature,
                "XML Signature 1.1 section 6.4.3; RFC 4050 section 3.3",
                "write r and s, 32 octets each, one behind the other, instead of the DER sequence (in \
                 Java: SHA256withECDSAinP1363Format; in .NET: \
                 DSASignatureFormat.IeeeP1363FixedFieldConcatenation)",
            ),
            Self::SignedByAnotherKey { .. } => facts(
                "signed-by-another-key",
                C::Signature,
                "XML Signature 1.1 section 3.2.2; X.509 Token Profile 1.1 section 3.3",
                "sign with the key of the certificate that is in the token; check the alias that is \
                 chosen in the key store",
            ),
            Self::HolderMismatch { .. } => facts(
                "holder-mismatch",
                C::Hok,
                "SAML Token Profile 1.1 section 3.5.1",
                "sign the call with the key of the certificate that stood in UseKey of the token request; \
                 a token of an earlier certificate is of no use",
            ),
            Self::KeyAndCertificateNotAPair => facts(
                "key-and-certificate-not-a-pair",
                C::Signature,
                "XML Signature 1.1 section 3.2.2",
                "check that private key and certificate are a pair (ksz identity show), above all after a \
                 renewal; check that the value was not touched",
            ),
            Self::SignedInfoChanged => facts(
                "signed-info-changed",
                C::Signature,
                "XML Signature 1.1 section 3.2.2",
                "send the header as it was signed: ds:SignedInfo is signed with its white space, prefixes \
                 and all",
            ),
            Self::SecurityMissing => facts(
                "security-missing",
                C::Structure,
                "SOAP Message Security 1.1 section 5",
                "put one wsse:Security into the Header: look whether the handler that signs is in the \
                 chain",
            ),
            Self::SecurityRepeated { .. } => facts(
                "security-repeated",
                C::Structure,
                "one header for one receiver (SOAP Message Security 1.1 section 5)",
                "sign once: two handlers or policies sign the message",
            ),
            Self::SecurityShape { .. } => facts(
                "security-shape",
                C::Structure,
                "Signature, Timestamp and one token, each once",
                "take everything else out of wsse:Security: UsernameToken, a second token, a second \
                 timestamp",
            ),
            Self::OtherProfile { .. } => facts(
                "other-profile",
                C::Structure,
                "X.509: BinarySecurityToken; holder-of-key: Assertion",
                "use the profile that the service asks for, or explain the message with --profile of its \
                 token",
            ),
            Self::SignatureMissing { .. } => facts(
                "signature-missing",
                C::Coverage,
                "SOAP Message Security 1.1 section 8",
                "sign the message; look whether something between takes the signature out",
            ),
            Self::TimestampMissing => facts(
                "timestamp-missing",
                C::Timestamp,
                "SOAP Message Security 1.1 section 10; all profiles sign one",
                "add a wsu:Timestamp to the header and to the signed parts",
            ),
            Self::ReferenceBeyond { .. } => facts(
                "reference-beyond",
                C::Reference,
                "XML Signature 1.1 section 4.4.3.1; the profile's parts and nothing else",
                "refer by #id to the parts of the profile and nothing else",
            ),
            Self::SignatureMalformed { .. } => facts(
                "signature-malformed",
                C::Structure,
                "XML Signature 1.1 section 4",
                "let a library write the signature, and nothing touch it afterwards",
            ),
            Self::KeyInfo { .. } => facts(
                "key-info",
                C::Key,
                "X.509 Token Profile 1.1 section 3.2.1; SAML Token Profile 1.1 section 3.4.1",
                "X.509: SecurityTokenReference with Reference URI=\"#id of the token\"; holder-of-key: \
                 SecurityTokenReference with KeyIdentifier and the AssertionID",
            ),
            Self::TokenMalformed { .. } => facts(
                "token-malformed",
                C::Key,
                "X.509 Token Profile 1.1 section 3.1",
                "write the certificate alone, DER in base64, with ValueType X509v3 and EncodingType \
                 Base64Binary; no PEM armour, no chain",
            ),
            Self::KeyNotAccepted { .. } => facts(
                "key-not-accepted",
                C::Key,
                "RSA of 2048 to 4096 bits, or P-256",
                "ask for a certificate with an accepted key",
            ),
            Self::PartChanged { .. } => facts(
                "part-changed",
                C::Digest,
                "XML Signature 1.1 section 3.2.1",
                "compare with the message as it was when it was signed (--original); look for whatever \
                 touches the message behind the signer",
            ),
            Self::CertificateExpired { .. } => facts(
                "certificate-expired",
                C::Trust,
                "RFC 5280 section 4.1.2.5",
                "renew the certificate, and register the renewed one with the service",
            ),
            Self::CertificateNotYetValid { .. } => facts(
                "certificate-not-yet-valid",
                C::Trust,
                "RFC 5280 section 4.1.2.5",
                "wait, or sign with the certificate that it replaces; check the clock",
            ),
            Self::OtherEnvironment { .. } => facts(
                "other-environment",
                C::Trust,
                "certificates of acceptance are not known in production, nor the reverse",
                "use the certificate of the environment, and the address too: nothing can be mixed",
            ),
            Self::ChainIncomplete { .. } => facts(
                "chain-incomplete",
                C::Trust,
                "RFC 5280 section 6.1",
                "give the missing authority (--intermediates or --anchor); the service must know it too: \
                 is it the issuer it accepts?",
            ),
            Self::CertificateNotAccepted { .. } => facts(
                "certificate-not-accepted",
                C::Trust,
                "RFC 5280 sections 4.2.1 and 6.1",
                "use the certificate that was issued for signing messages; ask its issuer if it was \
                 revoked",
            ),
            Self::ClockSkew { .. } => facts(
                "clock-skew",
                C::Timestamp,
                "SOAP Message Security 1.1 section 10; at most 60 s ahead",
                "set the clock of the signing machine by NTP; if the difference is whole hours, local \
                 time was written with a Z",
            ),
            Self::TimestampTooLong { .. } => facts(
                "timestamp-too-long",
                C::Timestamp,
                "eHealth: at most 5 minutes",
                "let the message live 60 seconds (in WSS4J: timeToLive=60)",
            ),
            Self::TimestampMalformed { .. } => facts(
                "timestamp-malformed",
                C::Timestamp,
                "SOAP Message Security 1.1 section 10",
                "write Created, then Expires, each like 2026-01-31T08:30:00.000Z",
            ),
            Self::TimestampExpired { .. } => facts(
                "timestamp-expired",
                C::Timestamp,
                "SOAP Message Security 1.1 section 10",
                "sign each message just before it is sent, and afresh before it is sent again; if it was \
                 sent in time, explain it with --now of that time",
            ),
            Self::AssertionExpired { .. } => facts(
                "assertion-expired",
                C::Assertion,
                "SAML 1.1 core section 2.3.2.1",
                "ask for a new token before the old one ends (NotOnOrAfter), not after the call has failed",
            ),
            Self::AssertionNotYetValid { .. } => facts(
                "assertion-not-yet-valid",
                C::Assertion,
                "SAML 1.1 core section 2.3.2.1",
                "check the clock; the token service sets NotBefore five minutes into the past",
            ),
            Self::AssertionIssuer { .. } => facts(
                "assertion-issuer",
                C::Assertion,
                "SAML 1.1 core section 2.3.2: Issuer is compared letter for letter",
                "ask the token service of the platform for the token",
            ),
            Self::AssertionSigner { .. } => facts(
                "assertion-signer",
                C::Trust,
                "the token service's own certificates, not: the same authority",
                "is the token from another environment? if the service has a new certificate, take it \
                 into --sts-anchor",
            ),
            Self::AssertionConditions { .. } => facts(
                "assertion-conditions",
                C::Assertion,
                "SAML 1.1 core section 2.3.2",
                "ask for a token of the eHealth profile; name the audience with --audience if the token \
                 has one",
            ),
            Self::ConfirmationNotHolderOfKey { .. } => facts(
                "confirmation-not-holder-of-key",
                C::Hok,
                "SAML Token Profile 1.1 section 3.5.1",
                "ask for KeyType PublicKey with the certificate in UseKey",
            ),
            Self::TokenResponse { .. } => facts(
                "token-response",
                C::Structure,
                "WS-Trust 1.3 section 4",
                "look at the fault or challenge in the answer; check that Context is the one of the \
                 request",
            ),
            Self::SoapAction { .. } => facts(
                "soap-action",
                C::Structure,
                "SOAP 1.1 section 6.1.1; WS-I Basic Profile 1.1 R2744",
                "send the action that the WSDL gives for the operation in the Body, in quotes",
            ),
            Self::RepeatedClaim { .. } => facts(
                "repeated-claim",
                C::Structure,
                "eHealth STS release R2024.1: one claim URI once",
                "name each claim URI once, whatever its value",
            ),
            Self::Refused { .. } => facts(
                "refused",
                C::Structure,
                "the class says which family of rules",
                "read what verification says; docs/reference/refusals.md explains the class",
            ),
        }
    }
}
