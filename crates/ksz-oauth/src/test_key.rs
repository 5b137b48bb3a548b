//! Throw-away keys of the unit tests.

use ksz_pki::{Backend, PublicKey, SigningKey};

pub(crate) struct TestKey {
    pub(crate) signing: SigningKey,
    pub(crate) public: Vec<PublicKey>,
}

pub(crate) fn p256() -> TestKey {
    read(&rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap())
}

pub(crate) fn rsa() -> TestKey {
    read(&rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap())
}

fn read(pair: &rcgen::KeyPair) -> TestKey {
    TestKey {
        signing: SigningKey::from_pem(pair.serialize_pem().as_bytes(), Backend::default()).unwrap(),
        public: vec![PublicKey::from_pem(pair.public_key_pem().as_bytes(), Backend::default()).unwrap()],
    }
}
