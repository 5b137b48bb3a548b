use crate::args::{DsigSignArgs, SignatureForm, signature_method};
use crate::credential::Credential;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::{Inputs, document_limits};
use crate::output;
use ksz::pki::{Certificate, SigningKey};
use ksz::xml::{Document, Element, to_utf8};
use ksz::xmldsig::{self, CanonicalizationMethod, DocumentSigner, KeyInfo, PrefixList, SignatureMethod};

/// Writes the signed document, octet for octet.
pub(super) fn run(args: &DsigSignArgs, inputs: &Inputs) -> Result<Exit, Error> {
    require_references(args)?;
    let method = args.algorithm.as_deref().map(method_of).transpose()?;
    let canonicalization = CanonicalizationMethod::from_uri(&args.canonicalization, PrefixList::default())
        .map_err(|_| Error::AlgorithmNotSupported { uri: args.canonicalization.clone() })?;
    let (key, key_info) = key_of(args, inputs)?;

    let method = method.unwrap_or_else(|| SignatureMethod::of_key(key.algorithm()));
    let mut signer = DocumentSigner::new(method).with_canonicalization(canonicalization);
    if let Some(digest) = args.digest {
        signer = signer.with_digest(digest.into());
    }
    if let Some(id) = &args.id {
        signer = signer.with_id(id);
    }
    if let Some(key_info) = key_info {
        signer = signer.with_key_info(key_info);
    }

    let refused = |error| Error::Xml { file: args.file.clone(), error };
    let input = inputs.read_message(&args.file)?;
    let input = to_utf8(&input).map_err(refused)?;
    let document = Document::parse_with_instructions(&input, &document_limits()).map_err(refused)?;
    let signed = sign(&signer, &document, &key, args)?
        .map_err(|error| Error::DocumentSigning { file: args.file.clone(), error })?;
    output::octets(signed.as_bytes())?;
    Ok(Exit::Done)
}

fn sign(
    signer: &DocumentSigner,
    document: &Document<'_>,
    key: &SigningKey,
    args: &DsigSignArgs,
) -> Result<Result<String, xmldsig::Error>, Error> {
    let elements = elements(document, args)?;
    Ok(match (args.form, elements.as_slice()) {
        (SignatureForm::Enveloping, _) => signer.sign_enveloping(document, &args.object_id, key),
        (SignatureForm::Enveloped, &[element, ..]) => signer.sign_enveloped_in(document, element, key),
        (SignatureForm::Enveloped, []) => signer.sign_enveloped(document, key),
        (SignatureForm::Detached, elements) => signer.sign_detached(document, elements, key),
    })
}

/// The elements that the references name.
fn elements<'d>(document: &'d Document<'_>, args: &'d DsigSignArgs) -> Result<Vec<Element<'d>>, Error> {
    args.reference.iter().map(|id| args.file.only_element(document, id)).collect()
}

/// Refuses references that the form has no place for, and a form that lacks them.
fn require_references(args: &DsigSignArgs) -> Result<(), Error> {
    let (form, flag) = (args.form.as_str(), "--reference");
    match (args.form, args.reference.len()) {
        (SignatureForm::Detached, 0) => Err(Error::TypeNeeds { form, flag }),
        (SignatureForm::Enveloping, 1..) => Err(Error::FlagNotForType { flag, form }),
        (SignatureForm::Enveloped, 2..) => Err(Error::FlagRepeated { flag, form }),
        _ => Ok(()),
    }
}

fn method_of(name: &str) -> Result<SignatureMethod, Error> {
    signature_method(name).ok_or_else(|| Error::SignatureMethodNotSupported { name: name.to_owned() })
}

/// The key, and its certificates if they are to be written.
fn key_of(args: &DsigSignArgs, inputs: &Inputs) -> Result<(SigningKey, Option<KeyInfo>), Error> {
    let credential = Credential {
        file: &args.key,
        certificate: args.certificate.as_ref(),
        password_env: args.password_env.as_deref(),
        alias: args.alias.as_deref(),
    };
    if !args.x509 {
        return Ok((credential.key(inputs)?, None));
    }
    let identity = credential.identity(inputs)?;
    let key_info = KeyInfo::x509_data(identity.chain().iter().map(Certificate::der));
    Ok((identity.key().clone(), Some(key_info)))
}
