//! Which rule each cause breaks, and what to do about it.

use super::cause::Cause;
use ksz_error::Class;

/// What is the same for all findings of a cause.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) class: Class,
    pub(super) meaning: &'static str,
    pub(super) rule: &'static str,
    pub(super) remedy: &'static str,
}

const fn entry(
    name: &'static str,
    class: Class,
    meaning: &'static str,
    rule: &'static str,
    remedy: &'static str,
) -> Entry {
    Entry { name, class, meaning, rule, remedy }
}

impl Cause {
    pub(super) const fn entry(&self) -> Entry {
        use Class as C;
        match self {
            Self::Reindented { .. } => entry(
                "reindented",
                C::Digest,
                "White space between elements was put in, taken out or changed after signing: the message \
                 was printed prettily.",
                "Exclusive XML Canonicalization 1.0; XML Signature 1.1 section 3.2.1",
                "send the octets that were signed: no pretty printing, no second serialisation, no \
                 logging filter that writes the message anew; in Java, no OutputKeys.INDENT; in .NET, \
                 PreserveWhitespace",
            ),
            Self::CarriageReturns { .. } => entry(
                "carriage-returns",
                C::Digest,
                "Line ends differ: a carriage return became a character reference, or was there when the digest \
                 was made.",
                "XML 1.0 section 2.11; Canonical XML 1.0 section 2.3",
                "use line feeds alone in everything that is signed, and read and write the message as \
                 octets, not as text of the platform",
            ),
            Self::PrefixListIgnored { .. } => entry(
                "prefix-list-ignored",
                C::Digest,
                "The signer did not apply the PrefixList that stands in the message, or applied one that \
                 does not stand there.",
                "Exclusive XML Canonicalization 1.0 section 4",
                "let one library write InclusiveNamespaces and canonicalize; if it cannot, leave the \
                 element out (in WSS4J: addInclusivePrefixes=false)",
            ),
            Self::NamespaceMoved { .. } => entry(
                "namespace-moved",
                C::Digest,
                "The declaration of a prefix that a PrefixList names was moved, put in or taken out after \
                 signing.",
                "Exclusive XML Canonicalization 1.0 section 3",
                "put the signed header into the final envelope before signing, and let nothing tidy the \
                 namespaces up afterwards; or sign without PrefixList",
            ),
            Self::PrefixRenamed { .. } => entry(
                "prefix-renamed",
                C::Digest,
                "A prefix was renamed after signing.",
                "Canonical XML 1.0 section 4.4",
                "send the octets that were signed: a binding or gateway that writes the message anew \
                 chooses prefixes of its own",
            ),
            Self::OtherCanonicalization { .. } => entry(
                "other-canonicalization",
                C::Digest,
                "What was digested is not the canonical form that the message names.",
                "XML Signature 1.1 section 4.4.3.2",
                "digest what the Transform names: exclusive canonicalization \
                 (http://www.w3.org/2001/10/xml-exc-c14n#) of the element as it stands in the envelope",
            ),
            Self::ByteOrderMark { .. } => entry(
                "byte-order-mark",
                C::Digest,
                "A byte order mark got into the text of a signed part, or was lost from it.",
                "XML 1.0 section 4.3.3",
                "read template files without their byte order mark (in .NET: new UTF8Encoding(false)) \
                 before they are put into the message",
            ),
            Self::WhiteSpaceInValue { .. } => entry(
                "white-space-in-value",
                C::Digest,
                "White space at the end or the beginning of a value was put in or taken out after signing.",
                "Exclusive XML Canonicalization 1.0; XML Signature 1.1 section 3.2.1",
                "trim values before signing, and let nothing trim them afterwards",
            ),
            Self::EncodingConfused { .. } => entry(
                "encoding-confused",
                C::Digest,
                "Text was encoded twice, or in another encoding than UTF-8, when the digest was made or \
                 afterwards.",
                "Canonical XML 1.0 section 2.1: canonical form is UTF-8",
                "name UTF-8 wherever text becomes octets: files, strings, HTTP; never the platform's \
                 default encoding",
            ),
            Self::CommentsSigned { .. } => entry(
                "comments-signed",
                C::Digest,
                "The digest was made with the comments of a part, where the message names the method \
                 without.",
                "Exclusive XML Canonicalization 1.0 section 2.1",
                "canonicalize without comments, and send none",
            ),
            Self::IdAddedAfterDigest { .. } => entry(
                "id-added-after-digest",
                C::Digest,
                "The digest was made before the identifier was put on the element.",
                "SOAP Message Security 1.1 section 4",
                "put wsu:Id on the element first, then digest the element",
            ),
            Self::ContentDigested { .. } => entry(
                "content-digested",
                C::Digest,
                "The digest was made of what is in the element, without the element itself.",
                "XML Signature 1.1 section 4.4.3.2",
                "digest the element that has the identifier, with its own tags (in WSS4J, the modifier \
                 Content means this too)",
            ),
            Self::XopNotExpanded { .. } => entry(
                "xop-not-expanded",
                C::Digest,
                "The part holds xop:Include, whose content was digested in its place, or it was expanded \
                 afterwards.",
                "XOP 1.0 section 3; eHealth signs the infoset with the content in base64",
                "judge the message with its attachments put back as base64; sign the base64 content, \
                 never the xop:Include",
            ),
            Self::TokenReserialised { .. } => entry(
                "token-reserialised",
                C::Digest,
                "The token in the header is not the one that was issued or signed, octet for octet: \
                 somebody read it and wrote it anew.",
                "SAML Token Profile 1.1 section 3.5.1; XML Signature 1.1 section 3.2.1",
                "keep the token as the octets that the token service sent and splice them into the \
                 header; never parse it into objects and print it again",
            ),
            Self::MisprintedName { .. } => entry(
                "misprinted-name",
                C::Structure,
                "A namespace or identifier is misprinted, as in the published examples.",
                "names of namespaces and algorithms are compared letter for letter (Namespaces in XML 1.0 \
                 section 2.3)",
                "write the right value; copy it from the standard or from ksz, not from a PDF",
            ),
            Self::TrailingContent => entry(
                "trailing-content",
                C::XmlMalformed,
                "Something stands before or behind the document.",
                "XML 1.0 section 2.1",
                "send the document and nothing else: no stray octet, no second document, no white space \
                 before the XML declaration",
            ),
            Self::Unreadable { .. } => entry(
                "unreadable",
                C::Structure,
                "The message is not the XML that a signed message may be.",
                "XML 1.0 and Namespaces in XML 1.0; SOAP 1.1 section 3 (no DOCTYPE, no processing \
                 instruction)",
                "write the message with an XML library, in UTF-8, without DOCTYPE and processing \
                 instructions",
            ),
            Self::NotAnEnvelope { .. } => entry(
                "not-an-envelope",
                C::Structure,
                "The document is no SOAP 1.1 envelope of one Header and one Body.",
                "SOAP 1.1 section 4",
                "send a SOAP 1.1 Envelope with one Header and one Body, and nothing else in it",
            ),
            Self::IdRepeated { .. } => entry(
                "id-repeated",
                C::Id,
                "An identifier occurs twice, so that nobody can say which element was signed.",
                "XML Signature 1.1 section 4.4.3.2; xml:id 1.0 section 4",
                "make every Id unique in the whole message, whatever the attribute is called and wherever \
                 it stands",
            ),
            Self::PartMoved { .. } => entry(
                "part-moved",
                C::Structure,
                "The element that is signed stands elsewhere, and another stands in its place.",
                "the signed element must be the one that the fixed path gives: Envelope/Body, \
                 Envelope/Header/Security/Timestamp",
                "send the Body that was signed as the Body; if nobody of yours moved it, treat the \
                 message as an attack (signature wrapping)",
            ),
            Self::IdMissing { .. } => entry(
                "id-missing",
                C::Coverage,
                "A part that must be signed has no wsu:Id.",
                "SOAP Message Security 1.1 section 4",
                "put a wsu:Id on the element before signing, and refer to it",
            ),
            Self::PartNotSigned { .. } => entry(
                "part-not-signed",
                C::Coverage,
                "A part that must be signed is not.",
                "eHealth and KSZ: X.509 signs Timestamp, Body and BinarySecurityToken; holder-of-key \
                 signs Timestamp and Body",
                "sign all parts of the profile in one signature, each as a whole element",
            ),
            Self::AssertionCovered => entry(
                "assertion-covered",
                C::Assertion,
                "The message's signature covers the assertion, which only its issuer signs.",
                "eHealth holder-of-key: Timestamp and Body (no sp:ProtectTokens)",
                "take the assertion out of the signed parts",
            ),
            Self::Sha1LeftOn { .. } => entry(
                "sha1-left-on",
                C::Algorithm,
                "SHA-1 is still in use; the platforms refuse it since October 2023.",
                "eHealth: SHA-256 since October 2023; XML Signature 1.1 section 6",
                "set digest and signature method to SHA-256 explicitly: a policy that says Basic256 means \
                 SHA-1 (CXF, WCF), and so do old defaults",
            ),
            Self::AlgorithmNotAccepted { .. } => entry(
                "algorithm-not-accepted",
                C::Algorithm,
                "An algorithm or transform is named that no service accepts.",
                "exclusive canonicalization, SHA-256, RSA-SHA256 or ECDSA-SHA256, nothing else",
                "use http://www.w3.org/2001/10/xml-exc-c14n#, http://www.w3.org/2001/04/xmlenc#sha256 and \
                 http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 or #ecdsa-sha256",
            ),
            Self::AlgorithmNotForKey => entry(
                "algorithm-not-for-key",
                C::Algorithm,
                "The signature method is for another kind of key than the certificate's.",
                "XML Signature 1.1 section 6.4",
                "choose rsa-sha256 for RSA keys and ecdsa-sha256 for P-256 keys; or the wrong certificate \
                 is in the token",
            ),
            Self::EcdsaInDer => entry(
                "ecdsa-in-der",
                C::Signature,
                "The ECDSA value is in DER, as most crypto libraries give it; XML signatures hold r and s.",
                "XML Signature 1.1 section 6.4.3; RFC 4050 section 3.3",
                "write r and s, 32 octets each, one behind the other, instead of the DER sequence (in \
                 Java: SHA256withECDSAinP1363Format; in .NET: \
                 DSASignatureFormat.IeeeP1363FixedFieldConcatenation)",
            ),
            Self::SignedByAnotherKey { .. } => entry(
                "signed-by-another-key",
                C::Signature,
                "The signature was made with the key of another certificate than the one in the token.",
                "XML Signature 1.1 section 3.2.2; X.509 Token Profile 1.1 section 3.3",
                "sign with the key of the certificate that is in the token; check the alias that is \
                 chosen in the key store",
            ),
            Self::HolderMismatch { .. } => entry(
                "holder-mismatch",
                C::Hok,
                "The message was not signed with the key that the assertion confirms.",
                "SAML Token Profile 1.1 section 3.5.1",
                "sign the call with the key of the certificate that stood in UseKey of the token request; \
                 a token of an earlier certificate is of no use",
            ),
            Self::KeyAndCertificateNotAPair => entry(
                "key-and-certificate-not-a-pair",
                C::Signature,
                "The signature was made with a key that does not belong to the certificate in the token.",
                "XML Signature 1.1 section 3.2.2",
                "check that private key and certificate are a pair (ksz identity show), above all after a \
                 renewal; check that the value was not touched",
            ),
            Self::SignedInfoChanged => entry(
                "signed-info-changed",
                C::Signature,
                "SignedInfo was changed after it was signed, or was canonicalized otherwise.",
                "XML Signature 1.1 section 3.2.2",
                "send the header as it was signed: ds:SignedInfo is signed with its white space, prefixes \
                 and all",
            ),
            Self::SecurityMissing => entry(
                "security-missing",
                C::Structure,
                "There is no wsse:Security header.",
                "SOAP Message Security 1.1 section 5",
                "put one wsse:Security into the Header: look whether the handler that signs is in the \
                 chain",
            ),
            Self::SecurityRepeated { .. } => entry(
                "security-repeated",
                C::Structure,
                "There are several wsse:Security headers.",
                "one header for one receiver (SOAP Message Security 1.1 section 5)",
                "sign once: two handlers or policies sign the message",
            ),
            Self::SecurityShape { .. } => entry(
                "security-shape",
                C::Structure,
                "The header holds something besides one signature, one timestamp and the token of the \
                 profile.",
                "Signature, Timestamp and one token, each once",
                "take everything else out of wsse:Security: UsernameToken, a second token, a second \
                 timestamp",
            ),
            Self::OtherProfile { .. } => entry(
                "other-profile",
                C::Structure,
                "The header holds the token of another profile.",
                "X.509: BinarySecurityToken; holder-of-key: Assertion",
                "use the profile that the service asks for, or explain the message with --profile of its \
                 token",
            ),
            Self::SignatureMissing { .. } => entry(
                "signature-missing",
                C::Coverage,
                "There is no signature.",
                "SOAP Message Security 1.1 section 8",
                "sign the message; look whether something between takes the signature out",
            ),
            Self::TimestampMissing => entry(
                "timestamp-missing",
                C::Timestamp,
                "The header has no timestamp.",
                "SOAP Message Security 1.1 section 10; all profiles sign one",
                "add a wsu:Timestamp to the header and to the signed parts",
            ),
            Self::ReferenceBeyond { .. } => entry(
                "reference-beyond",
                C::Reference,
                "The signature refers to something that is no part of the profile, or to nothing.",
                "XML Signature 1.1 section 4.4.3.1; the profile's parts and nothing else",
                "refer by #id to the parts of the profile and nothing else",
            ),
            Self::SignatureMalformed { .. } => entry(
                "signature-malformed",
                C::Structure,
                "The signature is not SignedInfo, SignatureValue and KeyInfo, with values in base64.",
                "XML Signature 1.1 section 4",
                "let a library write the signature, and nothing touch it afterwards",
            ),
            Self::KeyInfo { .. } => entry(
                "key-info",
                C::Key,
                "KeyInfo does not lead to the token of the header.",
                "X.509 Token Profile 1.1 section 3.2.1; SAML Token Profile 1.1 section 3.4.1",
                "X.509: SecurityTokenReference with Reference URI=\"#id of the token\"; holder-of-key: \
                 SecurityTokenReference with KeyIdentifier and the AssertionID",
            ),
            Self::TokenMalformed { .. } => entry(
                "token-malformed",
                C::Key,
                "The token holds no certificate that can be read.",
                "X.509 Token Profile 1.1 section 3.1",
                "write the certificate alone, DER in base64, with ValueType X509v3 and EncodingType \
                 Base64Binary; no PEM armour, no chain",
            ),
            Self::KeyNotAccepted { .. } => entry(
                "key-not-accepted",
                C::Key,
                "The certificate's key is of a kind or size that no service accepts.",
                "RSA of 2048 to 4096 bits, or P-256",
                "ask for a certificate with an accepted key",
            ),
            Self::PartChanged { .. } => entry(
                "part-changed",
                C::Digest,
                "The part is not what was signed, and none of the changes that were tried gives its \
                 digest.",
                "XML Signature 1.1 section 3.2.1",
                "compare with the message as it was when it was signed (--original); look for whatever \
                 touches the message behind the signer",
            ),
            Self::CertificateExpired { .. } => entry(
                "certificate-expired",
                C::Trust,
                "The certificate has expired.",
                "RFC 5280 section 4.1.2.5",
                "renew the certificate, and register the renewed one with the service",
            ),
            Self::CertificateNotYetValid { .. } => entry(
                "certificate-not-yet-valid",
                C::Trust,
                "The certificate is not valid yet.",
                "RFC 5280 section 4.1.2.5",
                "wait, or sign with the certificate that it replaces; check the clock",
            ),
            Self::OtherEnvironment { .. } => entry(
                "other-environment",
                C::Trust,
                "A certificate or answer is of another environment than the call.",
                "certificates of acceptance are not known in production, nor the reverse",
                "use the certificate of the environment, and the address too: nothing can be mixed",
            ),
            Self::ChainIncomplete { .. } => entry(
                "chain-incomplete",
                C::Trust,
                "The issuer of the certificate, or of one above it, is not known.",
                "RFC 5280 section 6.1",
                "give the missing authority (--intermediates or --anchor); the service must know it too: \
                 is it the issuer it accepts?",
            ),
            Self::CertificateNotAccepted { .. } => entry(
                "certificate-not-accepted",
                C::Trust,
                "The certificate is not accepted for signing: it leads to no anchor, is revoked or not \
                 for signing, or was issued by one that may not issue.",
                "RFC 5280 sections 4.2.1 and 6.1",
                "use the certificate that was issued for signing messages and registered; ask its issuer \
                 if it was revoked",
            ),
            Self::ClockSkew { .. } => entry(
                "clock-skew",
                C::Timestamp,
                "The message was made in the future: the clocks differ.",
                "SOAP Message Security 1.1 section 10; at most 60 s ahead",
                "set the clock of the signing machine by NTP; if the difference is whole hours, local \
                 time was written with a Z",
            ),
            Self::TimestampTooLong { .. } => entry(
                "timestamp-too-long",
                C::Timestamp,
                "The timestamp lives longer than the platforms accept, or ends before it begins.",
                "eHealth: at most 5 minutes",
                "let the message live 60 seconds (in WSS4J: timeToLive=60)",
            ),
            Self::TimestampMalformed { .. } => entry(
                "timestamp-malformed",
                C::Timestamp,
                "The timestamp is not one Created and one Expires in UTC.",
                "SOAP Message Security 1.1 section 10",
                "write Created, then Expires, each like 2026-01-31T08:30:00.000Z",
            ),
            Self::TimestampExpired { .. } => entry(
                "timestamp-expired",
                C::Timestamp,
                "The message has expired.",
                "SOAP Message Security 1.1 section 10",
                "sign each message just before it is sent, and afresh before it is sent again; if it was \
                 sent in time, explain it with --now of that time",
            ),
            Self::AssertionExpired { .. } => entry(
                "assertion-expired",
                C::Assertion,
                "The assertion has expired.",
                "SAML 1.1 core section 2.3.2.1",
                "ask for a new token before the old one ends (NotOnOrAfter), not after the call has failed",
            ),
            Self::AssertionNotYetValid { .. } => entry(
                "assertion-not-yet-valid",
                C::Assertion,
                "The assertion is not valid yet.",
                "SAML 1.1 core section 2.3.2.1",
                "check the clock; the token service sets NotBefore five minutes into the past",
            ),
            Self::AssertionIssuer { .. } => entry(
                "assertion-issuer",
                C::Assertion,
                "The assertion is of another issuer.",
                "SAML 1.1 core section 2.3.2: Issuer is compared letter for letter",
                "ask the token service of the platform for the token",
            ),
            Self::AssertionSigner { .. } => entry(
                "assertion-signer",
                C::Trust,
                "The assertion is not signed with the certificate that is pinned for the token service.",
                "the token service's own certificates, not: the same authority",
                "is the token from another environment? if the service has a new certificate, take it \
                 into --sts-anchor",
            ),
            Self::AssertionConditions { .. } => entry(
                "assertion-conditions",
                C::Assertion,
                "The assertion's conditions or shape are not accepted, or it is for another audience.",
                "SAML 1.1 core section 2.3.2",
                "ask for a token of the eHealth profile; name the audience with --audience if the token \
                 has one",
            ),
            Self::ConfirmationNotHolderOfKey { .. } => entry(
                "confirmation-not-holder-of-key",
                C::Hok,
                "The assertion is not confirmed by holding one key.",
                "SAML Token Profile 1.1 section 3.5.1",
                "ask for KeyType PublicKey with the certificate in UseKey",
            ),
            Self::TokenResponse { .. } => entry(
                "token-response",
                C::Structure,
                "The answer of the token service holds not one token for this request.",
                "WS-Trust 1.3 section 4",
                "look at the fault or challenge in the answer; check that Context is the one of the \
                 request",
            ),
            Self::SoapAction { .. } => entry(
                "soap-action",
                C::Structure,
                "The action says another operation than the Body.",
                "SOAP 1.1 section 6.1.1; WS-I Basic Profile 1.1 R2744",
                "send the action that the WSDL gives for the operation in the Body, in quotes",
            ),
            Self::RepeatedClaim { .. } => entry(
                "repeated-claim",
                C::Structure,
                "The token request names a claim twice, which the token service refuses since release \
                 R2024.1.",
                "eHealth STS release R2024.1: one claim URI once",
                "name each claim URI once, whatever its value",
            ),
            Self::Refused { .. } => entry(
                "refused",
                C::Structure,
                "Verification refuses the message for a reason that no other finding names.",
                "the class says which family of rules",
                "read what verification says; docs/reference/refusals.md explains the class",
            ),
        }
    }
}
