//! How a token is kept where others can read: AES-256-GCM (NIST SP 800-38D) under a key of the caller.
//!
//! ```text
//! 8 octets   KSZSESS1
//! 8          until when the entry is of use, in seconds since 1970
//! 8          which key, so that another key is told apart from damage
//! 8          a digest of the 24 octets before, so that damage to them is told apart from another key
//! 12         the nonce: random, for each entry anew
//! …          the ciphertext, and 16 octets of authentication
//! ```
//!
//! That key and the one of the digests that name entries are derived from the caller's by HKDF-SHA256 (RFC 5869), so that
//! none serves two ends. The first 24 octets and the digest that names the session are authenticated too, so an entry is worth nothing in the
//! place of another.

use super::StoredToken;
use crate::{Error, SessionKey, password_of_variable};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"KSZSESS1";
/// What the derived keys are for.
const FOR_ENTRIES: &[u8] = b"ksz session store: entries";
const FOR_NAMES: &[u8] = b"ksz session store: names";
/// What is authenticated and not encrypted.
const AUTHENTICATED: usize = 24;
/// Where the nonce begins, and where the ciphertext does.
const NONCE: usize = 32;
const CIPHERTEXT: usize = NONCE + NONCE_LEN;
/// No token is larger; neither is an entry that is read.
pub(crate) const LARGEST: usize = 1 << 20;

/// The key of a session store: 32 octets from a random source. It is wiped when dropped and never prints.
///
/// ```
/// use ksz_client::SessionStoreKey;
///
/// let key = SessionStoreKey::from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")?;
/// assert_eq!(format!("{key:?}"), "SessionStoreKey(…)");
/// assert!(SessionStoreKey::from_hex("a password").is_err());
/// # Ok::<(), ksz_client::Error>(())
/// ```
#[derive(Clone)]
pub struct SessionStoreKey(Zeroizing<[u8; 32]>);

impl SessionStoreKey {
    /// The key of these octets.
    #[must_use]
    pub fn new(octets: [u8; 32]) -> Self {
        Self(Zeroizing::new(octets))
    }

    /// The key of 64 hexadecimal digits, as `openssl rand -hex 32` prints them.
    ///
    /// # Errors
    ///
    /// [`Error::SessionStoreKey`] if it is anything else.
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let mut octets = Zeroizing::new([0; 32]);
        let digits = text.trim().as_bytes();
        if digits.len() != 64 {
            return Err(Error::SessionStoreKey);
        }
        for (octet, pair) in octets.iter_mut().zip(digits.chunks_exact(2)) {
            *octet = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(octets))
    }

    /// The key that an environment variable holds in hexadecimal digits.
    ///
    /// # Errors
    ///
    /// Those of [`password_of_variable`] and [`Self::from_hex`].
    pub fn of_variable(name: &str) -> Result<Self, Error> {
        Self::from_hex(password_of_variable(name)?.reveal())
    }
}

fn digit(character: u8) -> Result<u8, Error> {
    let digit = char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digit.ok_or(Error::SessionStoreKey)
}

impl fmt::Debug for SessionStoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionStoreKey(…)")
    }
}

/// Why an entry cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unusable {
    /// It is cut off, or octets of it changed, or it is of another session.
    Damaged,
    /// It was written with another key.
    OtherKey,
}

impl Unusable {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::OtherKey => "written with another key",
        }
    }
}

/// Writes and reads entries with one key.
pub(crate) struct Sealer {
    key: LessSafeKey,
    names: hmac::Key,
    id: [u8; 8],
}

impl Sealer {
    pub(crate) fn new(key: &SessionStoreKey) -> Result<Self, Error> {
        let derived = Salt::new(HKDF_SHA256, &[]).extract(&*key.0);
        let entries = derived.expand(&[FOR_ENTRIES], &AES_256_GCM).map_err(|_| Error::SessionStoreKey)?;
        let names = derived.expand(&[FOR_NAMES], hmac::HMAC_SHA256).map_err(|_| Error::SessionStoreKey)?;
        let names = hmac::Key::from(names);
        let id = first_octets(hmac::sign(&names, b"ksz session store: key").as_ref());
        Ok(Self { key: LessSafeKey::new(UnboundKey::from(entries)), names, id })
    }

    /// What an entry is called: a digest that tells nothing to whoever has not the key. It is no number that can be
    /// guessed from what sessions are about.
    pub(crate) fn name(&self, session: &SessionKey) -> String {
        let mut context = hmac::Context::with_key(&self.names);
        context.update(b"ksz session store: name");
        context.update(session.as_bytes());
        context.sign().as_ref().iter().map(|octet| format!("{octet:02x}")).collect()
    }

    pub(crate) fn seal(&self, session: &SessionKey, token: &StoredToken) -> Result<Vec<u8>, Error> {
        let no_randomness = |detail: String| Error::NoRandomness { detail };
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|error| no_randomness(error.to_string()))?;
        let head = self.head(token.until());
        let aad = Aad::from([&head[..AUTHENTICATED], session.as_bytes()].concat());
        // Room for the tag, so that no copy of the plaintext is left behind where the vector grows.
        let mut sealed = Vec::with_capacity(token.text().len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(token.text().as_bytes());
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| no_randomness("the token cannot be encrypted".into()))?;
        Ok([&head[..], &nonce, &sealed].concat())
    }

    pub(crate) fn unseal(&self, session: &SessionKey, entry: &[u8]) -> Result<StoredToken, Unusable> {
        let until = self.read_head(entry)?;
        let (Some(nonce), Some(ciphertext)) = (entry.get(NONCE..CIPHERTEXT), entry.get(CIPHERTEXT..)) else {
            return Err(Unusable::Damaged);
        };
        let aad = Aad::from([&entry[..AUTHENTICATED], session.as_bytes()].concat());
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unusable::Damaged)?;
        let mut octets = Zeroizing::new(ciphertext.to_vec());
        let plain = self.key.open_in_place(nonce, aad, &mut octets).map_err(|_| Unusable::Damaged)?;
        let text = std::str::from_utf8(plain).map_err(|_| Unusable::Damaged)?;
        Ok(StoredToken::new(text.to_owned(), until))
    }

    /// Until when an entry is of use, by its first octets alone.
    pub(crate) fn read_head(&self, entry: &[u8]) -> Result<SystemTime, Unusable> {
        let head = entry.get(..NONCE).ok_or(Unusable::Damaged)?;
        let (authenticated, check) = head.split_at(AUTHENTICATED);
        if !authenticated.starts_with(MAGIC) || check != first_octets(digest(&SHA256, authenticated).as_ref())
        {
            return Err(Unusable::Damaged);
        }
        if authenticated[16..] != self.id {
            return Err(Unusable::OtherKey);
        }
        let until = u64::from_be_bytes(first_octets(&authenticated[8..]));
        UNIX_EPOCH.checked_add(Duration::from_secs(until)).ok_or(Unusable::Damaged)
    }

    fn head(&self, until: SystemTime) -> [u8; NONCE] {
        let until = until.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut head = [0; NONCE];
        head[..8].copy_from_slice(MAGIC);
        head[8..16].copy_from_slice(&until.to_be_bytes());
        head[16..AUTHENTICATED].copy_from_slice(&self.id);
        let check = first_octets(digest(&SHA256, &head[..AUTHENTICATED]).as_ref());
        head[AUTHENTICATED..].copy_from_slice(&check);
        head
    }
}

/// The first eight of more octets.
fn first_octets(octets: &[u8]) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&octets[..8]);
    first
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::session::tests::session_key;

    #[test]
    fn an_entry_comes_back_as_it_was() {
        let (sealer, session) = (sealer(1), session_key("a"));

        let entry = sealer.seal(&session, &token()).unwrap();

        assert_eq!(sealer.unseal(&session, &entry).unwrap(), token());
        assert_eq!(sealer.read_head(&entry).unwrap(), token().until());
        assert_ne!(entry, sealer.seal(&session, &token()).unwrap(), "each has a nonce of its own");
        let text = token();
        let needle = &text.text().as_bytes()[..16];
        assert!(!entry.windows(needle.len()).any(|window| window == needle));
    }

    #[test]
    fn an_entry_that_is_cut_off_anywhere_is_none() {
        let (sealer, session) = (sealer(1), session_key("a"));
        let entry = sealer.seal(&session, &token()).unwrap();
        for length in 0..entry.len() {
            assert_eq!(sealer.unseal(&session, &entry[..length]), Err(Unusable::Damaged), "{length}");
        }
        let longer = [&entry[..], b"\0"].concat();
        assert_eq!(sealer.unseal(&session, &longer), Err(Unusable::Damaged));
    }

    #[test]
    fn an_entry_with_any_octet_changed_is_none() {
        let (sealer, session) = (sealer(1), session_key("a"));
        let entry = sealer.seal(&session, &token()).unwrap();
        for place in 0..entry.len() {
            for bit in 0..8 {
                let mut changed = entry.clone();
                changed[place] ^= 1 << bit;
                assert_eq!(sealer.unseal(&session, &changed), Err(Unusable::Damaged), "{place}.{bit}");
            }
        }
    }

    #[test]
    fn an_entry_of_another_session_or_key_is_none() {
        let (sealer, session) = (sealer(1), session_key("a"));
        let entry = sealer.seal(&session, &token()).unwrap();

        assert_eq!(sealer.unseal(&session_key("b"), &entry), Err(Unusable::Damaged));
        let other = self::sealer(2);
        assert_eq!(other.unseal(&session, &entry), Err(Unusable::OtherKey));
        assert_ne!(other.name(&session), sealer.name(&session));
        assert_ne!(sealer.name(&session), sealer.name(&session_key("b")));
    }

    #[test]
    fn entries_and_names_have_keys_of_their_own() {
        // openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:0101…01 \
        //     -kdfopt 'info:ksz session store: entries' HKDF, and the same with names.
        let of_entries = "d505bca08ffda8d97cd8aa2e0359e4fbf184d79120c3bab855d4c63628f23e0f";
        let of_names = "f734bae9ce326d41d6fcc965ab137ba2b0e355760446db03ae308b85585b331c";
        // printf 'ksz session store: key' | openssl dgst -sha256 -mac HMAC -macopt hexkey:<that of names>
        let id = "e198e4c38523d3d7";
        let (sealer, session) = (sealer(1), session_key("a"));

        let entry = sealer.seal(&session, &token()).unwrap();

        let hex: String = entry[16..24].iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hex, id);
        let key = SessionStoreKey::from_hex(of_entries).unwrap();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*key.0).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&entry[NONCE..CIPHERTEXT]).unwrap();
        let aad = Aad::from([&entry[..AUTHENTICATED], session.as_bytes()].concat());
        let mut octets = entry[CIPHERTEXT..].to_vec();
        assert_eq!(key.open_in_place(nonce, aad, &mut octets).unwrap(), token().text().as_bytes());
        let key = SessionStoreKey::from_hex(of_names).unwrap();
        let named = [b"ksz session store: name", &session.as_bytes()[..]].concat();
        let name = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &*key.0), &named);
        let hex: String = name.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(sealer.name(&session), hex);
    }

    #[test]
    fn a_key_is_64_hexadecimal_digits_and_does_not_print() {
        let digits = "00FFfe030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let key = SessionStoreKey::from_hex(&format!("{digits}\n")).unwrap();
        assert_eq!((key.0[0], key.0[1], key.0[2], key.0[31]), (0, 0xff, 0xfe, 0x1f));
        for bad in ["", "geheim", &digits[1..], &digits.replace('F', "g"), &digits.replace("00", "+0")] {
            assert_eq!(SessionStoreKey::from_hex(bad).unwrap_err(), Error::SessionStoreKey, "{bad}");
        }
    }

    pub(crate) fn sealer(first: u8) -> Sealer {
        Sealer::new(&SessionStoreKey::new([first; 32])).unwrap()
    }

    pub(crate) fn token() -> StoredToken {
        StoredToken::new(
            "<Assertion>the text of a token</Assertion>".into(),
            UNIX_EPOCH + Duration::from_secs(4_000_000_000),
        )
    }
}
