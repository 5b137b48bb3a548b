//! The bags of a PKCS#12 store (RFC 7292), opened with its password.
//!
//! Nothing in a store is believed to fit anything else: which certificate belongs to which key is found out
//! by [`KeyStore`](crate::KeyStore).

mod mac;

use crate::ber::{INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, Value};
use crate::encryption::{Cost, PasswordForms, Scheme};
use crate::key_store::MOST_CERTIFICATES;
use crate::{Certificate, Error, Password, der, encrypted_key};
use mac::Mac;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// The longest store, in octets. Those of the services have a thousandth.
const LONGEST: usize = 4 * 1024 * 1024;
/// The most bags of a store.
const MOST_BAGS: usize = 512;
/// The most private keys of a store.
const MOST_KEYS: usize = 64;
/// How deep bags may lie in bags.
const DEEPEST: usize = 4;

/// data, 1.2.840.113549.1.7.1 (RFC 5652 section 4), and the other content types beside it.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const ENVELOPED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03];
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
/// What the kinds of bag have in common, 1.2.840.113549.1.12.10.1 (RFC 7292 section 4.2).
const BAGS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01];
/// x509Certificate, 1.2.840.113549.1.9.22.1.
const X509_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
/// friendlyName, 1.2.840.113549.1.9.20 (RFC 2985 section 5.5.1).
const FRIENDLY_NAME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14];
/// localKeyId, 1.2.840.113549.1.9.21 (RFC 2985 section 5.5.2).
const LOCAL_KEY_ID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x15];
const BMP_STRING: u8 = 0x1e;
/// The values with the context's tag 0: constructed, and primitive.
const CONTEXT_0: u8 = 0xa0;
const CONTEXT_0_PRIMITIVE: u8 = 0x80;

/// What a store holds of use.
#[derive(Default)]
pub(crate) struct Bags {
    pub(crate) keys: Vec<KeyBag>,
    pub(crate) certificates: Vec<CertificateBag>,
}

pub(crate) struct KeyBag {
    pub(crate) attributes: Attributes,
    /// A PrivateKeyInfo in DER.
    pub(crate) info: Zeroizing<Vec<u8>>,
}

pub(crate) struct CertificateBag {
    pub(crate) attributes: Attributes,
    pub(crate) certificate: Certificate,
}

/// What a bag says of its contents.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) friendly_name: Option<String>,
    pub(crate) local_key_id: Option<Vec<u8>>,
}

/// Opens a store. Without a password, one that needs none, or the empty one, is opened too.
pub(crate) fn open(store: &[u8], password: Option<&Password>) -> Result<Bags, Error> {
    let empty = Password::new(String::new());
    let forms = PasswordForms::of(password.unwrap_or(&empty));
    open_with(store, forms).map_err(|error| match error {
        Error::WrongPassword { .. } if password.is_none() => Error::PasswordNeeded,
        other => other,
    })
}

/// PFX (RFC 7292 section 4).
fn open_with(store: &[u8], password: PasswordForms<'_>) -> Result<Bags, Error> {
    if store.len() > LONGEST {
        return Err(not_a_store("longer than 4 MiB"));
    }
    let mut fields = Reader::new(store).only(SEQUENCE).ok_or_else(truncated)?.values();
    if fields.expect(INTEGER).and_then(Value::unsigned) != Some(3) {
        return Err(not_a_store("not version 3"));
    }
    let authenticated_safe = fields.expect(SEQUENCE).ok_or_else(truncated)?;
    let contents = match content_info(authenticated_safe)? {
        (DATA, content) => content.only_octets().ok_or_else(truncated)?,
        (SIGNED_DATA, _) => {
            return Err(Error::EncryptionNotAccepted { algorithm: "a signature for its integrity".into() });
        }
        _ => return Err(not_a_store("its content is neither data nor signed data")),
    };
    let mac = fields.optional(SEQUENCE).map(Mac::read).transpose()?;
    if !fields.is_empty() {
        return Err(not_a_store("octets behind its end"));
    }
    let mut cost = Cost::new();
    let password = match mac {
        Some(mac) => verified(&mac, password, &contents, &mut cost)?,
        None => password,
    };
    let mut opening = Opening { password, cost, seen: 0, bags: Bags::default() };
    opening.authenticated_safe(&contents)?;
    Ok(opening.bags)
}

/// The form of the password with which the store was made. The empty one has two.
fn verified<'p>(
    mac: &Mac<'_>,
    password: PasswordForms<'p>,
    contents: &[u8],
    cost: &mut Cost,
) -> Result<PasswordForms<'p>, Error> {
    if mac.verify(&password, contents, cost)? {
        return Ok(password);
    }
    let nothing = PasswordForms::nothing();
    if password.is_empty() && mac.verify(&nothing, contents, cost)? {
        return Ok(nothing);
    }
    Err(Error::WrongPassword { what: "key store" })
}

/// A store that is being opened.
struct Opening<'p> {
    password: PasswordForms<'p>,
    cost: Cost,
    seen: usize,
    bags: Bags,
}

impl Opening<'_> {
    /// AuthenticatedSafe (RFC 7292 section 4.1).
    fn authenticated_safe(&mut self, octets: &[u8]) -> Result<(), Error> {
        let mut safes = Reader::new(octets).only(SEQUENCE).ok_or_else(truncated)?.values();
        while !safes.is_empty() {
            let (content_type, content) = content_info(safes.expect(SEQUENCE).ok_or_else(truncated)?)?;
            match content_type {
                DATA => {
                    let octets = content.only_octets().ok_or_else(truncated)?;
                    let safe = Reader::new(&octets).only(SEQUENCE).ok_or_else(truncated)?;
                    self.safe_contents(safe.values(), DEEPEST)?;
                }
                ENCRYPTED_DATA => {
                    let octets = self.decrypted(content.only(SEQUENCE).ok_or_else(truncated)?)?;
                    let safe = Reader::new(&octets).only(SEQUENCE);
                    let safe = safe.ok_or(Error::WrongPassword { what: "key store" })?;
                    self.safe_contents(safe.values(), DEEPEST)?;
                }
                ENVELOPED_DATA => {
                    return Err(Error::EncryptionNotAccepted { algorithm: "a public key".into() });
                }
                _ => return Err(not_a_store("a safe that is neither data nor encrypted")),
            }
        }
        Ok(())
    }

    /// EncryptedData (RFC 5652 section 8).
    fn decrypted(&mut self, data: Value<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut fields = data.values();
        let version = fields.expect(INTEGER).ok_or_else(truncated)?;
        let mut info = fields.expect(SEQUENCE).ok_or_else(truncated)?.values();
        if version.unsigned() != Some(0)
            || info.expect(OBJECT_IDENTIFIER).is_none_or(|kind| kind.contents != DATA)
        {
            return Err(not_a_store("encrypted data of an unknown kind"));
        }
        let scheme = Scheme::read(info.expect(SEQUENCE).ok_or_else(truncated)?)?;
        let encrypted = info.next().filter(|value| [CONTEXT_0, CONTEXT_0_PRIMITIVE].contains(&value.tag));
        let encrypted = encrypted.and_then(Value::octets).ok_or_else(truncated)?;
        let octets = scheme.decrypt(&self.password, &encrypted, &mut self.cost)?;
        octets.ok_or(Error::WrongPassword { what: "key store" })
    }

    /// SafeContents (RFC 7292 section 4.2).
    fn safe_contents(&mut self, mut bags: Reader<'_>, depth: usize) -> Result<(), Error> {
        while !bags.is_empty() {
            self.seen += 1;
            if self.seen > MOST_BAGS {
                return Err(not_a_store("more than 512 bags"));
            }
            let mut bag = bags.expect(SEQUENCE).ok_or_else(truncated)?.values();
            let kind = bag.expect(OBJECT_IDENTIFIER).ok_or_else(truncated)?.contents;
            let value = bag.expect(CONTEXT_0).ok_or_else(truncated)?;
            let attributes = Attributes::read(bag)?;
            match kind {
                [family @ .., 1] if family == BAGS => {
                    self.key(attributes, Zeroizing::new(value.contents.to_vec()))?;
                }
                [family @ .., 2] if family == BAGS => {
                    let info = encrypted_key::decrypt(value.contents, &self.password, &mut self.cost)?;
                    self.key(attributes, info)?;
                }
                [family @ .., 3] if family == BAGS => self.certificate(attributes, value)?,
                [family @ .., 6] if family == BAGS => {
                    let depth = depth.checked_sub(1).ok_or(not_a_store("bags in bags too deep"))?;
                    let safe = value.values().only(SEQUENCE).ok_or_else(truncated)?;
                    self.safe_contents(safe.values(), depth)?;
                }
                // Revocation lists, secret keys, and what others may have invented.
                _ => {}
            }
        }
        Ok(())
    }

    fn key(&mut self, attributes: Attributes, info: Zeroizing<Vec<u8>>) -> Result<(), Error> {
        if self.bags.keys.len() == MOST_KEYS {
            return Err(not_a_store("more than 64 private keys"));
        }
        self.bags.keys.push(KeyBag { attributes, info });
        Ok(())
    }

    /// CertBag (RFC 7292 section 4.2.3). Certificates of other kinds are passed over.
    fn certificate(&mut self, attributes: Attributes, value: Value<'_>) -> Result<(), Error> {
        let mut fields = value.values().only(SEQUENCE).ok_or_else(truncated)?.values();
        let kind = fields.expect(OBJECT_IDENTIFIER).ok_or_else(truncated)?.contents;
        let content = fields.only(CONTEXT_0).ok_or_else(truncated)?;
        if kind == X509_CERTIFICATE {
            if self.bags.certificates.len() == MOST_CERTIFICATES {
                return Err(Error::TooManyCertificates { limit: MOST_CERTIFICATES });
            }
            let der = content.values().only_octets().ok_or_else(truncated)?;
            let certificate = Certificate::from_der(&der)?;
            self.bags.certificates.push(CertificateBag { attributes, certificate });
        }
        Ok(())
    }
}

impl Attributes {
    /// The SET OF PKCS12Attribute at a bag's end (RFC 7292 section 4.2), if there is one.
    fn read(mut rest: Reader<'_>) -> Result<Self, Error> {
        let mut attributes = Self::default();
        let Some(set) = rest.optional(der::SET) else {
            return if rest.is_empty() { Ok(attributes) } else { Err(truncated()) };
        };
        let mut list = set.values();
        while !list.is_empty() {
            let mut attribute = list.expect(SEQUENCE).ok_or_else(truncated)?.values();
            let kind = attribute.expect(OBJECT_IDENTIFIER).ok_or_else(truncated)?.contents;
            let value = attribute.expect(der::SET).ok_or_else(truncated)?.values().next();
            match (kind, value) {
                (FRIENDLY_NAME, Some(name)) if name.tag == BMP_STRING => {
                    attributes.friendly_name.get_or_insert(text(name.contents));
                }
                (LOCAL_KEY_ID, Some(id)) => {
                    attributes.local_key_id = id.octets().map(Cow::into_owned);
                }
                _ => {}
            }
        }
        Ok(attributes)
    }
}

/// The text of a BMPString. Some programs write UTF-16 into it.
fn text(bmp: &[u8]) -> String {
    let units = bmp.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// ContentInfo (RFC 5652 section 3): its type, and what is in it.
fn content_info(value: Value<'_>) -> Result<(&[u8], Reader<'_>), Error> {
    let mut fields = value.values();
    let content_type = fields.expect(OBJECT_IDENTIFIER).ok_or_else(truncated)?;
    let content = fields.only(CONTEXT_0).ok_or_else(truncated)?;
    Ok((content_type.contents, content.values()))
}

const fn truncated() -> Error {
    not_a_store("truncated, or not of the form of RFC 7292")
}

const fn not_a_store(detail: &'static str) -> Error {
    Error::NotPkcs12 { detail }
}
