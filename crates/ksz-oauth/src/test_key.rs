//! Throw-away keys of the unit tests.

use ksz_pki::{Backend, PublicKey, SigningKey};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize};

pub(crate) struct TestKey {
    pub(crate) signing: SigningKey,
    pub(crate) public: Vec<PublicKey>,
}

/// All backends that are built in. These keys are no secrets, so the octets that blind them need not be random.
pub(crate) const BACKENDS: &[Backend] = &[
    #[cfg(feature = "aws-lc")]
    Backend::AwsLc,
    #[cfg(feature = "rustcrypto")]
    Backend::RustCrypto(|octets| {
        octets.fill(7);
        Ok(())
    }),
];

/// A key of each kind, for each backend that signs and each that verifies.
pub(crate) fn everywhere() -> impl Iterator<Item = TestKey> {
    let backends = || BACKENDS.iter().copied();
    let both = backends().flat_map(move |signer| backends().map(move |verifier| (signer, verifier)));
    let pairs = [generate_p256(), generate_rsa()];
    both.flat_map(move |(signer, verifier)| pairs.each_ref().map(|pair| read(pair, signer, verifier)))
}

pub(crate) fn p256() -> TestKey {
    read(&generate_p256(), BACKENDS[0], BACKENDS[0])
}

pub(crate) fn rsa() -> TestKey {
    read(&generate_rsa(), BACKENDS[0], BACKENDS[0])
}

fn generate_p256() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

fn generate_rsa() -> KeyPair {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
}

fn read(pair: &KeyPair, signer: Backend, verifier: Backend) -> TestKey {
    TestKey {
        signing: SigningKey::from_pem(pair.serialize_pem().as_bytes(), signer).unwrap(),
        public: vec![PublicKey::from_pem(pair.public_key_pem().as_bytes(), verifier).unwrap()],
    }
}
