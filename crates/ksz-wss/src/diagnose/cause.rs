//! Everything that is told apart.

use ksz_error::Class;

/// What is wrong with a message, with the facts that were found.
///
/// `docs/reference/findings.md` lists all of them; the names do not change.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// White space between elements was put in, taken out or changed after signing: the message was printed
    /// prettily.
    Reindented {
        /// The parts of the message.
        parts: Vec<&'static str>,
    },

    /// Line ends differ: a carriage return became `&#xD;`, or was there when the digest was made.
    CarriageReturns {
        /// The parts of the message.
        parts: Vec<&'static str>,
    },

    /// The signer did not apply the `PrefixList` that stands in the message, or applied one that does not stand
    /// there.
    PrefixListIgnored {
        /// The parts of the message.
        parts: Vec<&'static str>,
    },

    /// The declaration of a prefix that a `PrefixList` names was moved, put in or taken out after signing.
    NamespaceMoved {
        /// The parts of the message.
        parts: Vec<&'static str>,
        /// The prefix that is declared elsewhere.
        prefix: String,
    },

    /// A prefix was renamed after signing.
    PrefixRenamed {
        /// The parts of the message.
        parts: Vec<&'static str>,
        /// The prefix when the digest was made.
        from: String,
        /// The prefix in the message.
        to: String,
    },

    /// What was digested is not the canonical form that the message names.
    OtherCanonicalization {
        /// The parts of the message.
        parts: Vec<&'static str>,
        /// What was digested instead.
        method: &'static str,
    },

    /// A byte order mark got into the text of a signed part, or was lost from it.
    ByteOrderMark {
        /// The parts of the message.
        parts: Vec<&'static str>,
    },

    /// White space at the end or the beginning of a value was put in or taken out after signing.
    WhiteSpaceInValue {
        /// The parts of the message.
        parts: Vec<&'static str>,
    },

    /// Text was encoded twice, or in another encoding than UTF-8, when the digest was made or afterwards.
    EncodingConfused {
        /// The parts of the message.
        parts: Vec<&'static str>,
    },

    /// The digest was made with the comments of a part, where the message names the method without.
    CommentsSigned {
        /// The parts of the message.
        parts: Vec<&'static str>,
    },

    /// The digest was made before the identifier was put on the element.
    IdAddedAfterDigest {
        /// The parts of the message.
        parts: Vec<&'static str>,
    },

    /// The digest was made of what is in the element, without the element itself.
    ContentDigested {
        /// The parts of the message.
        parts: Vec<&'static str>,
    },

    /// The part holds `xop:Include`, whose content was digested in its place, or it was expanded afterwards.
    XopNotExpanded {
        /// The part.
        part: &'static str,
    },

    /// The token in the header is not the one that was issued or signed, octet for octet: somebody read it and
    /// wrote it anew.
    TokenReserialised {
        /// The token.
        token: &'static str,
        /// What changed in it.
        change: &'static str,
    },

    /// A namespace or identifier is misprinted, as in the published examples.
    MisprintedName {
        /// What stands there.
        printed: String,
        /// What belongs there.
        right: &'static str,
    },

    /// Something stands before or behind the document.
    TrailingContent,

    /// The message is not the XML that a signed message may be.
    Unreadable {
        /// Why it cannot be read.
        error: ksz_xml::Error,
    },

    /// The document is no SOAP 1.1 envelope of one Header and one Body.
    NotAnEnvelope {
        /// What it is.
        found: String,
    },

    /// An identifier occurs twice, so that nobody can say which element was signed.
    IdRepeated {
        /// The identifier.
        value: String,
    },

    /// The element that is signed stands elsewhere, and another stands in its place.
    PartMoved {
        /// The part.
        part: &'static str,
    },

    /// A part that must be signed has no `wsu:Id`.
    IdMissing {
        /// The part.
        part: &'static str,
    },

    /// A part that must be signed is not.
    PartNotSigned {
        /// The part.
        part: &'static str,
    },

    /// The message's signature covers the assertion, which only its issuer signs.
    AssertionCovered,

    /// SHA-1 is still in use; the platforms refuse it since October 2023.
    Sha1LeftOn {
        /// Where it is named.
        roles: Vec<&'static str>,
    },

    /// An algorithm or transform is named that no service accepts.
    AlgorithmNotAccepted {
        /// The element that names it.
        role: &'static str,
        /// Its identifier.
        uri: String,
    },

    /// The signature method is for another kind of key than the certificate's.
    AlgorithmNotForKey,

    /// The ECDSA value is in DER, as most crypto libraries give it; XML signatures hold r and s.
    EcdsaInDer,

    /// The signature was made with the key of another certificate than the one in the token.
    SignedByAnotherKey {
        /// Whose key it is.
        signer: String,
    },

    /// The message was not signed with the key that the assertion confirms.
    HolderMismatch {
        /// Whom the assertion confirms.
        holder: String,
    },

    /// The signature was made with a key that does not belong to the certificate in the token.
    KeyAndCertificateNotAPair,

    /// `SignedInfo` was changed after it was signed, or was canonicalized otherwise.
    SignedInfoChanged,

    /// There is no `wsse:Security` header.
    SecurityMissing,

    /// There are several `wsse:Security` headers.
    SecurityRepeated {
        /// How many there are.
        found: usize,
    },

    /// The header holds something besides one signature, one timestamp and the token of the profile.
    SecurityShape {
        /// The elements in it.
        found: String,
    },

    /// The header holds the token of another profile.
    OtherProfile {
        /// The token that is there.
        found: &'static str,
    },

    /// There is no signature.
    SignatureMissing {
        /// What should hold one.
        holder: &'static str,
    },

    /// The header has no timestamp.
    TimestampMissing,

    /// The signature refers to something that is no part of the profile, or to nothing.
    ReferenceBeyond {
        /// The reference.
        uri: String,
    },

    /// The signature is not SignedInfo, SignatureValue and KeyInfo, with values in base64.
    SignatureMalformed {
        /// What is wrong with it.
        detail: String,
    },

    /// `KeyInfo` does not lead to the token of the header.
    KeyInfo {
        /// What is there instead.
        detail: String,
    },

    /// The token holds no certificate that can be read.
    TokenMalformed {
        /// What is wrong with it.
        detail: String,
    },

    /// The certificate's key is of a kind or size that no service accepts.
    KeyNotAccepted {
        /// Why.
        detail: String,
    },

    /// The part is not what was signed, and none of the changes that were tried gives its digest.
    PartChanged {
        /// The part.
        part: &'static str,
    },

    /// The certificate has expired.
    CertificateExpired {
        /// Whose certificate it is.
        subject: String,
        /// How many days ago it expired.
        days: u64,
    },

    /// The certificate is not valid yet.
    CertificateNotYetValid {
        /// Whose certificate it is.
        subject: String,
    },

    /// A certificate or answer is of another environment than the call.
    OtherEnvironment {
        /// The environment that is meant.
        expected: String,
        /// The environment that the certificate or answer is from.
        found: String,
    },

    /// The issuer of the certificate, or of one above it, is not known.
    ChainIncomplete {
        /// The issuer that is missing.
        missing: String,
    },

    /// The certificate is not accepted for signing: it leads to no anchor, is revoked or not for signing, or
    /// was issued by one that may not issue.
    CertificateNotAccepted {
        /// Why.
        detail: String,
    },

    /// The message was made in the future: the clocks differ.
    ClockSkew {
        /// How far the message's clock is ahead, in seconds.
        ahead: u64,
    },

    /// The timestamp lives longer than the platforms accept, or ends before it begins.
    TimestampTooLong {
        /// How long it lives, in seconds.
        seconds: i64,
        /// The longest life, in seconds.
        longest: u64,
    },

    /// The timestamp is not one Created and one Expires in UTC.
    TimestampMalformed {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// The message has expired.
    TimestampExpired {
        /// How long ago, in seconds.
        ago: u64,
    },

    /// The assertion has expired.
    AssertionExpired {
        /// How long ago, in seconds.
        ago: u64,
    },

    /// The assertion is not valid yet.
    AssertionNotYetValid {
        /// How far ahead, in seconds.
        ahead: u64,
    },

    /// The assertion is of another issuer.
    AssertionIssuer {
        /// Who issued it.
        found: String,
    },

    /// The assertion is not signed with the certificate that is pinned for the token service.
    AssertionSigner {
        /// With which certificate it was signed.
        found: String,
    },

    /// The assertion's conditions or shape are not accepted, or it is for another audience.
    AssertionConditions {
        /// What is wrong.
        detail: String,
    },

    /// The assertion is not confirmed by holding one key.
    ConfirmationNotHolderOfKey {
        /// What is there instead.
        detail: &'static str,
    },

    /// The answer of the token service holds not one token for this request.
    TokenResponse {
        /// What is wrong.
        detail: String,
    },

    /// The action says another operation than the Body.
    SoapAction {
        /// The action of the payload.
        expected: String,
        /// The action that was sent.
        found: String,
    },

    /// The token request names a claim twice, which the token service refuses since release R2024.1.
    RepeatedClaim {
        /// The claim.
        uri: String,
    },

    /// Verification refuses the message for a reason that no other finding names.
    Refused {
        /// The family of rules.
        class: Class,
        /// What verification says.
        reason: String,
    },
}

impl Cause {
    /// The names of all causes, those first that are the likelier reason where several are found.
    pub const NAMES: [&'static str; 62] = [
        "reindented",
        "carriage-returns",
        "prefix-list-ignored",
        "namespace-moved",
        "prefix-renamed",
        "other-canonicalization",
        "byte-order-mark",
        "white-space-in-value",
        "encoding-confused",
        "comments-signed",
        "id-added-after-digest",
        "content-digested",
        "xop-not-expanded",
        "token-reserialised",
        "misprinted-name",
        "trailing-content",
        "unreadable",
        "not-an-envelope",
        "id-repeated",
        "part-moved",
        "id-missing",
        "part-not-signed",
        "assertion-covered",
        "sha1-left-on",
        "algorithm-not-accepted",
        "algorithm-not-for-key",
        "ecdsa-in-der",
        "signed-by-another-key",
        "holder-mismatch",
        "key-and-certificate-not-a-pair",
        "signed-info-changed",
        "security-missing",
        "security-repeated",
        "security-shape",
        "other-profile",
        "signature-missing",
        "timestamp-missing",
        "reference-beyond",
        "signature-malformed",
        "key-info",
        "token-malformed",
        "key-not-accepted",
        "part-changed",
        "certificate-expired",
        "certificate-not-yet-valid",
        "other-environment",
        "chain-incomplete",
        "certificate-not-accepted",
        "clock-skew",
        "timestamp-too-long",
        "timestamp-malformed",
        "timestamp-expired",
        "assertion-expired",
        "assertion-not-yet-valid",
        "assertion-issuer",
        "assertion-signer",
        "assertion-conditions",
        "confirmation-not-holder-of-key",
        "token-response",
        "soap-action",
        "repeated-claim",
        "refused",
    ];

    /// The name in the command's output.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.entry().name
    }

    /// The family of rules that is broken.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Unreadable { error } => error.class(),
            Self::Refused { class, .. } => *class,
            _ => self.entry().class,
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        self.entry().meaning
    }

    pub(super) const fn rule(&self) -> &'static str {
        self.entry().rule
    }

    pub(super) fn remedy(&self) -> String {
        self.entry().remedy.to_owned()
    }

    /// Where it stands among the others.
    pub(super) fn rank(&self) -> usize {
        Self::NAMES.iter().position(|name| *name == self.name()).unwrap_or(Self::NAMES.len())
    }
}
