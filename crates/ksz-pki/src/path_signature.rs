use crate::algorithm::Scheme;
use crate::public_key_info::PublicNumbers;
use crate::{Backend, Curve, Digest, DigestAlgorithm, Error, der};
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};
use std::borrow::Cow;

/// One way in which authorities sign certificates and revocation lists, computed by a [`Backend`].
///
/// The path library asks for these; that all backends answer through them is why all accept the same paths. Keys are
/// accepted as for [`VerifyingKey`](crate::VerifyingKey).
#[derive(Debug)]
pub(crate) struct PathSignature {
    backend: Backend,
    scheme: Scheme,
    /// Of an ECDSA key; none of an RSA key.
    curve: Option<Curve>,
    digest: DigestAlgorithm,
}

const DIGESTS: [DigestAlgorithm; 3] =
    [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512];

impl PathSignature {
    /// RSASSA-PKCS1-v1_5, RSASSA-PSS (RFC 4055) and ECDSA (RFC 5758) on three curves, each with three digests.
    pub(crate) fn all(backend: Backend) -> Vec<Self> {
        let kinds = [
            (Scheme::RsaPkcs1, None),
            (Scheme::RsaPss, None),
            (Scheme::Ecdsa, Some(Curve::P256)),
            (Scheme::Ecdsa, Some(Curve::P384)),
            (Scheme::Ecdsa, Some(Curve::P521)),
        ];
        let with_digests = |(scheme, curve)| DIGESTS.map(|digest| Self { backend, scheme, curve, digest });
        kinds.into_iter().flat_map(with_digests).collect()
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let (numbers, value) = match self.curve {
            None => (PublicNumbers::of_rsa(public_key)?, Cow::Borrowed(signature)),
            Some(curve) => {
                (PublicNumbers::of_point(curve, public_key)?, Cow::Owned(r_and_s(curve, signature)?))
            }
        };
        if !numbers.kind().is_possible_value(&value) {
            return Err(Error::SignatureMismatch);
        }
        let digest = Digest::of(self.digest, message);
        self.backend.verifier(numbers)?.verify_digest(self.scheme, &digest, &value)
    }
}

impl SignatureVerificationAlgorithm for PathSignature {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        self.verify(public_key, message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        match self.curve {
            None => alg_id::RSA_ENCRYPTION,
            Some(Curve::P256) => alg_id::ECDSA_P256,
            Some(Curve::P384) => alg_id::ECDSA_P384,
            Some(Curve::P521) => alg_id::ECDSA_P521,
        }
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match (self.scheme, self.digest) {
            (Scheme::RsaPkcs1, DigestAlgorithm::Sha256) => alg_id::RSA_PKCS1_SHA256,
            (Scheme::RsaPkcs1, DigestAlgorithm::Sha384) => alg_id::RSA_PKCS1_SHA384,
            (Scheme::RsaPkcs1, DigestAlgorithm::Sha512) => alg_id::RSA_PKCS1_SHA512,
            (Scheme::RsaPss, DigestAlgorithm::Sha256) => alg_id::RSA_PSS_SHA256,
            (Scheme::RsaPss, DigestAlgorithm::Sha384) => alg_id::RSA_PSS_SHA384,
            (Scheme::RsaPss, DigestAlgorithm::Sha512) => alg_id::RSA_PSS_SHA512,
            (Scheme::Ecdsa, DigestAlgorithm::Sha256) => alg_id::ECDSA_SHA256,
            (Scheme::Ecdsa, DigestAlgorithm::Sha384) => alg_id::ECDSA_SHA384,
            (Scheme::Ecdsa, DigestAlgorithm::Sha512) => alg_id::ECDSA_SHA512,
        }
    }
}

/// r and s, each as long as an element of the field, of an ECDSA-Sig-Value (RFC 3279 section 2.2.3) in DER.
fn r_and_s(curve: Curve, value: &[u8]) -> Result<Vec<u8>, Error> {
    let padded = |number: &[u8]| {
        let missing = curve.order().len().checked_sub(number.len())?;
        Some([&vec![0; missing], number].concat())
    };
    let fixed = || {
        let (r, rest) = der::read(der::INTEGER, der::whole(der::SEQUENCE, value)?)?;
        let (r, s) = (der::magnitude(r)?, der::magnitude(der::whole(der::INTEGER, rest)?)?);
        Some([padded(r)?, padded(s)?].concat())
    };
    fixed().ok_or(Error::SignatureMismatch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_der_become_octets_of_one_length() {
        let short = [0x30, 6, 2, 1, 5, 2, 1, 0x7f];
        let fixed = r_and_s(Curve::P256, &short).unwrap();
        assert_eq!(fixed, [&[0; 31][..], &[5], &[0; 31], &[0x7f]].concat());

        let r = [&[2, 33, 0][..], &[0x80; 32]].concat();
        let full = [&[0x30, 38][..], &r, &[2, 1, 5]].concat();
        assert_eq!(r_and_s(Curve::P256, &full), Ok([&[0x80; 32][..], &[0; 31], &[5]].concat()));

        let too_long = [&[0x30, 39, 2, 34, 0][..], &[0x80; 33], &[2, 1, 5]].concat();
        let behind = [&short[..], &[0]].concat();
        for refused in [
            &too_long[..],
            &behind,
            &[0x30, 3, 2, 1, 5],
            &[0x30, 9, 2, 1, 5, 2, 1, 5, 2, 1, 5],
            &[0x30, 7, 2, 2, 0, 5, 2, 1, 5],
            &[0x30, 6, 2, 1, 0xff, 2, 1, 5],
            &[0x30, 6, 2, 1, 0, 2, 1, 5],
            &[0x30, 0x81, 6, 2, 1, 5, 2, 1, 5],
            &[],
        ] {
            assert_eq!(r_and_s(Curve::P256, refused), Err(Error::SignatureMismatch), "{refused:?}");
        }
    }
}
