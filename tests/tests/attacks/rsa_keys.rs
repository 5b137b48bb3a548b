//! RSA keys that no library makes, and values that no library signs.

use super::world::canonical_signed_info;
use ksz::pki::Digest;
use rcgen::{KeyPair, PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm};
use rsa::BigUint;
use rsa::pkcs1::UintRef;
use rsa::pkcs1::der::Encode;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};

/// The numbers of a private key, to be used without any rule.
pub(crate) struct RawKey {
    modulus: BigUint,
    exponent: BigUint,
}

impl RawKey {
    /// The key of a pair.
    pub(crate) fn of(pair: &KeyPair) -> Self {
        let key = rsa::RsaPrivateKey::from_pkcs8_der(pair.serialized_der()).unwrap();
        Self { modulus: key.n().clone(), exponent: key.d().clone() }
    }

    /// A key of 1024 bits, made with `openssl genrsa 1024`.
    pub(crate) fn of_1024_bits() -> Self {
        let number = |hex: &str| BigUint::parse_bytes(hex.as_bytes(), 16).unwrap();
        Self { modulus: number(MODULUS_1024), exponent: number(EXPONENT_1024) }
    }

    pub(crate) fn modulus(&self) -> Vec<u8> {
        self.modulus.to_bytes_be()
    }

    /// The value whose encoded block (RFC 8017 section 8.2.1 step 2) is this one.
    pub(crate) fn value_of(&self, block: &[u8]) -> Vec<u8> {
        let value = BigUint::from_bytes_be(block).modpow(&self.exponent, &self.modulus).to_bytes_be();
        [vec![0; self.modulus.bits().div_ceil(8) - value.len()], value].concat()
    }

    /// The value over the `SignedInfo` of a message.
    pub(crate) fn sign(&self, message: &str) -> Vec<u8> {
        let info = [&DIGEST_INFO[..], &hash_of(message)].concat();
        self.value_of(&padded(1, 0xff, &info, self.modulus.bits().div_ceil(8)))
    }
}

/// DER before a SHA-256 hash (RFC 8017 section 9.2 note 1).
pub(crate) const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// The hash that a message's signature value is over.
pub(crate) fn hash_of(message: &str) -> Vec<u8> {
    Digest::sha256(&canonical_signed_info(message)).as_bytes().to_vec()
}

/// A block of a type, filled up with one octet, that ends in `content`.
pub(crate) fn padded(block_type: u8, filler: u8, content: &[u8], length: usize) -> Vec<u8> {
    [&[0, block_type][..], &vec![filler; length - content.len() - 3], &[0], content].concat()
}

/// A public key of any numbers.
pub(crate) fn public_key(modulus: &[u8], exponent: &[u8]) -> impl PublicKeyData {
    let number = |octets| UintRef::new(octets).unwrap();
    let key = rsa::pkcs1::RsaPublicKey { modulus: number(modulus), public_exponent: number(exponent) };
    AnyKey(key.to_der().unwrap())
}

struct AnyKey(Vec<u8>);

impl PublicKeyData for AnyKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

const MODULUS_1024: &str = "ab7b2cdb8dd0c8737165703a90af3f3d0814e5221955cea91e9f3c8eca72e4b2b570fc1d856a857e00a25aaf\
    e9772dd2bf282c02400e1474d3c396b4d1225a20e33fbf93491c8a6d998eb6014b68d8c17cbc0ae09d111f41\
    702e5003d97f6fd1ead2af347dd2b59c3afe999953d182a2a9508fa46a619b9148922cb598dee1cd";
const EXPONENT_1024: &str = "23825f389bb6473bf8985bd414cfe5557b0df0a0ce0441c62d8c25db1fbb08f6a4b1dfd331246cbe39dd64d0\
    1695524cd8beb5d6457364f30842f13b422f4de038c6311e7f07e08b036e9b3a645de3203385bc42a7ed5303\
    8bc64f14d0082cf02852d0400abb5753aa27434410dd3879915c874a9cb6ba2333acd3c8701d32b5";
