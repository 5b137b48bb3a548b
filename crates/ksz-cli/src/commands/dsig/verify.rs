use crate::args::DsigVerifyArgs;
use crate::commands::dsig::report::Valid;
use crate::error::{Error, in_file};
use crate::exit::Exit;
use crate::input::{Inputs, document_limits};
use crate::output;
use ksz::error::{Kind, mask_person_numbers, reason};
use ksz::pki::{self, Backend, VerifyingKey};
use ksz::xml::{Document, to_utf8};
use ksz::xmldsig::{self, DocumentSignature, SignatureLimits, VerifiedSignature};
use serde_json::json;
use zeroize::Zeroizing;

/// Verifies the signature of a document, and says what it covers or why it is not valid.
pub(super) fn run(args: &DsigVerifyArgs, inputs: &Inputs) -> Result<Exit, Error> {
    match verify(args, inputs) {
        Ok(valid) if args.json => output::json(&valid.object())?,
        Ok(valid) => output::text(&valid)?,
        Err(Failure::Judged(error)) => return not_valid(args, &error),
        Err(Failure::NotJudged(error)) => return Err(error),
    }
    Ok(Exit::Done)
}

/// Says which rule was broken or what is not supported, and nothing of what the document holds.
fn not_valid(args: &DsigVerifyArgs, error: &xmldsig::Error) -> Result<Exit, Error> {
    let (class, message) = (error.class(), mask_person_numbers(&error.to_string()));
    // Of a key that is not accepted nobody knows what it signed.
    let is_unsupported = error.kind() == Kind::Unsupported || matches!(error, xmldsig::Error::Key(_));
    let (result, exit) =
        if is_unsupported { ("unsupported", Exit::Unsupported) } else { ("invalid", Exit::Refused) };
    if args.json {
        output::json(&json!({
            "result": result,
            "error": class.as_str(),
            "reason": reason(error),
            "message": message,
        }))?;
    }
    output::failure(&format!("{}: {result}: {message} [{class}]", args.file));
    Ok(exit)
}

/// Why there is nothing to read.
enum Failure {
    /// The document, or the key, was refused.
    Judged(xmldsig::Error),
    /// It did not come so far.
    NotJudged(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Xml { error, .. } => Self::Judged(error.into()),
            other => Self::NotJudged(other),
        }
    }
}

impl From<xmldsig::Error> for Failure {
    fn from(error: xmldsig::Error) -> Self {
        Self::Judged(error)
    }
}

impl From<ksz::xml::Error> for Failure {
    fn from(error: ksz::xml::Error) -> Self {
        Self::Judged(error.into())
    }
}

fn verify(args: &DsigVerifyArgs, inputs: &Inputs) -> Result<Valid, Failure> {
    let pem = Zeroizing::new(inputs.read(&args.key)?);
    let input = inputs.read_message(&args.file)?;
    let input = to_utf8(&input)?;
    let document = Document::parse_with_instructions(&input, &document_limits())?;
    let limits = SignatureLimits::documents();
    let signature = match &args.id {
        Some(id) => DocumentSignature::with_id(&document, id, &limits)?,
        None => DocumentSignature::only(&document, &limits)?,
    };
    // What the document names and nobody here computes is told before anything is said of the key.
    let key = key(args, &pem)?;
    let verified = signature.verify(&key)?;
    let files = write(args, &verified)?;
    Ok(Valid::new(&verified, &key, files))
}

fn key(args: &DsigVerifyArgs, pem: &[u8]) -> Result<VerifyingKey, Failure> {
    use pki::Error::{KeyAlgorithmNotAccepted, KeySize, PublicExponent};
    VerifyingKey::read(pem, Backend::default()).map_err(|error| match error {
        KeyAlgorithmNotAccepted { .. } | KeySize { .. } | PublicExponent => {
            Failure::Judged(xmldsig::Error::Key(error))
        }
        other => Failure::NotJudged(in_file(&args.key)(other)),
    })
}

/// Writes what is covered into new files, and answers with their names.
fn write(args: &DsigVerifyArgs, verified: &VerifiedSignature) -> Result<Vec<String>, Error> {
    let Some(folder) = &args.output else { return Ok(Vec::new()) };
    std::fs::create_dir_all(folder)
        .map_err(|error| Error::Folder { folder: folder.clone(), why: error.kind() })?;
    let mut files = Vec::new();
    for (index, reference) in verified.references().iter().enumerate() {
        let path = folder.join(format!("reference-{}.xml", index + 1));
        output::new_file(&path, reference.part().octets())?;
        files.push(path.display().to_string());
    }
    Ok(files)
}
