//! The backend built on the crates of RustCrypto.

use crate::algorithm::Scheme;
use crate::backend::{DigestSigner, DigestVerifier, RandomSource};
use crate::private_key_info::PrivateKeyInfo;
use crate::public_key_info::PublicNumbers;
use crate::{Curve, Digest, DigestAlgorithm, Error, KeyAlgorithm, SignatureAlgorithm, der};
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::sha2::{Sha256, Sha384, Sha512};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPrivateKey, RsaPublicKey};
use std::marker::PhantomData;
use std::sync::Arc;
use zeroize::Zeroizing;

pub(crate) fn signer(key: PrivateKeyInfo<'_>, random: RandomSource) -> Result<Arc<dyn DigestSigner>, Error> {
    let signer: Option<Arc<dyn DigestSigner>> = match key {
        PrivateKeyInfo::Rsa(key) => rsa_key(key).map(|key| Arc::new(RsaSigner { key, random }) as _),
        PrivateKeyInfo::EcP256(key) => ecdsa_key(key).map(|key| Arc::new(EcdsaSigner(key)) as _),
    };
    signer.ok_or_else(|| Error::NotPrivateKey { detail: "its numbers do not belong together".into() })
}

pub(crate) fn verifier(numbers: PublicNumbers<'_>) -> Result<Arc<dyn DigestVerifier>, Error> {
    let verifier = match numbers {
        PublicNumbers::Rsa { modulus, exponent, .. } => rsa_verifier(modulus, exponent),
        PublicNumbers::Ec { curve: Curve::P256, point } => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point);
            key.ok().map(|key| ecdsa_verifier::<_, p256::ecdsa::Signature>(Curve::P256, key))
        }
        PublicNumbers::Ec { curve: Curve::P384, point } => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point);
            key.ok().map(|key| ecdsa_verifier::<_, p384::ecdsa::Signature>(Curve::P384, key))
        }
        PublicNumbers::Ec { curve: Curve::P521, point } => {
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point);
            key.ok().map(|key| ecdsa_verifier::<_, p521::ecdsa::Signature>(Curve::P521, key))
        }
    };
    verifier.ok_or(Error::NotPublicKey { detail: "the key's numbers are not possible" })
}

struct RsaSigner {
    key: RsaPrivateKey,
    random: RandomSource,
}

impl DigestSigner for RsaSigner {
    fn algorithm(&self) -> KeyAlgorithm {
        KeyAlgorithm::Rsa
    }

    fn sign_digest(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
        let mut random = seeded(self.random)?;
        let octets = digest.as_bytes();
        let value = match algorithm.scheme() {
            Scheme::RsaPkcs1 => self.key.sign_with_rng(&mut random, pkcs1(digest.algorithm()), octets),
            Scheme::RsaPss => {
                let blinded = Pss { blinded: true, ..pss(digest.algorithm()) };
                self.key.sign_with_rng(&mut random, blinded, octets)
            }
            Scheme::Ecdsa => return Err(signing_failed()),
        };
        value.map_err(|_| signing_failed())
    }
}

/// The numbers of an RSAPrivateKey (RFC 8017 appendix A.1.2), if they belong together.
fn rsa_key(key: &[u8]) -> Option<RsaPrivateKey> {
    let mut rest = der::whole(der::SEQUENCE, key)?;
    let (_version, mut numbers) = (integer(&mut rest)?, Vec::with_capacity(8));
    while !rest.is_empty() {
        numbers.push(der::magnitude(integer(&mut rest)?)?);
    }
    let numbers: [&[u8]; 8] = numbers.try_into().ok()?;
    // A file with long numbers would cost long arithmetic before they are found to be wrong.
    if numbers.iter().any(|number| number.len() > numbers[0].len()) {
        return None;
    }
    let [modulus, exponent, private_exponent, p, q, dp, dq, qinv] = numbers.map(BigUint::from_bytes_be);
    let key = RsaPrivateKey::from_components(modulus, exponent, private_exponent, vec![p, q]).ok()?;
    let [dp, dq, qinv] = [dp, dq, qinv].map(Zeroizing::new);
    let coefficient = key.crt_coefficient().map(Zeroizing::new);
    let belong = key.dp() == Some(&*dp) && key.dq() == Some(&*dq) && coefficient == Some(qinv);
    belong.then_some(key)
}

fn integer<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (contents, rest) = der::read(der::INTEGER, input)?;
    *input = rest;
    Some(contents)
}

/// The generator of blinding factors and salts, seeded by the caller's source.
///
/// The crate of RSA wants a generator that cannot fail; a source that can is asked before the private key is used.
fn seeded(random: RandomSource) -> Result<ChaCha20Rng, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    random(&mut *seed)?;
    if *seed == [0; 32] {
        return Err(Error::RandomSourceFailed);
    }
    Ok(ChaCha20Rng::from_seed(*seed))
}

struct EcdsaSigner(p256::ecdsa::SigningKey);

impl DigestSigner for EcdsaSigner {
    fn algorithm(&self) -> KeyAlgorithm {
        KeyAlgorithm::EcdsaP256
    }

    /// The value is the same each time (RFC 6979), so that no random source can give the key away.
    fn sign_digest(&self, _: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
        let value: Result<p256::ecdsa::Signature, _> = self.0.sign_prehash(&Curve::P256.number_of(digest));
        value.map(|value| value.to_bytes().to_vec()).map_err(|_| signing_failed())
    }
}

/// The number of an ECPrivateKey (RFC 5915 section 3), and its point, if it is given, must belong to it.
fn ecdsa_key(key: &[u8]) -> Option<p256::ecdsa::SigningKey> {
    let (_version, rest) = der::read(der::INTEGER, der::whole(der::SEQUENCE, key)?)?;
    let (number, rest) = der::read(der::OCTET_STRING, rest)?;
    let rest = der::read(der::EXPLICIT_0, rest).map_or(rest, |(_, rest)| rest);
    let key = p256::ecdsa::SigningKey::from_slice(number).ok()?;
    if !rest.is_empty() {
        let point = der::whole(der::BIT_STRING, der::whole(der::EXPLICIT_1, rest)?)?.strip_prefix(&[0])?;
        if p256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()? != *key.verifying_key() {
            return None;
        }
    }
    Some(key)
}

struct RsaVerifier(RsaPublicKey);

fn rsa_verifier(modulus: &[u8], exponent: &[u8]) -> Option<Arc<dyn DigestVerifier>> {
    let (modulus, exponent) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
    let key = RsaPublicKey::new_with_max_size(modulus, exponent, 8192).ok()?;
    Some(Arc::new(RsaVerifier(key)))
}

impl DigestVerifier for RsaVerifier {
    fn verify_digest(&self, scheme: Scheme, digest: &Digest, value: &[u8]) -> Result<(), Error> {
        let (number, modulus) = (BigUint::from_bytes_be(value), self.0.n());
        // The crate looks for this in PKCS#1 v1.5 only (RFC 8017 section 5.2.2, step 1).
        if number >= *modulus {
            return Err(Error::SignatureMismatch);
        }
        let octets = digest.as_bytes();
        let verified = match scheme {
            Scheme::RsaPkcs1 => self.0.verify(pkcs1(digest.algorithm()), octets, value),
            // Of such a modulus the encoded message is an octet shorter, and the crate passes over what stands before
            // it, which must be zero (RFC 8017 section 8.1.2, step 2c).
            Scheme::RsaPss
                if modulus.bits() % 8 == 1 && number.modpow(self.0.e(), modulus).bits() == modulus.bits() =>
            {
                return Err(Error::SignatureMismatch);
            }
            Scheme::RsaPss => self.0.verify(pss(digest.algorithm()), octets, value),
            Scheme::Ecdsa => return Err(Error::SignatureMismatch),
        };
        verified.map_err(|_| Error::SignatureMismatch)
    }
}

fn pkcs1(digest: DigestAlgorithm) -> Pkcs1v15Sign {
    match digest {
        DigestAlgorithm::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        DigestAlgorithm::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        DigestAlgorithm::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
    }
}

/// With a salt as long as the digest.
fn pss(digest: DigestAlgorithm) -> Pss {
    match digest {
        DigestAlgorithm::Sha256 => Pss::new::<Sha256>(),
        DigestAlgorithm::Sha384 => Pss::new::<Sha384>(),
        DigestAlgorithm::Sha512 => Pss::new::<Sha512>(),
    }
}

struct EcdsaVerifier<K, S> {
    curve: Curve,
    key: K,
    signature: PhantomData<fn() -> S>,
}

fn ecdsa_verifier<K, S>(curve: Curve, key: K) -> Arc<dyn DigestVerifier>
where
    K: PrehashVerifier<S> + Send + Sync + 'static,
    S: for<'v> TryFrom<&'v [u8]> + 'static,
{
    Arc::new(EcdsaVerifier { curve, key, signature: PhantomData })
}

impl<K, S> DigestVerifier for EcdsaVerifier<K, S>
where
    K: PrehashVerifier<S> + Send + Sync,
    S: for<'v> TryFrom<&'v [u8]>,
{
    fn verify_digest(&self, _: Scheme, digest: &Digest, value: &[u8]) -> Result<(), Error> {
        let value = S::try_from(value).map_err(|_| Error::SignatureMismatch)?;
        let number = self.curve.number_of(digest);
        self.key.verify_prehash(&number, &value).map_err(|_| Error::SignatureMismatch)
    }
}

fn signing_failed() -> Error {
    Error::SigningFailed { detail: "RustCrypto refused".into() }
}
