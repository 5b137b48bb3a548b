use crate::{DigestAlgorithm, SignatureAlgorithm};
use ksz_error::{Class, Kind};

/// Why a key or certificate was refused, or could not be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not PEM (RFC 7468).
    #[error("line {line}: {detail}")]
    NotPem {
        /// The line, counted from 1.
        line: usize,
        /// What was expected there.
        detail: &'static str,
    },

    /// The PEM file holds no block of the kind that is needed, or more than one where one is needed.
    #[error("needs one {label} block, found {found}")]
    PemCount {
        /// The kind of block.
        label: &'static str,
        /// How many there are.
        found: usize,
    },

    /// A PKCS#12 store where PEM is read, or in a build without the feature `p12`.
    #[error(
        "a PKCS#12 store is not read here; write it as PEM first: openssl pkcs12 -in STORE -noenc -out FILE.pem"
    )]
    Pkcs12,

    /// A Java key store in a form of its own.
    #[error(
        "a Java key store (JKS, JCEKS) is not read; write it as PKCS#12 first: \
         keytool -importkeystore -srckeystore STORE -destkeystore FILE.p12 -deststoretype pkcs12"
    )]
    JavaKeyStore,

    /// The private key is encrypted, and the build is without the feature `encrypted-keys`.
    #[error("the private key is encrypted; decrypt it first, for instance with openssl pkey")]
    EncryptedKey,

    /// A password protects the key or the store, and none was given.
    #[error("a password protects it, and none is given")]
    PasswordNeeded,

    /// The password does not open the key or the store, or it was changed after it was written.
    #[error("wrong password, or the {what} is damaged")]
    WrongPassword {
        /// What it does not open.
        what: &'static str,
    },

    /// The key or the store is protected with an algorithm outside the accepted list.
    #[error(
        "protected with {algorithm}, which is not accepted; write it as PEM first, \
         a store with openssl pkcs12 -legacy -in STORE -noenc -out FILE.pem, a key with openssl pkey"
    )]
    EncryptionNotAccepted {
        /// The algorithm, or its object identifier.
        algorithm: String,
    },

    /// The parameters of the encryption are not of the form that RFC 8018 and RFC 7292 give them.
    #[error("malformed encryption: {part}")]
    EncryptionMalformed {
        /// The part that is malformed, by its name in the standard.
        part: &'static str,
    },

    /// To open it would cost more work or memory than any honest file asks for.
    #[error("its key derivation asks for {asked} {what}, at most {limit} are accepted")]
    KeyDerivationCost {
        /// What is asked for.
        what: &'static str,
        /// How much.
        asked: u64,
        /// How much is accepted.
        limit: u64,
    },

    /// The octets are not a PKCS#12 store (RFC 7292), or not a whole one.
    #[error("not a PKCS#12 store: {detail}")]
    NotPkcs12 {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// A file of keys holds more certificates than any honest one.
    #[error("holds more than {limit} certificates")]
    TooManyCertificates {
        /// How many are accepted.
        limit: usize,
    },

    /// The file holds no private key.
    #[error("holds no private key")]
    NoPrivateKey,

    /// The file holds no certificate of its private key.
    #[error("holds no certificate of its private key")]
    NoCertificate,

    /// The store holds keys, and none of their certificates may sign.
    #[error("no certificate in it may sign: {}", aliases.join(", "))]
    NoSigningKey {
        /// The entries, person numbers masked.
        aliases: Vec<String>,
    },

    /// The store holds several keys that could be meant.
    #[error("several keys could be meant, choose one by its alias: {}", aliases.join(", "))]
    SeveralKeys {
        /// The entries, person numbers masked.
        aliases: Vec<String>,
    },

    /// The store has no entry of the name that was asked for.
    #[error("no entry is called {alias:?}; there are {}", aliases.join(", "))]
    NoSuchAlias {
        /// The name, person numbers masked.
        alias: String,
        /// The entries, person numbers masked.
        aliases: Vec<String>,
    },

    /// A number of an organisation or person has not the form of such numbers.
    #[error("a {kind} number has not the form of one")]
    NumberMalformed {
        /// The kind of number.
        kind: &'static str,
    },

    /// The check digits of a number of an organisation or person are wrong.
    #[error("the check digits of a {kind} number are wrong")]
    CheckDigits {
        /// The kind of number.
        kind: &'static str,
    },

    /// The octets are not a private key of the stated form.
    #[error("not a private key: {detail}")]
    NotPrivateKey {
        /// What is wrong with it.
        detail: String,
    },

    /// The octets are not a public key (SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7).
    #[error("not a public key: {detail}")]
    NotPublicKey {
        /// What is wrong with it.
        detail: &'static str,
    },

    /// The octets are not an X.509 certificate (RFC 5280).
    #[error("not a certificate: {detail}")]
    NotCertificate {
        /// What is wrong with it.
        detail: String,
    },

    /// The octets are not a certificate revocation list (RFC 5280 section 5).
    #[error("not a certificate revocation list: {detail}")]
    NotCrl {
        /// What is wrong with it.
        detail: String,
    },

    /// The key is neither RSA nor on an accepted curve: P-256 for messages, also P-384 and P-521 for documents of
    /// others.
    #[error(
        "key algorithm {algorithm} is not accepted; messages need RSA or P-256, other documents also P-384 or P-521"
    )]
    KeyAlgorithmNotAccepted {
        /// The object identifier of the algorithm or curve.
        algorithm: String,
    },

    /// An RSA modulus outside 2048 to 4096 bits, or to 8192 bits for documents of others.
    #[error(
        "an RSA key of {bits} bits is not accepted; messages need 2048 to 4096, other documents at most 8192"
    )]
    KeySize {
        /// The length of the modulus in bits.
        bits: usize,
    },

    /// An RSA public exponent that no signer needs: even, 1, or so long that verifying is slow.
    #[error("the RSA public exponent is not accepted, only odd ones from 3 to 33 bits are")]
    PublicExponent,

    /// The certificate does not belong to the private key.
    #[error("the certificate does not belong to the private key")]
    NotAPair,

    /// Octets that are too many or too few for a digest of the stated algorithm.
    #[error("{found} octets are no {algorithm} digest")]
    DigestLength {
        /// The hash function.
        algorithm: DigestAlgorithm,
        /// How many octets there are.
        found: usize,
    },

    /// A digest by another hash function than the place where it is used names.
    #[error("a {expected} digest is needed here, this one is {found}")]
    DigestAlgorithm {
        /// The hash function that is named.
        expected: DigestAlgorithm,
        /// The hash function of the digest.
        found: DigestAlgorithm,
    },

    /// The signature algorithm is for another kind of key.
    #[error("{algorithm} is for another kind of key")]
    AlgorithmNotForKey {
        /// The signature algorithm.
        algorithm: SignatureAlgorithm,
    },

    /// The key could not sign.
    #[error("the key could not sign: {detail}")]
    SigningFailed {
        /// What the key store answered.
        detail: String,
    },

    /// The caller's random source gave nothing, without which no RSA key is used.
    #[error("the random source failed")]
    RandomSourceFailed,

    /// The signature was not made by this key over this digest.
    #[error("signature value does not match the key")]
    SignatureMismatch,

    /// The certificate is not valid yet.
    #[error("certificate {subject:?} is valid from {not_before}")]
    CertificateNotYetValid {
        /// Whose certificate, person numbers masked.
        subject: String,
        /// The start of its validity.
        not_before: String,
    },

    /// The certificate is no longer valid.
    #[error("certificate {subject:?} expired at {not_after}")]
    CertificateExpired {
        /// Whose certificate, person numbers masked.
        subject: String,
        /// The end of its validity.
        not_after: String,
    },

    /// The certificate states a KeyUsage that lacks the needed bit (RFC 5280 section 4.2.1.3).
    #[error("certificate {subject:?} lacks the key usage {usage}")]
    KeyUsageMissing {
        /// Whose certificate, person numbers masked.
        subject: String,
        /// The bit that is needed.
        usage: &'static str,
    },

    /// The certificate states an extended key usage that does not include signing messages.
    #[error("the extended key usage of certificate {subject:?} does not allow signing messages")]
    ExtendedKeyUsage {
        /// Whose certificate, person numbers masked.
        subject: String,
    },

    /// No path leads from the certificate to a configured anchor.
    #[error("certificate {subject:?} does not lead to a configured anchor; its issuer is {issuer:?}")]
    UnknownIssuer {
        /// Whose certificate, person numbers masked.
        subject: String,
        /// Who is named as its issuer, person numbers masked.
        issuer: String,
    },

    /// A certificate of the path was issued by one that is no certification authority.
    #[error("the path of certificate {subject:?} goes through a certificate that is no authority")]
    IssuerNotAuthority {
        /// Whose certificate, person numbers masked.
        subject: String,
    },

    /// The path is longer than an authority in it allows.
    #[error("the path of certificate {subject:?} is longer than its authorities allow")]
    PathTooLong {
        /// Whose certificate, person numbers masked.
        subject: String,
    },

    /// A revocation list names the certificate, or an authority above it.
    #[error("certificate {subject:?} is revoked")]
    Revoked {
        /// Whose certificate, person numbers masked.
        subject: String,
    },

    /// A given revocation list is expired or not signed by the authority.
    #[error("the revocation list for certificate {subject:?} cannot be used: {detail}")]
    CrlUnusable {
        /// Whose certificate, person numbers masked.
        subject: String,
        /// What is wrong with the list.
        detail: String,
    },

    /// The path check of RFC 5280 section 6 failed in another way.
    #[error("the path of certificate {subject:?} is not valid: {detail}")]
    PathInvalid {
        /// Whose certificate, person numbers masked.
        subject: String,
        /// The rule that was broken.
        detail: String,
    },
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::NotPem { .. }
            | Self::PemCount { .. }
            | Self::PasswordNeeded
            | Self::WrongPassword { .. }
            | Self::EncryptionMalformed { .. }
            | Self::KeyDerivationCost { .. }
            | Self::NotPkcs12 { .. }
            | Self::TooManyCertificates { .. }
            | Self::NoPrivateKey
            | Self::NoCertificate
            | Self::NoSigningKey { .. }
            | Self::SeveralKeys { .. }
            | Self::NoSuchAlias { .. }
            | Self::NumberMalformed { .. }
            | Self::CheckDigits { .. }
            | Self::NotPrivateKey { .. }
            | Self::NotCrl { .. }
            | Self::NotAPair
            | Self::DigestAlgorithm { .. }
            | Self::RandomSourceFailed
            | Self::SigningFailed { .. } => Kind::Misuse,
            Self::Pkcs12 | Self::JavaKeyStore | Self::EncryptedKey | Self::EncryptionNotAccepted { .. } => {
                Kind::Unsupported
            }
            _ => Kind::Peer,
        }
    }

    /// The family of rules that was broken.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::NotPem { .. }
            | Self::PemCount { .. }
            | Self::Pkcs12
            | Self::JavaKeyStore
            | Self::EncryptedKey
            | Self::PasswordNeeded
            | Self::WrongPassword { .. }
            | Self::EncryptionNotAccepted { .. }
            | Self::EncryptionMalformed { .. }
            | Self::KeyDerivationCost { .. }
            | Self::NotPkcs12 { .. }
            | Self::TooManyCertificates { .. }
            | Self::NoPrivateKey
            | Self::NoCertificate
            | Self::NoSigningKey { .. }
            | Self::SeveralKeys { .. }
            | Self::NoSuchAlias { .. }
            | Self::NotPrivateKey { .. }
            | Self::NotPublicKey { .. }
            | Self::KeyAlgorithmNotAccepted { .. }
            | Self::KeySize { .. }
            | Self::PublicExponent
            | Self::NotAPair
            | Self::RandomSourceFailed
            | Self::SigningFailed { .. } => Class::Key,
            Self::DigestAlgorithm { .. } | Self::AlgorithmNotForKey { .. } => Class::Algorithm,
            Self::DigestLength { .. } => Class::Digest,
            Self::SignatureMismatch => Class::Signature,
            _ => Class::Trust,
        }
    }
}
