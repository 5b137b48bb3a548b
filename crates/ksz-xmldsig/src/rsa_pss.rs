//! The parameters of `http://www.w3.org/2007/05/xmldsig-more#rsa-pss` (RFC 9231 section 2.3.9).

use crate::algorithm::DigestMethod;
use crate::reading::{algorithm_of, require_empty};
use crate::{Error, names};
use ksz_xml::Element;

/// Requires the parameters of RSASSA-PSS to be those of the identifier without parameters: SHA-256 for digest
/// and mask, a salt of 32 octets, the trailer field 1. Each may be left out, and all together, because those
/// are their defaults.
pub(crate) fn require_defaults(method: Element<'_>) -> Result<(), Error> {
    let parameters = match method.only_children()?.as_slice() {
        [] => return Ok(()),
        &[parameters] if parameters.is(names::DSIG_MORE_2007, "RSAPSSParams") => {
            parameters.only_children()?
        }
        &[other, ..] => return Err(refused(other)),
    };
    let mut in_order = ["DigestMethod", "MaskGenerationFunction", "SaltLength", "TrailerField"].into_iter();
    for parameter in parameters {
        if !in_order.any(|name| parameter.local_name() == name) || !is_default(parameter)? {
            return Err(refused(parameter));
        }
    }
    Ok(())
}

fn is_default(parameter: Element<'_>) -> Result<bool, Error> {
    match (parameter.namespace(), parameter.local_name()) {
        (names::DS, "DigestMethod") => is_sha256(parameter),
        (names::DSIG_MORE_2007, "MaskGenerationFunction") => is_mgf1_sha256(parameter),
        (names::DSIG_MORE_2007, "SaltLength") => Ok(parameter.only_text()?.trim() == "32"),
        (names::DSIG_MORE_2007, "TrailerField") => Ok(parameter.only_text()?.trim() == "1"),
        _ => Ok(false),
    }
}

fn is_sha256(element: Element<'_>) -> Result<bool, Error> {
    require_empty(element)?;
    Ok(algorithm_of(element) == DigestMethod::Sha256.uri())
}

fn is_mgf1_sha256(element: Element<'_>) -> Result<bool, Error> {
    let is_mgf1 = element.attribute("", "Algorithm").is_none_or(|algorithm| algorithm == names::MGF1);
    match element.only_children()?.as_slice() {
        [] => Ok(is_mgf1),
        &[digest] if digest.is(names::DS, "DigestMethod") => Ok(is_mgf1 && is_sha256(digest)?),
        _ => Ok(false),
    }
}

fn refused(parameter: Element<'_>) -> Error {
    Error::not_accepted("SignatureMethod parameter", parameter.local_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_error::Kind;
    use ksz_xml::{Document, Limits};

    const SHA256: &str = "<DigestMethod xmlns='http://www.w3.org/2000/09/xmldsig#' \
                          Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/>";

    fn judged(content: &str) -> Result<(), Error> {
        let xml = format!("<m xmlns:p='http://www.w3.org/2007/05/xmldsig-more#'>{content}</m>");
        let document = Document::parse(xml.as_bytes(), &Limits::default()).unwrap();
        require_defaults(document.root())
    }

    #[test]
    fn parameters_may_say_what_holds_without_them() {
        let mgf1 = format!(
            "<p:MaskGenerationFunction Algorithm='http://www.w3.org/2007/05/xmldsig-more#MGF1'>{SHA256}\
             </p:MaskGenerationFunction>"
        );
        for same in [
            String::new(),
            "<p:RSAPSSParams/>".into(),
            "<p:RSAPSSParams><p:SaltLength>32</p:SaltLength></p:RSAPSSParams>".into(),
            "<p:RSAPSSParams><p:MaskGenerationFunction/></p:RSAPSSParams>".into(),
            format!(
                "<p:RSAPSSParams>{SHA256}{mgf1}<p:SaltLength>32</p:SaltLength><p:TrailerField>1</p:TrailerField>\
                 </p:RSAPSSParams>"
            ),
        ] {
            assert_eq!(judged(&same), Ok(()), "{same}");
        }
    }

    #[test]
    fn other_parameters_are_not_supported() {
        let sha512 = SHA256.replace("sha256", "sha512");
        for other in [
            format!("<p:RSAPSSParams>{sha512}</p:RSAPSSParams>"),
            format!(
                "<p:RSAPSSParams><p:MaskGenerationFunction>{sha512}</p:MaskGenerationFunction></p:RSAPSSParams>"
            ),
            "<p:RSAPSSParams><p:MaskGenerationFunction Algorithm='urn:x'/></p:RSAPSSParams>".into(),
            "<p:RSAPSSParams><p:SaltLength>20</p:SaltLength></p:RSAPSSParams>".into(),
            "<p:RSAPSSParams><p:TrailerField>2</p:TrailerField></p:RSAPSSParams>".into(),
            "<p:RSAPSSParams><p:TrailerField>1</p:TrailerField><p:SaltLength>32</p:SaltLength></p:RSAPSSParams>"
                .into(),
            "<p:RSAPSSParams><p:SaltLength>32</p:SaltLength><p:SaltLength>32</p:SaltLength></p:RSAPSSParams>"
                .into(),
            "<p:RSAPSSParams/><p:RSAPSSParams/>".into(),
            "<HMACOutputLength>8</HMACOutputLength>".into(),
        ] {
            assert_eq!(judged(&other).map_err(|error| error.kind()), Err(Kind::Unsupported), "{other}");
        }
    }
}
