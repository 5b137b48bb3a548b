//! Who is believed, from the files that the command line names.

use crate::args::{ChainFiles, VerifyArgs};
use crate::error::{Error, in_file};
use crate::input::{FileName, Inputs};
use ksz::pki::{self, Backend, Certificate, PublicKey, TrustStore, certificates_from_pem_or_der};
use ksz::sts::AssertionTrust;
use ksz::sts::names::EHEALTH_ISSUER;

/// Those to whom a signer's certificate must lead.
pub(in crate::commands) fn signers(files: ChainFiles<'_>, inputs: &Inputs) -> Result<TrustStore, Error> {
    let anchors = certificates(files.anchor, inputs)?;
    let intermediates = certificates(files.intermediates, inputs)?;
    let mut trust = TrustStore::new(anchors, Backend::default()).with_intermediates(intermediates);
    for file in files.crl {
        trust = trust.with_revocation_lists(&inputs.read(file)?).map_err(in_file(file))?;
    }
    Ok(trust)
}

/// Those to whom the certificate of an assertion's holder must lead, if there are any.
pub(in crate::commands) fn holders(
    files: ChainFiles<'_>,
    inputs: &Inputs,
) -> Result<Option<TrustStore>, Error> {
    if files.anchor.is_empty() { Ok(None) } else { signers(files, inputs).map(Some) }
}

/// Those whose assertions are believed: the token service's own certificates and keys.
pub(in crate::commands) fn assertions(
    args: &VerifyArgs,
    pinned: &[FileName],
    inputs: &Inputs,
) -> Result<AssertionTrust, Error> {
    let (certificates, keys) = token_service(pinned, inputs)?;
    let trust = AssertionTrust::new(EHEALTH_ISSUER, certificates, Backend::default()).with_keys(keys);
    Ok(match &args.audience {
        Some(audience) => trust.with_audience(audience),
        None => trust,
    })
}

/// The certificates and bare keys of the token service.
pub(in crate::commands) fn token_service(
    files: &[FileName],
    inputs: &Inputs,
) -> Result<(Vec<Certificate>, Vec<PublicKey>), Error> {
    let (mut certificates, mut keys) = (Vec::new(), Vec::new());
    for file in files {
        let pem = inputs.read(file)?;
        match certificates_from_pem_or_der(&pem) {
            Ok(found) => certificates.extend(found),
            Err(missing @ pki::Error::PemCount { .. }) => {
                let key = PublicKey::from_pem(&pem, Backend::default()).map_err(|error| match error {
                    pki::Error::PemCount { found: 0, .. } => missing,
                    other => other,
                });
                keys.push(key.map_err(in_file(file))?);
            }
            Err(error) => return Err(in_file(file)(error)),
        }
    }
    Ok((certificates, keys))
}

/// The certificate that the request named: the first of its file.
pub(in crate::commands) fn own_certificate(
    file: Option<&FileName>,
    inputs: &Inputs,
) -> Result<Option<Certificate>, Error> {
    let Some(file) = file else { return Ok(None) };
    let certificates = certificates_from_pem_or_der(&inputs.read(file)?).map_err(in_file(file))?;
    Ok(certificates.into_iter().next())
}

pub(in crate::commands) fn certificates(
    files: &[FileName],
    inputs: &Inputs,
) -> Result<Vec<Certificate>, Error> {
    let mut certificates = Vec::new();
    for file in files {
        certificates.extend(certificates_from_pem_or_der(&inputs.read(file)?).map_err(in_file(file))?);
    }
    Ok(certificates)
}
