//! JWS in compact serialization (RFC 7515 section 7.1), made and verified with the keys of [`ksz_pki`].

use crate::client::is_visible;
use crate::json::Members;
use crate::{Error, KeyHint};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ksz_error::excerpt;
use ksz_pki::{Digest, DigestAlgorithm, KeyAlgorithm, PublicKey, SigningKey};
use serde_json::{Value, json};

/// What errors call the two JSON objects of a JWT.
pub(crate) const HEADER: &str = "JWS header";
pub(crate) const CLAIMS: &str = "JWT claims";

const MAX_LENGTH: usize = 16 * 1024;
const MAX_JWT_ID: usize = 256;

/// Header parameters that bring a key or say where to get one (RFC 7515 sections 4.1.2 to 4.1.6), and those that
/// must be understood or change what is signed (4.1.11, RFC 7797, RFC 7516).
const REFUSED_PARAMETERS: [&str; 8] = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "enc", "zip"];

/// The name of the signature in `alg` (RFC 7518 section 3.1): it follows from the key.
pub(crate) const fn algorithm_name(algorithm: KeyAlgorithm) -> &'static str {
    match algorithm {
        KeyAlgorithm::Rsa => "RS256",
        KeyAlgorithm::EcdsaP256 => "ES256",
    }
}

/// Makes a JWT of the given type.
pub(crate) fn sign(typ: &str, hint: &KeyHint, claims: &Value, key: &SigningKey) -> Result<String, Error> {
    let mut header = json!({ "alg": algorithm_name(key.algorithm()), "typ": typ });
    match hint {
        KeyHint::None => {}
        KeyHint::Kid(kid) => header["kid"] = json!(kid),
        KeyHint::X5tS256(fingerprint) => {
            fingerprint.require(DigestAlgorithm::Sha256)?;
            header["x5t#S256"] = json!(encode(fingerprint.as_bytes()));
        }
    }
    let signing_input =
        format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = key.sign_digest(&Digest::sha256(signing_input.as_bytes()))?;
    Ok(format!("{signing_input}.{}", encode(&signature)))
}

/// Refuses an identifier that is not fit for `jti` (RFC 7519 section 4.1.7).
pub(crate) fn accept_jwt_id(jti: &str) -> Result<&str, Error> {
    if is_visible(jti, MAX_JWT_ID) { Ok(jti) } else { Err(Error::JwtIdNotAccepted { limit: MAX_JWT_ID }) }
}

/// Reads `jti`, which is required wherever we verify.
pub(crate) fn jwt_id(claims: &mut Members) -> Result<String, Error> {
    let jti = claims.required_string("jti")?;
    if is_visible(&jti, MAX_JWT_ID) { Ok(jti) } else { Err(claims.wrong("jti", "a short visible text")) }
}

/// A JWS that was taken apart and whose header is acceptable. Nothing of it is proven.
pub(crate) struct Jws<'t> {
    signing_input: &'t str,
    algorithm: KeyAlgorithm,
    claims: Members,
    signature: Vec<u8>,
}

impl<'t> Jws<'t> {
    /// Takes a JWT apart that is of one of the given types; `None` stands for no `typ`.
    pub(crate) fn parse(token: &'t str, types: &[Option<&str>]) -> Result<Self, Error> {
        if token.len() > MAX_LENGTH {
            return Err(Error::TooLarge { document: "JWS", limit: MAX_LENGTH });
        }
        let parts: Vec<_> = token.split('.').collect();
        let &[header, claims, signature] = parts.as_slice() else {
            return Err(Error::NotJws { detail: "it must have three parts" });
        };
        let mut header_members = Members::parse(HEADER, &decode(header)?)?;
        let algorithm = accepted_algorithm(&header_members.required_string("alg")?)?;
        if let Some(member) = REFUSED_PARAMETERS.into_iter().find(|member| header_members.has(member)) {
            return Err(Error::HeaderNotAccepted { member });
        }
        require_type(header_members.string("typ")?.as_deref(), types)?;
        Ok(Self {
            signing_input: &token[..header.len() + 1 + claims.len()],
            algorithm,
            claims: Members::parse(CLAIMS, &decode(claims)?)?,
            signature: decode(signature)?,
        })
    }

    /// The claims as whoever sent the JWT wrote them: to look up the key, and for nothing else.
    pub(crate) fn unverified_claims(&self) -> Members {
        self.claims.clone()
    }

    /// The claims, if one of the keys made the signature. A key is only tried with its own algorithm, so `alg`
    /// chooses nothing (RFC 8725 section 3.1).
    pub(crate) fn verify(self, keys: &[PublicKey]) -> Result<Members, Error> {
        let digest = Digest::sha256(self.signing_input.as_bytes());
        let mut failure = Error::AlgorithmNotAccepted { alg: algorithm_name(self.algorithm).into() };
        for key in keys.iter().filter(|key| key.algorithm() == self.algorithm) {
            match key.verify_digest(&digest, &self.signature) {
                Ok(()) => return Ok(self.claims),
                Err(error) => failure = error.into(),
            }
        }
        Err(failure)
    }
}

fn accepted_algorithm(alg: &str) -> Result<KeyAlgorithm, Error> {
    [KeyAlgorithm::Rsa, KeyAlgorithm::EcdsaP256]
        .into_iter()
        .find(|algorithm| algorithm_name(*algorithm) == alg)
        .ok_or_else(|| Error::AlgorithmNotAccepted { alg: excerpt(alg) })
}

/// Types are media types, compared without case and with `application/` left out (RFC 7515 section 4.1.9).
fn require_type(typ: Option<&str>, types: &[Option<&str>]) -> Result<(), Error> {
    let lower = typ.map(str::to_ascii_lowercase);
    let short = lower.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
    if types.contains(&short) {
        Ok(())
    } else {
        Err(Error::TypeNotAccepted { typ: excerpt(typ.unwrap_or_default()) })
    }
}

/// Base64url without padding (RFC 7515 section 2).
fn encode(octets: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(octets)
}

/// Padding, line ends and unused bits that are set are refused: each value has one spelling.
fn decode(text: &str) -> Result<Vec<u8>, Error> {
    BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Error::NotJws { detail: "a part is not base64url without padding" })
}

#[cfg(test)]
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod tests {
    use super::*;
    use crate::test_key;
    use ksz_pki::Backend;

    const ANY: &[Option<&str>] = &[None, Some("jwt")];

    /// The values of RFC 7515 appendices A.2 and A.3; the keys are the public halves of their JWK.
    const CLAIMS_OF_RFC_7515: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE_OF_A_2: &str = concat!(
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9",
        "uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB",
        "_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq",
        "Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
    );
    const KEY_OF_A_2: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj
NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz
P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo
9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB
EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX
FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp
oQIDAQAB
-----END PUBLIC KEY-----
";
    const SIGNATURE_OF_A_3: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const KEY_OF_A_3: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7
6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
-----END PUBLIC KEY-----
";

    #[test]
    fn the_examples_of_rfc_7515_verify_and_break_with_one_changed_character() {
        for (alg, signature, key) in
            [("RS256", SIGNATURE_OF_A_2, KEY_OF_A_2), ("ES256", SIGNATURE_OF_A_3, KEY_OF_A_3)]
        {
            let read = |backend: &Backend| PublicKey::from_pem(key.as_bytes(), *backend).unwrap();
            let token = |claims: &str, signature: &str| {
                format!("{}.{claims}.{signature}", encode(format!(r#"{{"alg":"{alg}"}}"#).as_bytes()))
            };

            for keys in test_key::BACKENDS.iter().map(|backend| [read(backend)]) {
                let mut claims = verify(&token(CLAIMS_OF_RFC_7515, signature), &keys).unwrap();
                assert_eq!(claims.required_string("iss").unwrap(), "joe");

                for changed in [
                    token(&CLAIMS_OF_RFC_7515.replace("Imh0d", "Imh0e"), signature),
                    token(CLAIMS_OF_RFC_7515, &signature.replacen("U", "V", 1)),
                    token(CLAIMS_OF_RFC_7515, ""),
                    token(CLAIMS_OF_RFC_7515, &signature[..84]),
                ] {
                    assert_eq!(refusal(&changed, &keys), Error::Key(ksz_pki::Error::SignatureMismatch));
                }
            }
        }
    }

    #[test]
    fn what_we_sign_verifies_with_that_key_only() {
        for key in test_key::everywhere() {
            let alg = if key.signing.algorithm() == KeyAlgorithm::Rsa { "RS256" } else { "ES256" };
            let token = sign("JWT", &KeyHint::None, &json!({ "iss": "joe" }), &key.signing).unwrap();

            assert_eq!(header(&token), format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#));
            let keys = [test_key::p256().public, key.public].concat();
            assert!(verify(&token, &keys).is_ok());
            assert!(verify(&token, &keys[..1]).is_err());
        }
    }

    #[test]
    fn the_hint_stands_in_the_header() {
        let key = test_key::p256();
        let signed = |hint| header(&sign("JWT", &hint, &json!({}), &key.signing).unwrap());

        assert_eq!(signed(KeyHint::Kid("7".into())), r#"{"alg":"ES256","typ":"JWT","kid":"7"}"#);
        assert_eq!(
            signed(KeyHint::X5tS256(Digest::from([0; 32]))),
            format!(r#"{{"alg":"ES256","typ":"JWT","x5t#S256":"{}"}}"#, "A".repeat(43))
        );
        let (expected, found) = (DigestAlgorithm::Sha256, DigestAlgorithm::Sha512);
        let long = KeyHint::X5tS256(Digest::of(found, b"certificate"));
        let refused = sign("JWT", &long, &json!({}), &key.signing).unwrap_err();
        assert_eq!(refused, Error::Key(ksz_pki::Error::DigestAlgorithm { expected, found }));
    }

    #[test]
    fn the_algorithm_follows_from_the_key() {
        let (ec, rsa) = (test_key::p256(), test_key::rsa());
        let token = sign("JWT", &KeyHint::None, &json!({}), &ec.signing).unwrap();
        assert_eq!(refusal(&token, &rsa.public), Error::AlgorithmNotAccepted { alg: "ES256".into() });

        for alg in ["none", "None", "HS256", "PS256", "rs256", ""] {
            let token = with_header(&format!(r#"{{"alg":"{alg}"}}"#));
            assert_eq!(refusal(&token, &ec.public), Error::AlgorithmNotAccepted { alg: alg.into() });
        }
        assert_eq!(
            refusal(&with_header("{}"), &ec.public),
            Error::MemberMissing { document: HEADER, member: "alg" }
        );
    }

    #[test]
    fn a_header_that_brings_a_key_or_an_extension_is_refused() {
        for member in REFUSED_PARAMETERS {
            let token = with_header(&format!(r#"{{"alg":"ES256","{member}":null}}"#));
            assert_eq!(refusal(&token, &[]), Error::HeaderNotAccepted { member });
        }
        let twice = with_header(r#"{"alg":"ES256","alg":"none"}"#);
        assert_eq!(refusal(&twice, &[]), Error::RepeatedMember { document: HEADER, member: "alg".into() });
    }

    #[test]
    fn another_type_is_refused() {
        for typ in ["at+jwt", "application/at+jwt", "x/jwt"] {
            let token = with_header(&format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#));
            assert_eq!(refusal(&token, &[]), Error::TypeNotAccepted { typ: typ.into() });
        }
        let token = with_header(r#"{"alg":"ES256","typ":"application/JWT"}"#);
        assert_eq!(refusal(&token, &[]), Error::AlgorithmNotAccepted { alg: "ES256".into() });
    }

    #[test]
    fn another_spelling_is_refused() {
        let key = test_key::p256();
        let token = sign("JWT", &KeyHint::None, &json!({ "iss": "joe" }), &key.signing).unwrap();
        let not_base64 = Error::NotJws { detail: "a part is not base64url without padding" };
        let not_three = Error::NotJws { detail: "it must have three parts" };

        assert_eq!(refusal(&format!("{token}=="), &key.public), not_base64);
        assert_eq!(refusal(&format!("{token}\n"), &key.public), not_base64);
        assert_eq!(refusal(&format!(" {token}"), &key.public), not_base64);
        assert_eq!(refusal(&token.replacen('.', "+.", 1), &key.public), not_base64);
        assert_eq!(refusal(&format!("{token}."), &key.public), not_three);
        assert_eq!(refusal("", &key.public), not_three);
        assert_eq!(
            refusal(&"a".repeat(MAX_LENGTH + 1), &key.public),
            Error::TooLarge { document: "JWS", limit: MAX_LENGTH }
        );
    }

    fn verify(token: &str, keys: &[PublicKey]) -> Result<Members, Error> {
        Jws::parse(token, ANY)?.verify(keys)
    }

    fn refusal(token: &str, keys: &[PublicKey]) -> Error {
        verify(token, keys).map(drop).unwrap_err()
    }

    fn with_header(header: &str) -> String {
        format!("{}.{}.AAAA", encode(header.as_bytes()), encode(b"{}"))
    }

    fn header(token: &str) -> String {
        String::from_utf8(decode(token.split('.').next().unwrap()).unwrap()).unwrap()
    }
}
