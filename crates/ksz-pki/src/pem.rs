#[cfg(feature = "x509")]
use crate::Certificate;
use crate::{Error, key_file::Form};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

#[cfg(feature = "x509")]
/// All certificates of a PEM text (RFC 7468), in the order of the text.
///
/// Text between the blocks, such as the subject lines that `openssl` prints, is passed over.
///
/// # Errors
///
/// - [`Error::NotPem`] with the line, if a block is not closed or not base64.
/// - [`Error::PemCount`] if there is no certificate.
/// - [`Error::NotCertificate`] if a block holds something else.
pub fn certificates_from_pem(pem: &[u8]) -> Result<Vec<Certificate>, Error> {
    certificates(&blocks(pem)?)
}

/// The certificates among the blocks, of which there must be one.
#[cfg(feature = "x509")]
pub(crate) fn certificates(blocks: &[Block]) -> Result<Vec<Certificate>, Error> {
    let certificates: Vec<_> = blocks
        .iter()
        .filter(|block| block.label == "CERTIFICATE")
        .map(|block| Certificate::from_der(&block.octets))
        .collect::<Result<_, _>>()?;
    if certificates.is_empty() {
        return Err(Error::PemCount { label: "CERTIFICATE", found: 0 });
    }
    Ok(certificates)
}

/// The certificates of a file: all of a PEM text, or one in DER.
///
/// # Errors
///
/// Those of [`certificates_from_pem`] and [`Certificate::from_der`].
#[cfg(feature = "x509")]
pub fn certificates_from_pem_or_der(file: &[u8]) -> Result<Vec<Certificate>, Error> {
    match Form::of(file) {
        Form::Certificate => Ok(vec![Certificate::from_der(file)?]),
        _ => certificates_from_pem(file),
    }
}

/// One block: its label and its decoded octets, which may be a secret.
pub(crate) struct Block {
    pub(crate) label: String,
    pub(crate) octets: Zeroizing<Vec<u8>>,
}

/// The blocks of a PEM text, in order.
pub(crate) fn blocks(pem: &[u8]) -> Result<Vec<Block>, Error> {
    match Form::of(pem) {
        Form::Pkcs12 => return Err(Error::Pkcs12),
        Form::JavaKeyStore => return Err(Error::JavaKeyStore),
        _ => {}
    }
    let text =
        std::str::from_utf8(pem).map_err(|_| Error::NotPem { line: 1, detail: "not text, so not PEM" })?;
    let mut blocks = Vec::new();
    let mut open: Option<(usize, &str, Zeroizing<String>)> = None;
    for (index, line) in text.lines().enumerate() {
        let (number, line) = (index + 1, line.trim());
        let refuse = |detail| Err(Error::NotPem { line: number, detail });
        open = match (open, marker(line, "-----BEGIN "), marker(line, "-----END ")) {
            (None, Some(label), _) => Some((number, label, Zeroizing::new(String::new()))),
            (None, None, Some(_)) => return refuse("an END line without its BEGIN line"),
            (None, None, None) => None,
            (Some(_), Some(_), _) => return refuse("a BEGIN line inside a block"),
            (Some((_, label, base64)), None, Some(end)) => {
                if end != label {
                    return refuse("the END line names another block than the BEGIN line");
                }
                let Ok(octets) = STANDARD.decode(base64.as_bytes()) else {
                    return refuse("the block above is not base64");
                };
                blocks.push(Block { label: label.to_owned(), octets: Zeroizing::new(octets) });
                None
            }
            (Some(_), None, None) if line.starts_with("Proc-Type:") => {
                let algorithm = "OpenSSL's own means (Proc-Type: 4,ENCRYPTED)".to_owned();
                return Err(Error::EncryptionNotAccepted { algorithm });
            }
            (Some((start, label, mut base64)), None, None) => {
                if !line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/= \t".contains(&b)) {
                    return refuse("not base64");
                }
                base64.extend(line.split_ascii_whitespace());
                Some((start, label, base64))
            }
        };
    }
    match open {
        Some((line, ..)) => Err(Error::NotPem { line, detail: "this block has no END line" }),
        None if blocks.is_empty() => Err(Error::NotPem { line: 1, detail: "no -----BEGIN line, so not PEM" }),
        None => Ok(blocks),
    }
}

fn marker<'t>(line: &'t str, start: &str) -> Option<&'t str> {
    line.strip_prefix(start)?.strip_suffix("-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(pem: &str) -> Error {
        match blocks(pem.as_bytes()) {
            Ok(blocks) => panic!("accepted {} blocks", blocks.len()),
            Err(error) => error,
        }
    }

    #[test]
    fn text_around_the_blocks_is_passed_over() {
        let blocks = blocks(b"subject: x\n-----BEGIN A-----\r\nYWJj\r\n-----END A-----\n\n-----BEGIN B-----\nYQ==\n-----END B-----").unwrap();

        assert_eq!(blocks.len(), 2);
        assert_eq!((blocks[0].label.as_str(), blocks[0].octets.as_slice()), ("A", b"abc".as_slice()));
        assert_eq!((blocks[1].label.as_str(), blocks[1].octets.as_slice()), ("B", b"a".as_slice()));
    }

    #[test]
    fn a_key_store_of_another_form_is_named() {
        assert!(matches!(blocks(&[0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x03]), Err(Error::Pkcs12)));
        assert!(matches!(blocks(&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]), Err(Error::JavaKeyStore)));
        assert!(matches!(blocks(b"0\xffx"), Err(Error::NotPem { .. })));
    }

    #[test]
    fn a_broken_block_is_refused_with_its_line() {
        let cases = [
            ("hello", 1, "no -----BEGIN line, so not PEM"),
            ("\n-----BEGIN A-----\nYQ==\n", 2, "this block has no END line"),
            ("-----BEGIN A-----\nY%==\n-----END A-----", 2, "not base64"),
            ("-----BEGIN A-----\nYQ=\n-----END A-----", 3, "the block above is not base64"),
            ("-----BEGIN A-----\n-----END B-----", 2, "the END line names another block than the BEGIN line"),
            ("-----END A-----", 1, "an END line without its BEGIN line"),
            ("-----BEGIN A-----\n-----BEGIN A-----", 2, "a BEGIN line inside a block"),
        ];
        for (pem, line, detail) in cases {
            assert_eq!(refusal(pem), Error::NotPem { line, detail }, "{pem:?}");
        }
        assert_eq!(
            refusal("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"),
            Error::EncryptionNotAccepted { algorithm: "OpenSSL's own means (Proc-Type: 4,ENCRYPTED)".into() }
        );
    }
}
