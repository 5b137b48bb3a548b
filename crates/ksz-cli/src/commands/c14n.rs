use crate::args::C14nArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::input::{Inputs, document_limits};
use crate::output;
use ksz::xml::{Document, Reader, to_utf8};
use ksz::xmldsig::{CanonicalizationMethod, PrefixList};

/// Writes canonical octets, and nothing besides.
pub(crate) fn run(args: &C14nArgs, inputs: &Inputs) -> Result<Exit, Error> {
    let method = CanonicalizationMethod::from_uri(&args.algorithm, PrefixList::parse(&args.prefixes))
        .map_err(|_| Error::AlgorithmNotSupported { uri: args.algorithm.clone() })?;
    if !args.prefixes.trim().is_empty() && !method.takes_prefixes() {
        return Err(Error::PrefixesNotForAlgorithm { uri: args.algorithm.clone() });
    }
    let input = inputs.read_message(&args.file)?;
    let refuse = |error| Error::Xml { file: args.file.clone(), error };
    let input = to_utf8(&input).map_err(refuse)?;
    let mut octets = Vec::with_capacity(input.len());
    match &args.id {
        None => {
            let reader = Reader::with_instructions(&input, &document_limits()).map_err(refuse)?;
            method.canonicalize_stream(reader, &mut octets).map_err(refuse)?;
        }
        Some(id) => {
            let document = Document::parse_with_instructions(&input, &document_limits()).map_err(refuse)?;
            method.canonicalize(args.file.only_element(&document, id)?, &mut octets).map_err(refuse)?;
        }
    }
    output::octets(&octets)?;
    Ok(Exit::Done)
}
