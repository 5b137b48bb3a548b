//! Why a message is refused: every check of verification, gone on with after a failure, and each failure traced to its
//! cause.

mod action;
mod advice;
mod assertion;
mod cause;
mod change;
mod coverage;
mod difference;
mod edit;
mod examination;
mod facts;
mod fault;
mod finding;
mod header;
mod hypothesis;
mod misprint;
mod opening;
mod options;
mod readable;
mod report;
mod scope;
mod shown;
mod signature;
mod time;
mod token_response;
mod trust;
mod value;

pub use cause::Cause;
pub use fault::FaultExplanation;
pub use finding::{Certainty, Excerpt, Finding, Place};
pub use options::{DiagnosisOptions, DiagnosisProfile, Refusal, TokenIssuer};

use crate::{Replay, verify_x509};
use examination::Examination;
use ksz_pki::CertificateEnvironment;
use ksz_xml::Document;
use readable::Readable;
use report::Report;

/// What was found in a message.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What is wrong, the likeliest cause first. None if the message is good.
    pub findings: Vec<Finding>,
    /// The fault that came back, explained, if one was given.
    pub fault: Option<FaultExplanation>,
}

/// Says why a message is refused, or would be.
///
/// Where verification stops, this goes on: it looks at everything, whatever is wrong already, and traces a digest that does
/// not match to what was done to the part. It undoes what printers, gateways and libraries do, one thing after the other,
/// and compares the digest; an edit that gives the very digest is *proven*.
///
/// It never takes the place of verification: nothing of the message is handed out but masked excerpts, and no finding means
/// only that none was made. The work is bounded, whoever wrote the message.
///
/// ```
/// # #[cfg(feature = "aws-lc")] {
/// use ksz_wss::{DiagnosisOptions, DiagnosisProfile, diagnose};
/// use std::time::SystemTime;
///
/// let options = DiagnosisOptions::new(DiagnosisProfile::X509, ksz_pki::Backend::default(), SystemTime::UNIX_EPOCH);
/// let diagnosis = diagnose(b"<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Body/></Envelope>", &options);
/// assert_eq!(diagnosis.findings[0].cause.name(), "security-missing");
/// # }
/// ```
#[must_use]
pub fn diagnose(message: &[u8], options: &DiagnosisOptions) -> Diagnosis {
    let limits = &options.policy.limits;
    let readable = Readable::of(message, limits);
    let original = options.original.as_deref().map(|original| Readable::of(original, limits));
    let original = original.as_ref().and_then(Readable::document);
    let mut report = Report::new(readable.text(), readable.start());
    readable.tell(&mut report);
    misprint::look_for(readable.text(), &mut report);
    let document = readable.document();
    if let Some(document) = &document {
        examine(document, original.as_ref(), options, &mut report);
    }
    let fault = options.fault.as_deref().and_then(|fault| FaultExplanation::of(fault, limits));
    environment_of_answer(fault.as_ref(), options, &mut report);
    if let Some(Refusal { class, message }) = refusal(message, options)
        && !report.has(Cause::is_judged)
    {
        let cause = Cause::Refused { class, reason: shown::name(&message) };
        report.add(
            cause,
            Certainty::Proven,
            None,
            "a message that verification accepts",
            shown::name(&message),
        );
    }
    Diagnosis { findings: report.finish(), fault }
}

fn examine<'d>(
    document: &'d Document<'_>,
    original: Option<&'d Document<'_>>,
    options: &DiagnosisOptions,
    report: &mut Report<'_>,
) {
    Examination::new(document, original, options, report).run();
}

/// How verification ends.
fn refusal(message: &[u8], options: &DiagnosisOptions) -> Option<Refusal> {
    let Some(trust) = options.trust.as_ref().filter(|_| options.profile == DiagnosisProfile::X509) else {
        return options.refusal.clone();
    };
    let verified = verify_x509(message, trust, &options.policy, Replay::NotChecked, options.now);
    let refused = verified.err().map(|error| Refusal { class: error.class(), message: error.to_string() });
    refused.or_else(|| options.refusal.clone())
}

/// An answer that says from which environment it is.
fn environment_of_answer(
    fault: Option<&FaultExplanation>,
    options: &DiagnosisOptions,
    report: &mut Report<'_>,
) {
    let answered = fault.and_then(|fault| fault.environment.as_deref());
    let (Some(answered), Some(expected)) = (answered, options.environment) else { return };
    let found = match answered {
        "Production" => CertificateEnvironment::Production,
        "Acceptation" | "Integration" | "Test" | "Development" => CertificateEnvironment::NotProduction,
        "Simulation" => CertificateEnvironment::Simulator,
        _ => return,
    };
    if found != expected {
        let cause = Cause::OtherEnvironment { expected: expected.to_string(), found: answered.to_owned() };
        let told = format!("a fault of {answered}");
        report.add(cause, Certainty::Proven, None, format!("an answer of {expected}"), told);
    }
}

impl Cause {
    /// Whether verification looks at it; what it does not look at is wrong with the call, not with the message.
    #[must_use]
    pub const fn is_judged(&self) -> bool {
        !matches!(
            self,
            Self::SoapAction { .. }
                | Self::RepeatedClaim { .. }
                | Self::OtherEnvironment { .. }
                | Self::MisprintedName { .. }
        )
    }
}
