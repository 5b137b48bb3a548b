mod report;

use crate::args::{ExplainArgs, VerifyProfile};
use crate::commands::verify::{Verifier, require_anchor, trust};
use crate::error::Error;
use crate::exit::Exit;
use crate::input::{FileName, Inputs};
use crate::output;
use ksz::Environment;
use ksz::client::{Clock, SystemClock};
use ksz::error::Class;
use ksz::pki::{Backend, CertificateEnvironment};
use ksz::sts::AssertionTrust;
use ksz::sts::names::EHEALTH_ISSUER;
use ksz::wss::{DiagnosisOptions, DiagnosisProfile, Refusal, TokenIssuer, diagnose};
use report::Report;

/// Says why a message is refused.
pub(crate) fn run(args: &ExplainArgs, inputs: &Inputs) -> Result<Exit, Error> {
    require_anchor(args.chain())?;
    let charset = other_charset(&args.content_type)?;
    let mut options = options(args, inputs)?;
    let message = inputs.read_message(&args.file)?;
    options.refusal = refusal(args, &message, &options).or(charset);
    tell_what_is_not_judged(&options);

    let diagnosis = diagnose(&message, &options);
    if let Some(file) = args.fault.as_ref().filter(|_| diagnosis.fault.is_none()) {
        output::progress(&format!("{file}: no SOAP fault is in it"));
    }
    let report = Report { file: &args.file, diagnosis: &diagnosis };
    if args.json {
        output::json(&report.object())?;
    } else {
        output::text(&report)?;
    }
    Ok(if diagnosis.findings.is_empty() { Exit::Done } else { Exit::Refused })
}

/// What the message is held against.
fn options(args: &ExplainArgs, inputs: &Inputs) -> Result<DiagnosisOptions, Error> {
    let profile = match args.profile {
        VerifyProfile::X509 => DiagnosisProfile::X509,
        VerifyProfile::SamlHok => DiagnosisProfile::HolderOfKey,
        VerifyProfile::Rstr => DiagnosisProfile::TokenResponse,
    };
    let now = args.now.unwrap_or_else(|| SystemClock.now());
    let mut options = DiagnosisOptions::new(profile, Backend::default(), now);
    let (pinned, anchors_are_pinned): (&[FileName], bool) = match (args.profile, args.sts_anchor.as_slice()) {
        (VerifyProfile::X509, _) => (&[], false),
        (VerifyProfile::Rstr, []) => (&args.anchor, true),
        (_, pinned) => (pinned, false),
    };
    if !anchors_are_pinned {
        options.trust = trust::holders(args.chain(), inputs)?;
    }
    if !pinned.is_empty() {
        let (certificates, keys) = trust::token_service(pinned, inputs)?;
        let mut issuer = TokenIssuer::new(EHEALTH_ISSUER, certificates, keys);
        issuer.audience.clone_from(&args.audience);
        options.issuer = Some(issuer);
    }
    options.certificates.extend(trust::own_certificate(args.own_cert.as_ref(), inputs)?);
    options.policy.str_transform = args.str_transform;
    options.environment = args.env.map(environment);
    options.soap_action.clone_from(&args.soap_action);
    options.context.clone_from(&args.context);
    options.fault = args.fault.as_ref().map(|file| inputs.read(file)).transpose()?;
    options.original = args.original.as_ref().map(|file| inputs.read(file)).transpose()?;
    Ok(options)
}

/// Why `ksz verify` refuses a message with an assertion; one with a certificate is verified by the diagnosis.
fn refusal(args: &ExplainArgs, message: &[u8], options: &DiagnosisOptions) -> Option<Refusal> {
    let issuer = options.issuer.clone()?;
    let mut assertions =
        AssertionTrust::new(&issuer.name, issuer.certificates, Backend::default()).with_keys(issuer.keys);
    if let Some(audience) = &issuer.audience {
        assertions = assertions.with_audience(audience);
    }
    let holders = options.trust.clone();
    let verifier = match args.profile {
        VerifyProfile::X509 => return None,
        VerifyProfile::SamlHok => Verifier::SamlHok { assertions, holders },
        VerifyProfile::Rstr => Verifier::Rstr {
            assertions,
            holders,
            context: args.context.as_deref(),
            holder: options.certificates.first().cloned(),
        },
    };
    let error = verifier.refusal(message, options.now)?;
    Some(Refusal { class: error.class(), message: error.to_string() })
}

/// Says on standard error which checks need a flag that is not given.
fn tell_what_is_not_judged(options: &DiagnosisOptions) {
    if options.profile == DiagnosisProfile::X509 && options.trust.is_none() {
        output::progress("without --anchor, whether the certificate is trusted is not looked at");
    }
    if options.profile != DiagnosisProfile::X509 && options.issuer.is_none() {
        output::progress("without --sts-anchor, who signed the assertion is not looked at");
    }
}

/// The environment of certificates.
const fn environment(environment: Environment) -> CertificateEnvironment {
    match environment {
        Environment::Simulator => CertificateEnvironment::Simulator,
        Environment::Test | Environment::Acceptance => CertificateEnvironment::NotProduction,
        Environment::Production => CertificateEnvironment::Production,
    }
}

/// A refusal of text in another encoding than UTF-8. Other media types than that of SOAP 1.1 are not supported.
fn other_charset(content_type: &str) -> Result<Option<Refusal>, Error> {
    let mut parameters = content_type.split(';').map(str::trim);
    if !parameters.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("text/xml")) {
        return Err(Error::ContentTypeNotSupported { content_type: content_type.into() });
    }
    let charset = parameters
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| value.trim().trim_matches('"'));
    Ok(charset.filter(|charset| !charset.eq_ignore_ascii_case("utf-8")).map(|charset| Refusal {
        class: Class::XmlForbidden,
        message: format!("the media type says charset {charset:?}, messages are in UTF-8"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_encoding_is_a_refusal_and_another_package_is_not_supported() {
        assert_eq!(other_charset("text/xml; charset=\"UTF-8\"").unwrap(), None);
        let refusal = other_charset("text/xml; charset=iso-8859-1").unwrap();
        assert!(refusal.is_some_and(|refusal| refusal.message.contains("iso-8859-1")));
        let unsupported = other_charset("multipart/related");
        assert!(matches!(unsupported, Err(Error::ContentTypeNotSupported { .. })));
    }
}
