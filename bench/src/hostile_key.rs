//! A certificate whose RSA key costs whoever computes with it: 16384 bits, and an exponent just as long.

/// The certificate in DER. Its signature is nobody's.
pub(crate) fn certificate() -> Vec<u8> {
    let algorithm = sequence(&[&RSA_SHA256, &[0x05, 0x00]]);
    let name = sequence(&[&tlv(0x31, &[&sequence(&[&COMMON_NAME, &tlv(0x0c, &[b"costly"])])])]);
    let validity = sequence(&[&tlv(0x17, &[b"200101000000Z"]), &tlv(0x17, &[b"490101000000Z"])]);
    let number = [&[0][..], &[0xff; 16_384 / 8]].concat();
    let key = sequence(&[&tlv(0x02, &[&number]), &tlv(0x02, &[&number])]);
    let key_info = sequence(&[&sequence(&[&RSA_ENCRYPTION, &[0x05, 0x00]]), &tlv(0x03, &[&[0], &key])]);
    let version = tlv(0xa0, &[&[0x02, 0x01, 0x02]]);
    let to_be_signed =
        sequence(&[&version, &[0x02, 0x01, 0x01], &algorithm, &name, &validity, &name, &key_info]);
    sequence(&[&to_be_signed, &algorithm, &tlv(0x03, &[&[0], &[0x5a; 256]])])
}

/// 1.2.840.113549.1.1.11 (RFC 8017 appendix A.2.4).
const RSA_SHA256: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// 1.2.840.113549.1.1.1 (RFC 8017 appendix A.1).
const RSA_ENCRYPTION: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 2.5.4.3 (X.520).
const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

/// A tag, a length in its shortest form, and the contents (X.690 sections 8.1 and 10.1).
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let length = contents.len().to_be_bytes();
    let length = &length[length.iter().take_while(|octet| **octet == 0).count()..];
    let mut value = vec![tag];
    match (contents.len(), u8::try_from(length.len())) {
        (0..0x80, _) => value.push(length.first().copied().unwrap_or(0)),
        (_, Ok(octets)) => {
            value.push(0x80 | octets);
            value.extend(length);
        }
        (_, Err(_)) => unreachable!("a usize has eight octets"),
    }
    [value, contents].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_pki::{Backend, Certificate, Error};

    #[test]
    fn the_certificate_is_refused_for_its_key_and_nothing_else() {
        let certificate = Certificate::from_der(&certificate()).unwrap();

        assert_eq!(certificate.public_key(Backend::default()), Err(Error::KeySize { bits: 16_384 }));
    }
}
