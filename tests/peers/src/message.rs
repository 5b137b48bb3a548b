use crate::{Failure, read};
use base64::{Engine, engine::general_purpose::STANDARD};
use bergshamra::c14n::{C14nMode, canonicalize_doc};
use bergshamra::dsig::verify::verify_document_with_source;
use bergshamra::keys::loader::load_x509_cert_pem;
use bergshamra::xml::{Document, NodeId, NodeSet, uppsala};
use bergshamra::{DsigContext, KeysManager, VerifyResult};

pub(crate) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub(crate) const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
pub(crate) const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// Who must have signed: a certificate, and its key, which is loaded once.
pub(crate) struct Signer {
    context: DsigContext,
    certificate: Vec<u8>,
}

impl Signer {
    pub(crate) fn read(folder: &str, name: &str) -> Result<Self, Failure> {
        let pem = read(&format!("{folder}/{name}.crt"))?;
        let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let certificate = STANDARD.decode(base64).map_err(|error| error.to_string())?;
        let mut keys = KeysManager::new();
        keys.add_key(load_x509_cert_pem(pem.as_bytes()).map_err(|error| error.to_string())?);
        Ok(Self { context: context(keys), certificate })
    }

    /// Verifies a message: every part by its path, and each covered by the signature.
    pub(crate) fn verify(&self, message: &str) -> Result<(), Failure> {
        let document = parse(message)?;
        let envelope = document.document_element().ok_or("no element")?;
        let child = |parent, namespace, name| {
            let found = document.first_child_element_by_name_ns(parent, namespace, name);
            found.ok_or_else(|| format!("no {name}"))
        };
        let header = child(envelope, SOAP, "Header")?;
        let (body, security) = (child(envelope, SOAP, "Body")?, child(header, WSSE, "Security")?);
        let timestamp = child(security, WSU, "Timestamp")?;
        let token = child(security, WSSE, "BinarySecurityToken")?;

        let text = |node| document.text_content_deep(node);
        let (created, expires) = (child(timestamp, WSU, "Created")?, child(timestamp, WSU, "Expires")?);
        // The files are fresh: the order of the instants is all that can be wrong.
        if text(created) >= text(expires) {
            return Err("the timestamp has no span".into());
        }
        let der = STANDARD.decode(text(token)).map_err(|error| error.to_string())?;
        if der != self.certificate {
            return Err("another certificate".into());
        }
        self.require_covered(&document, message, &[timestamp, body, token])
    }

    /// Verifies an assertion: the signature in it covers it.
    pub(crate) fn verify_assertion(&self, assertion: &str) -> Result<(), Failure> {
        let document = parse(assertion)?;
        let root = document.document_element().ok_or("no element")?;
        self.require_covered(&document, assertion, &[root])
    }

    fn require_covered(
        &self,
        document: &Document<'_>,
        source: &str,
        parts: &[NodeId],
    ) -> Result<(), Failure> {
        match verify_document_with_source(&self.context, document, Some(source)) {
            Ok(VerifyResult::Valid { references, .. }) => {
                let covers = |part: &NodeId| {
                    references
                        .iter()
                        .any(|reference| reference.digest_verified && reference.resolved_node == Some(*part))
                };
                if parts.iter().all(covers) { Ok(()) } else { Err("a part is not covered".into()) }
            }
            Ok(VerifyResult::Invalid { reason }) => Err(reason),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Only the keys given count. Its rule on where a reference may lead forbids a signature in a header to cover the Body,
/// so the caller checks that himself.
pub(crate) fn context(keys: KeysManager) -> DsigContext {
    DsigContext::new(keys).with_strict_verification(false)
}

pub(crate) fn parse(text: &str) -> Result<Document<'_>, Failure> {
    uppsala::parse(text).map_err(|error| error.to_string())
}

/// Exclusive canonicalization of the Body.
pub(crate) fn canonical_body(document: &Document<'_>) -> Result<Vec<u8>, Failure> {
    let envelope = document.document_element().ok_or("no element")?;
    let body = document.first_child_element_by_name_ns(envelope, SOAP, "Body").ok_or("no Body")?;
    let nodes = NodeSet::tree_without_comments(body, document);
    canonicalize_doc::<&str>(document, C14nMode::Exclusive, Some(&nodes), &[])
        .map_err(|error| error.to_string())
}
