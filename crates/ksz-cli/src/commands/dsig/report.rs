//! What is said of a valid signature: what it covers, what it does not, and whose key it is of.

use crate::output::one_line;
use ksz::pki::{Digest, VerifyingKey};
use ksz::xmldsig::{Covers, VerifiedReference, VerifiedSignature};
use serde_json::{Value, json};
use std::fmt;

/// A signature that was verified.
pub(super) struct Valid {
    method: &'static str,
    key_kind: String,
    key: Digest,
    covered: Vec<Part>,
}

/// One thing that the signature covers.
struct Part {
    uri: String,
    covers: Covers,
    namespace: String,
    local_name: String,
    octets: usize,
    sha256: Digest,
    manifests: usize,
    file: Option<String>,
}

impl Valid {
    /// The signature, and the files that its octets were written into.
    pub(super) fn new(verified: &VerifiedSignature, key: &VerifyingKey, files: Vec<String>) -> Self {
        let mut files = files.into_iter();
        Self {
            method: verified.method().uri(),
            key_kind: key.kind().to_string(),
            key: Digest::sha256(key.spki_der()),
            covered: verified.references().iter().map(|one| Part::new(one, files.next())).collect(),
        }
    }

    /// The object of `--json`.
    pub(super) fn object(&self) -> Value {
        json!({
            "result": "valid",
            "references": self.covered.iter().map(Part::object).collect::<Vec<_>>(),
            "signature_method": self.method,
            "key": { "kind": self.key_kind, "sha256": self.key.to_hex() },
        })
    }
}

impl fmt::Display for Valid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "valid")?;
        writeln!(f, "signature method: {}", self.method)?;
        writeln!(f, "key: {}, sha256 {}", self.key_kind, self.key.to_hex())?;
        write!(f, "covered:")?;
        for part in &self.covered {
            write!(f, "\n  {part}")?;
        }
        let is_whole = self.covered.iter().any(|part| part.covers == Covers::Document);
        let rest = if is_whole {
            "what the signature holds besides: KeyInfo, other objects"
        } else {
            "whatever stands around what is covered"
        };
        write!(f, "\nnot covered: {rest}")?;
        let manifests: usize = self.covered.iter().map(|part| part.manifests).sum();
        if manifests > 0 {
            write!(f, "\nnot checked: what the references of {manifests} Manifest lead to")?;
        }
        write!(f, "\nnot checked: whose key it is, and any certificate")
    }
}

impl Part {
    fn new(reference: &VerifiedReference, file: Option<String>) -> Self {
        let octets = reference.part().octets();
        Self {
            uri: reference.uri().to_owned(),
            covers: reference.covers(),
            namespace: reference.namespace().to_owned(),
            local_name: reference.local_name().to_owned(),
            octets: octets.len(),
            sha256: Digest::sha256(octets),
            manifests: reference.manifests(),
            file,
        }
    }

    fn object(&self) -> Value {
        let covers = match self.covers {
            Covers::Document => "document",
            Covers::Element => "element",
        };
        let mut object = json!({
            "uri": self.uri,
            "covers": covers,
            "element": self.local_name,
            "namespace": self.namespace,
            "octets": self.octets,
            "sha256": self.sha256.to_hex(),
            "manifests_not_followed": self.manifests,
        });
        if let Some(file) = &self.file {
            object["file"] = file.as_str().into();
        }
        object
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.covers {
            Covers::Document => "the whole document",
            Covers::Element => "element",
        };
        write!(f, "{what} {}", one_line(&self.local_name))?;
        if !self.namespace.is_empty() {
            write!(f, " of {}", one_line(&self.namespace))?;
        }
        let (uri, hex) = (one_line(&self.uri), self.sha256.to_hex());
        write!(f, "\n    by reference {uri:?}, {} octets, sha256 {hex}", self.octets)?;
        match &self.file {
            Some(file) => write!(f, "\n    written to {}", one_line(file)),
            None => Ok(()),
        }
    }
}
