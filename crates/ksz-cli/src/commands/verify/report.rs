//! What is said of an accepted message: the verified parts, and who vouches for them.

use crate::output::{instant, one_line};
use ksz::error::mask_person_numbers;
use ksz::pki::{Certificate, Digest, DigestAlgorithm, Hasher, TrustedCertificate};
use ksz::soap::{
    self,
    mtom::{PartReader, PartSource},
};
use ksz::sts::{self, VerifiedAssertion};
use ksz::wss::{self, VerifiedAttachment, VerifiedMessage, VerifiedPackage};
use ksz::xmldsig::{CanonicalizationMethod, PrefixList, VerifiedPart};
use serde_json::{Map, Value, json};
use std::fmt;
use std::io::{self, Read};

/// An accepted message. It is made from verified values alone.
pub(super) struct Accepted {
    body_sha256: Option<Digest>,
    text: String,
    signed: Vec<Value>,
    signer: Value,
    /// Of a package alone.
    attachments: Option<Vec<Value>>,
}

impl Accepted {
    /// A message signed with a certificate.
    pub(super) fn from_certificate(
        message: &VerifiedMessage<TrustedCertificate>,
    ) -> Result<Self, sts::Error> {
        Ok(Self {
            body_sha256: Some(body_digest(message.body())?),
            text: text(message.parts())?,
            signed: message.parts().iter().map(part).collect(),
            signer: certificate(message.signer().certificate()),
            attachments: None,
        })
    }

    /// A message signed by the holder of an assertion.
    pub(super) fn from_holder(message: &VerifiedMessage<VerifiedAssertion>) -> Result<Self, sts::Error> {
        let said = text(std::slice::from_ref(message.signer().part()))?;
        Ok(Self {
            body_sha256: Some(body_digest(message.body())?),
            text: format!("{}\n{said}", text(message.parts())?),
            signed: message.parts().iter().map(part).collect(),
            signer: assertion(message.signer()),
            attachments: None,
        })
    }

    /// The token of an answer. The rest of the answer is not signed, so nothing is said of it.
    pub(super) fn from_token_service(token: &VerifiedAssertion) -> Result<Self, sts::Error> {
        let said = text(std::slice::from_ref(token.part()))?;
        let (signed, signer) = (vec![part(token.part())], assertion(token));
        Ok(Self { body_sha256: None, text: said, signed, signer, attachments: None })
    }

    /// The same message with the attachments that were digested. The digest of its Body is taken with their base64 in
    /// place.
    pub(super) fn with_attachments<S, P: PartSource>(
        self,
        package: &VerifiedPackage<S, P>,
    ) -> Result<Self, sts::Error> {
        let attachments: Result<_, _> = package.attachments().iter().map(attachment).collect();
        Ok(Self { body_sha256: Some(package.body_digest()?), attachments: Some(attachments?), ..self })
    }

    /// The object of `--json`.
    pub(super) fn object(&self) -> Value {
        let mut object = Map::new();
        object.insert("result".into(), "accepted".into());
        object.extend(self.body_sha256.map(|digest| ("body_sha256".into(), digest.to_hex().into())));
        object.insert("text".into(), self.text.as_str().into());
        object.insert("signed".into(), self.signed.clone().into());
        object.insert("signer".into(), self.signer.clone());
        object.extend(self.attachments.clone().map(|attachments| ("attachments".into(), attachments.into())));
        object.into()
    }
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("accepted")?;
        if let Some(digest) = self.body_sha256 {
            write!(f, "\nbody sha256: {}", digest.to_hex())?;
        }
        write!(f, "\nsigned:")?;
        for part in &self.signed {
            write!(f, "\n  {} #{}", shown(&part["name"]), shown(&part["id"]))?;
        }
        for attachment in self.attachments.iter().flatten() {
            write!(f, "\nattachment:")?;
            write_fields(f, attachment, 1)?;
        }
        write!(f, "\nsigner:")?;
        write_fields(f, &self.signer, 1)
    }
}

/// Names and values, a line each, what is inside another indented.
fn write_fields(f: &mut fmt::Formatter<'_>, value: &Value, depth: usize) -> fmt::Result {
    let indent = "  ".repeat(depth);
    for (name, value) in value.as_object().into_iter().flatten() {
        let name = name.replace('_', " ");
        match value {
            Value::Object(_) => {
                write!(f, "\n{indent}{name}:")?;
                write_fields(f, value, depth + 1)?;
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                write!(f, "\n{indent}{name}:")?;
                for item in items {
                    write_fields(f, item, depth + 1)?;
                }
            }
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(shown).collect();
                write!(f, "\n{indent}{name}: {}", items.join(", "))?;
            }
            other => write!(f, "\n{indent}{name}: {}", shown(other))?,
        }
    }
    Ok(())
}

fn shown(value: &Value) -> String {
    one_line(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// SHA-256 over the plain canonical form, whatever prefix list the signer used.
fn body_digest(body: &VerifiedPart) -> Result<Digest, sts::Error> {
    let document = body.document()?;
    Ok(CanonicalizationMethod::exclusive(PrefixList::default()).digest(document.root())?)
}

/// All text of the parts, in their order.
fn text(parts: &[VerifiedPart]) -> Result<String, sts::Error> {
    let texts: Result<Vec<_>, sts::Error> =
        parts.iter().map(|part| Ok(part.document()?.root().whole_text())).collect();
    Ok(texts?.join("\n"))
}

fn part(part: &VerifiedPart) -> Value {
    json!({ "name": part.name(), "id": part.id() })
}

fn attachment<P: PartSource>(attachment: &VerifiedAttachment<P>) -> Result<Value, wss::Error> {
    let unreadable = |error: io::Error| soap::Error::PartUnreadable { why: error.kind() };
    let (mut octets, mut piece) = (PartReader::new(attachment.source()), vec![0; 64 * 1024]);
    let mut hash = Hasher::new(DigestAlgorithm::Sha256);
    loop {
        match octets.read(&mut piece).map_err(unreadable)? {
            0 => break,
            count => hash.update(&piece[..count]),
        }
    }
    Ok(json!({
        "content_id": mask_person_numbers(attachment.content_id().as_str()),
        "octets": attachment.source().length(),
        "sha256": hash.finish().to_hex(),
    }))
}

fn certificate(certificate: &Certificate) -> Value {
    let serial: String = certificate.serial_number().iter().map(|octet| format!("{octet:02x}")).collect();
    json!({
        "subject": certificate.display_subject(),
        "sha256": certificate.fingerprint().to_hex(),
        "serial": serial,
        "issuer": certificate.display_issuer(),
        "not_after": instant(certificate.not_after()),
    })
}

pub(in crate::commands) fn assertion(assertion: &VerifiedAssertion) -> Value {
    let attributes: Vec<_> = assertion
        .attributes()
        .iter()
        .map(|attribute| {
            let values: Vec<_> = attribute.values().iter().map(|value| mask_person_numbers(value)).collect();
            json!({ "name": attribute.name(), "namespace": attribute.namespace(), "values": values })
        })
        .collect();
    json!({
        "assertion_id": assertion.assertion_id(),
        "issuer": assertion.issuer(),
        "subject": mask_person_numbers(assertion.subject_name()),
        "holder": certificate(assertion.holder()),
        "conditions": {
            "not_before": instant(assertion.conditions().not_before()),
            "not_on_or_after": instant(assertion.conditions().not_on_or_after()),
        },
        "attributes": attributes,
    })
}
