use super::in_words;
use crate::output::{instant, one_line};
use ksz::pki::{Certificate, CertificateEnvironment, ChoiceReason, KeyEntry};
use serde_json::{Map, Value, json};
use std::fmt;
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// From when on an end is worth a warning.
const SOON: Duration = DAY.saturating_mul(30);

/// What is told of one key.
pub(super) struct Entry<'a> {
    entry: &'a KeyEntry,
    chosen: Option<ChoiceReason>,
    now: SystemTime,
    warnings: Vec<Warning>,
}

/// Something that stands, or may stand, against the use of a key.
struct Warning {
    code: &'static str,
    message: String,
}

impl<'a> Entry<'a> {
    pub(super) fn new(entry: &'a KeyEntry, chosen: Option<ChoiceReason>, now: SystemTime) -> Self {
        Self { entry, chosen, now, warnings: warnings(entry, now) }
    }

    pub(super) const fn chosen(&self) -> Option<ChoiceReason> {
        self.chosen
    }

    pub(super) fn name(&self) -> String {
        self.entry.display_name()
    }

    pub(super) fn object(&self) -> Value {
        let mut object = Map::new();
        object.insert("name".into(), self.name().into());
        object.insert("chosen".into(), self.chosen.is_some().into());
        object.insert("key".into(), self.entry.key_description().map(|kind| kind.to_string()).into());
        if let Some(certificate) = self.entry.certificate() {
            object.insert("certificate".into(), whole(certificate, self.now));
        }
        let chain: Vec<_> = self.entry.chain().iter().map(summary).collect();
        object.insert("chain".into(), chain.into());
        object.insert("chain_complete".into(), self.root().is_some().into());
        let warnings =
            self.warnings.iter().map(|warning| json!({ "code": warning.code, "message": warning.message }));
        object.insert("warnings".into(), warnings.collect());
        object.into()
    }

    /// The root with which the chain ends, if it is there.
    fn root(&self) -> Option<&Certificate> {
        self.entry.chain().last().filter(|last| last.is_self_issued())
    }

    fn chain(&self) -> String {
        let chain = self.entry.chain();
        let length = match chain.len() {
            1 => "the certificate alone".to_owned(),
            number => format!("{number} certificates"),
        };
        match (self.root(), chain.last()) {
            (Some(root), _) => format!("{length}, up to the root {}", root.display_subject()),
            (None, Some(last)) => {
                format!("{length}; the issuer {} is not in the file", last.display_issuer())
            }
            (None, None) => length,
        }
    }
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = one_line(&self.name());
        match self.chosen {
            Some(reason) => write!(f, "{name}: would sign, {}", in_words(reason))?,
            None => write!(f, "{name}: not chosen")?,
        }
        let mut line = |name: &str, text: &str| write!(f, "\n  {:14}{}", format!("{name}:"), one_line(text));
        line(
            "key",
            &self.entry.key_description().map_or_else(|| "not known".into(), |kind| kind.to_string()),
        )?;
        if let Some(certificate) = self.entry.certificate() {
            line("subject", &certificate.display_subject())?;
            line("issuer", &certificate.display_issuer())?;
            let named = certificate.identifiers();
            for identifier in named.identifiers() {
                line("identifier", &identifier.to_string())?;
            }
            for (name, text) in
                [("application", named.display_application()), ("organisation", named.display_organisation())]
            {
                text.map_or(Ok(()), |text| line(name, &text))?;
            }
            if let Some(environment) = certificate.environment() {
                line("environment", environment.as_str())?;
            }
            line("usage", &usage(certificate))?;
            line("valid", &validity(certificate, self.now))?;
            line("sha256", &certificate.fingerprint().to_hex())?;
            line("chain", &self.chain())?;
        }
        for warning in &self.warnings {
            line("warning", &warning.message)?;
        }
        Ok(())
    }
}

/// A certificate by its names.
pub(super) fn summary(certificate: &Certificate) -> Value {
    json!({
        "subject": certificate.display_subject(),
        "issuer": certificate.display_issuer(),
        "sha256": certificate.fingerprint().to_hex(),
        "not_after": instant(certificate.not_after()),
    })
}

/// All that is told of the certificate of a key.
fn whole(certificate: &Certificate, now: SystemTime) -> Value {
    let named = certificate.identifiers();
    let identifiers = named.identifiers().iter().map(|identifier| {
        let value = identifier.display_value();
        json!({ "type": identifier.kind().name(), "value": value, "valid": identifier.number().is_ok() })
    });
    let serial: String = certificate.serial_number().iter().map(|octet| format!("{octet:02x}")).collect();
    json!({
        "subject": certificate.display_subject(),
        "issuer": certificate.display_issuer(),
        "serial": serial,
        "sha256": certificate.fingerprint().to_hex(),
        "identifiers": identifiers.collect::<Vec<_>>(),
        "application": named.display_application(),
        "organisation": named.display_organisation(),
        "environment": certificate.environment().map(CertificateEnvironment::as_str),
        "key_usage": certificate.key_usage(),
        "extended_key_usage": certificate.extended_key_usage(),
        "not_before": instant(certificate.not_before()),
        "not_after": instant(certificate.not_after()),
        "days_left": certificate.not_after().duration_since(now).map_or(0, |left| left.as_secs() / DAY.as_secs()),
    })
}

fn usage(certificate: &Certificate) -> String {
    let usages = certificate.key_usage().map_or_else(|| "any".into(), |usages| usages.join(", "));
    let purposes = certificate.extended_key_usage();
    let purposes = purposes.map_or_else(|| "any purpose".into(), |purposes| purposes.join(", "));
    format!("{usages}; for {purposes}")
}

fn validity(certificate: &Certificate, now: SystemTime) -> String {
    let period = format!("{} to {}", instant(certificate.not_before()), instant(certificate.not_after()));
    match certificate.not_after().duration_since(now) {
        Ok(left) if certificate.not_before() <= now => {
            format!("{period}, {} days left", left.as_secs() / DAY.as_secs())
        }
        _ => period,
    }
}

fn warnings(entry: &KeyEntry, now: SystemTime) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |code, message: String| warnings.push(Warning { code, message });
    if let Err(error) = entry.key() {
        warn("key-not-accepted", error.to_string());
    }
    let Some(certificate) = entry.certificate() else {
        warn("no-certificate", "no certificate in the file is of this key".into());
        return warnings;
    };
    if now < certificate.not_before() {
        warn("not-yet-valid", "the certificate is not valid yet".into());
    }
    match certificate.not_after().duration_since(now) {
        Err(_) => warn("expired", "the certificate is expired".into()),
        Ok(left) if left < SOON => {
            warn(
                "expires-soon",
                format!("the certificate expires in {} days", left.as_secs() / DAY.as_secs()),
            );
        }
        Ok(_) => {}
    }
    if certificate.key_usage().is_some_and(|usages| !usages.contains(&"digitalSignature")) {
        warn("no-digital-signature", "the certificate does not allow signing".into());
    }
    let for_clients = ["clientAuth", "anyExtendedKeyUsage"];
    let purposes = certificate.extended_key_usage();
    if purposes
        .is_some_and(|purposes| !purposes.iter().any(|purpose| for_clients.contains(&purpose.as_str())))
    {
        warn("no-client-auth", "the certificate is not for TLS clients".into());
    }
    match certificate.environment() {
        Some(CertificateEnvironment::NotProduction) => {
            warn("not-production", "the certificate is for test or acceptance".into());
        }
        Some(CertificateEnvironment::Simulator) => {
            warn("simulator", "the certificate is for the simulator".into());
        }
        _ => {}
    }
    for identifier in certificate.identifiers().identifiers() {
        if let Err(error) = identifier.number() {
            warn("wrong-number", format!("{identifier}: {error}"));
        }
    }
    warnings
}
