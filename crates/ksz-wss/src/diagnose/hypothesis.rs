//! Guesses at what was signed, each proven by the digest or refuted by it.

use super::change::Change;
use super::edit::{
    CARRIAGE_RETURN, Piece, Printer, Spaces, encoded_once_less, encoded_once_more, in_latin1, is_space,
    pieces, split_tag, trimmed, trimmed_end, with_prefix, with_texts, without_indentation,
};
use super::scope;
use crate::names::{WSSE, WSU};
use ksz_soap::names::{SOAP_11, WS_TRUST};
use ksz_xml::Element;
use ksz_xmldsig::names::{DS, EXCLUSIVE_C14N};
use ksz_xmldsig::{CanonicalizationMethod, PrefixList, Sink};
use std::slice::from_ref;

/// Prefixes that libraries choose for any namespace.
const PREFIXES: [&str; 22] = [
    "", "ns", "ns0", "ns1", "ns2", "ns3", "ns4", "tns", "urn", "urn1", "v1", "web", "q1", "a", "b", "p", "t",
    "m", "wsu", "u", "wsse", "ds",
];
/// Prefixes that libraries choose for SOAP.
const SOAP_PREFIXES: [&str; 10] =
    ["soapenv", "soap", "SOAP-ENV", "S", "s", "env", "soap11", "e", "SOAP_ENV", ""];
/// Prefixes that everybody chooses for the namespaces of the standards.
const STANDARD: [(&str, &str); 5] =
    [(WSU, "wsu"), (WSSE, "wsse"), (DS, "ds"), (EXCLUSIVE_C14N, "ec"), (WS_TRUST, "wst")];
/// How printers indent.
const UNITS: [&str; 4] = ["  ", "    ", "\t", " "];
/// Values that are looked at one by one.
const VALUES: usize = 16;
/// Prefixes that are looked at one by one.
const LISTED: usize = 12;

/// What all guesses together may cost, so that a hostile message costs no more than some honest ones.
#[derive(Debug)]
pub(super) struct Budget {
    guesses: usize,
    octets: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { guesses: 2_000, octets: 128 * 1024 * 1024 }
    }
}

impl Budget {
    fn spend(&mut self, octets: usize) -> bool {
        let octets = octets + 64;
        if self.guesses == 0 || self.octets < octets {
            return false;
        }
        self.guesses -= 1;
        self.octets -= octets;
        true
    }
}

/// A part whose digest does not match.
#[derive(Clone, Copy)]
pub(super) struct Suspect<'a, 'd> {
    pub(super) element: Element<'d>,
    /// The signature that the enveloped signature transform leaves out.
    pub(super) omitted: Option<Element<'d>>,
    pub(super) method: &'a CanonicalizationMethod,
    /// The `PrefixList` of the method, as it is written.
    pub(super) list: &'a str,
    /// All prefixes that the message's signature lists.
    pub(super) listed: &'a [String],
}

/// What was signed, and what was changed since.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) changes: Vec<Change>,
    pub(super) signed: Vec<u8>,
}

/// Looks for octets that are the signed ones.
pub(super) struct Search<'a> {
    is_signed: &'a dyn Fn(&[u8]) -> bool,
    budget: &'a mut Budget,
    proof: Option<Proof>,
    pub(super) guesses: usize,
    /// What a guess costs at least, in octets.
    least: usize,
}

/// An end of the search: found, or nothing left to spend.
struct Over;

impl<'a> Search<'a> {
    pub(super) fn new(is_signed: &'a dyn Fn(&[u8]) -> bool, budget: &'a mut Budget) -> Self {
        Self { is_signed, budget, proof: None, guesses: 0, least: 0 }
    }

    /// The first guess that is right.
    pub(super) fn run(mut self, suspect: &Suspect<'_, '_>) -> (Option<Proof>, usize) {
        // A guess reads the part, however little of it is left in the canonical form.
        self.least = suspect.element.source().len();
        let _ = self.all(suspect);
        (self.proof, self.guesses)
    }

    fn all(&mut self, suspect: &Suspect<'_, '_>) -> Result<(), Over> {
        // What was found is not guessed at; that it can be paid for says whether anything is left for guesses.
        let found = canonical(suspect, suspect.method).unwrap_or_default();
        if !self.budget.spend(found.len().max(self.least)) {
            return Err(Over);
        }
        let found = String::from_utf8(found).unwrap_or_default();
        let depth = std::iter::successors(suspect.element.parent(), |element| element.parent()).count();
        self.rewritten(&found, &[], depth)?;
        for (change, octets) in self.other_forms(suspect) {
            self.guess(from_ref(&change), &octets)?;
            if let Ok(text) = String::from_utf8(octets)
                && text != found
            {
                self.simple(&text, &[change])?;
            }
        }
        self.identifier(&found)?;
        self.namespaces(suspect)?;
        self.prefixes(&found, suspect)?;
        self.values(&found)
    }

    fn guess(&mut self, changes: &[Change], octets: &[u8]) -> Result<(), Over> {
        if !self.budget.spend(octets.len().max(self.least)) {
            return Err(Over);
        }
        self.guesses += 1;
        if (self.is_signed)(octets) {
            self.proof = Some(Proof { changes: changes.to_vec(), signed: octets.to_vec() });
            return Err(Over);
        }
        Ok(())
    }

    /// The changes that many tools make, alone or on top of `also`.
    fn simple(&mut self, text: &str, also: &[Change]) -> Result<(), Over> {
        let with = |change| [&[change], also].concat();
        let mut is_printed = false;
        for spaces in [Spaces::BetweenElements, Spaces::AllOfTexts, Spaces::AroundValues] {
            let stripped = without_indentation(text, spaces);
            // White space around values alone, on one line, is not a printer's.
            is_printed |= stripped != text && (spaces != Spaces::AroundValues || breaks_values(text));
            if stripped != text && is_printed {
                self.guess(&with(Change::Indentation), stripped.as_bytes())?;
            }
        }
        if text.contains(CARRIAGE_RETURN) {
            self.guess(&with(Change::LineEnds), text.replace(CARRIAGE_RETURN, "").as_bytes())?;
            let lines = text.replace("&#xD;\n", "\n").replace(CARRIAGE_RETURN, "\n");
            self.guess(&with(Change::LineEnds), lines.as_bytes())?;
        }
        let returned = with_texts(text, |text| text.replace('\n', "&#xD;\n"));
        if returned != text {
            self.guess(&with(Change::LineEnds), returned.as_bytes())?;
            let single = with_texts(text, |text| text.replace('\n', CARRIAGE_RETURN));
            self.guess(&with(Change::LineEnds), single.as_bytes())?;
        }
        Ok(())
    }

    /// Everything that is done to texts.
    fn rewritten(&mut self, text: &str, also: &[Change], depth: usize) -> Result<(), Over> {
        self.simple(text, also)?;
        if text.contains('\u{feff}') {
            self.guess(&[Change::ByteOrderMark], text.replace('\u{feff}', "").as_bytes())?;
        }
        for trim in [trimmed_end, trimmed] {
            let trimmed = with_texts(text, |text| if is_space(text) { text } else { trim(text) }.to_owned());
            if trimmed != text {
                self.guess(&[Change::ValueSpace], trimmed.as_bytes())?;
            }
        }
        let compact = with_texts(text, |text| text.replace(CARRIAGE_RETURN, "").split_whitespace().collect());
        if compact != text {
            self.guess(&[Change::ValueSpace], compact.as_bytes())?;
        }
        if !text.is_ascii() {
            for octets in [
                encoded_once_less(text).map(String::into_bytes),
                Some(encoded_once_more(text).into_bytes()),
                in_latin1(text),
            ] {
                self.guess(&[Change::Encoding], &octets.unwrap_or_default())?;
            }
        }
        let stripped = without_indentation(text, Spaces::BetweenElements);
        for line_end in ["\n", "&#xD;\n"] {
            for unit in UNITS {
                for (depth, outer) in [(depth, 0), (0, 0), (0, 1)] {
                    let printer = Printer { unit, line_end, depth, outer };
                    if let Some(printed) = printer.print(&stripped, 4 * text.len() + 4096) {
                        self.guess(&[Change::Indentation], printed.as_bytes())?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What else a signer may have digested than the form that is named.
    fn other_forms(&self, suspect: &Suspect<'_, '_>) -> Vec<(Change, Vec<u8>)> {
        let element = suspect.element;
        let exclusive = |list: &str| CanonicalizationMethod::exclusive(PrefixList::parse(list));
        let mut methods = Vec::new();
        if !suspect.list.is_empty() {
            methods.push((Change::PrefixList, exclusive("")));
        }
        let inclusive = "Canonical XML 1.0 in place of exclusive canonicalization";
        let inclusive = (Change::Method(inclusive), CanonicalizationMethod::inclusive());
        let lists_elsewhere = !suspect.listed.is_empty();
        if !lists_elsewhere {
            methods.push(inclusive.clone());
        }
        // A list of all that is in scope gives the same octets; whoever lists prefixes elsewhere means a list.
        let in_scope: Vec<_> = element.namespaces().take(64).map(|(prefix, _)| listed_name(prefix)).collect();
        methods.push((Change::PrefixList, exclusive(&in_scope.join(" "))));
        methods.push((Change::PrefixList, exclusive(&suspect.listed.join(" "))));
        if lists_elsewhere {
            methods.push(inclusive);
        }
        methods.push((Change::Comments, suspect.method.clone().with_comments()));
        if suspect.method.uri() != EXCLUSIVE_C14N {
            let told = "exclusive canonicalization in place of another";
            methods.push((Change::Method(told), exclusive(suspect.list)));
        }
        let mut forms: Vec<_> = methods
            .into_iter()
            .filter_map(|(change, method)| Some((change, canonical(suspect, &method)?)))
            .collect();
        let as_written = Change::Method("the text as it is written in place of its canonical form");
        forms.push((as_written.clone(), element.source().as_bytes().to_vec()));
        forms.push((as_written, element.standalone_source().into_bytes()));
        let mut children = element.children();
        if let (Some(child), None) = (children.next(), children.next()) {
            let only = Suspect { element: child, omitted: None, ..*suspect };
            forms.extend(canonical(&only, suspect.method).map(|octets| (Change::Content, octets)));
        }
        if let Some(content) = element.content_range() {
            let content =
                &element.source()[content.start - element.range().start..content.end - element.range().start];
            forms.push((Change::Content, content.as_bytes().to_vec()));
        }
        forms
    }

    /// The digest was made before the identifier was there.
    fn identifier(&mut self, text: &str) -> Result<(), Over> {
        let Some(Piece::Start(tag)) = pieces(text).next() else { return Ok(()) };
        let Some((_, attributes)) = split_tag(tag) else { return Ok(()) };
        for (name, value) in
            attributes.iter().filter(|(name, _)| name.ends_with("Id") || *name == "AssertionID")
        {
            let bare = tag.replacen(&format!(" {name}=\"{value}\""), "", 1);
            self.guess(&[Change::Identifier], format!("{bare}{}", &text[tag.len()..]).as_bytes())?;
            let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
            if let Some((_, uri)) = attributes.iter().find(|(name, _)| *name == format!("xmlns:{prefix}")) {
                let bare = bare.replacen(&format!(" xmlns:{prefix}=\"{uri}\""), "", 1);
                self.guess(&[Change::Identifier], format!("{bare}{}", &text[tag.len()..]).as_bytes())?;
            }
        }
        Ok(())
    }

    /// A declaration was put in, taken out or moved; it matters where a list names the prefix.
    fn namespaces(&mut self, suspect: &Suspect<'_, '_>) -> Result<(), Over> {
        let list: Vec<&str> = suspect.list.split_ascii_whitespace().collect();
        for &prefix in list.iter().take(LISTED) {
            let change = Change::Namespace { prefix: prefix.to_owned() };
            let without: Vec<_> = list.iter().copied().filter(|listed| *listed != prefix).collect();
            let method = CanonicalizationMethod::exclusive(PrefixList::parse(&without.join(" ")));
            if let Some(octets) = canonical(suspect, &method) {
                self.guess(from_ref(&change), &octets)?;
            }
            for uri in scope::candidates(suspect.element, prefix) {
                let added = [(prefix, uri)];
                if let Some(octets) = scope::canonical_with(suspect, &added) {
                    self.guess(from_ref(&change), &octets)?;
                }
            }
        }
        let all: Vec<_> = list
            .iter()
            .take(LISTED)
            .filter_map(|prefix| scope::candidates(suspect.element, prefix).next().map(|uri| (*prefix, uri)))
            .collect();
        if all.len() > 1
            && let Some(octets) = scope::canonical_with(suspect, &all)
        {
            let prefix = all.iter().map(|(prefix, _)| *prefix).collect::<Vec<_>>().join(" ");
            self.guess(&[Change::Namespace { prefix }], &octets)?;
        }
        Ok(())
    }

    /// A prefix has another name, or all of them have, as libraries write that choose prefixes of their own.
    fn prefixes(&mut self, text: &str, suspect: &Suspect<'_, '_>) -> Result<(), Over> {
        let used = used_prefixes(text);
        let listed =
            suspect.listed.iter().map(String::as_str).filter(|name| *name != "#default").take(LISTED);
        let names_of = |uri: &str| -> Vec<&str> {
            let common: &[&str] = if uri == SOAP_11 { &SOAP_PREFIXES } else { &PREFIXES };
            listed.clone().chain(common.iter().copied()).collect()
        };
        for (prefix, uri) in &used {
            for name in names_of(uri).into_iter().filter(|name| name != prefix) {
                let Some(renamed) = with_prefix(text, prefix, name) else { continue };
                self.guess(&[Change::prefix(name, prefix)], renamed.as_bytes())?;
            }
        }
        let soap: Vec<&str> =
            if used.iter().any(|(_, uri)| *uri == SOAP_11) { names_of(SOAP_11) } else { vec![""] };
        let payload = names_of("");
        self.all_prefixes(text, &used, &soap, &payload, &[])?;
        let stripped = without_indentation(text, Spaces::AllOfTexts);
        if stripped != text {
            self.all_prefixes(&stripped, &used, &soap, &payload, &[Change::Indentation])?;
        }
        Ok(())
    }

    /// The prefixes of the standards have the names that everybody gives them; that of the envelope is one of `soap`, and
    /// that of the payload, if it is one, of `payload`.
    fn all_prefixes(
        &mut self,
        text: &str,
        used: &[(&str, &str)],
        soap: &[&str],
        payload: &[&str],
        also: &[Change],
    ) -> Result<(), Over> {
        let usual = |uri: &str| STANDARD.iter().find(|(known, _)| *known == uri).map(|(_, name)| *name);
        let mut others = used.iter().filter(|(_, uri)| *uri != SOAP_11 && usual(uri).is_none());
        let other = others.next().filter(|_| others.next().is_none());
        for soap in soap {
            let (mut changes, mut text) = (also.to_vec(), text.to_owned());
            for (prefix, uri) in used {
                let name = if *uri == SOAP_11 { Some(*soap) } else { usual(uri) };
                let Some(name) = name.filter(|name| name != prefix) else { continue };
                if let Some(renamed) = with_prefix(&text, prefix, name) {
                    text = renamed;
                    changes.push(Change::prefix(name, prefix));
                }
            }
            if !changes.is_empty() {
                self.guess(&changes, text.as_bytes())?;
            }
            for (name, (prefix, _)) in payload.iter().flat_map(|name| other.map(|other| (name, other))) {
                if let Some(renamed) = with_prefix(&text, prefix, name).filter(|_| name != prefix) {
                    let changes = [&changes[..], &[Change::prefix(name, prefix)]].concat();
                    self.guess(&changes, renamed.as_bytes())?;
                }
            }
        }
        Ok(())
    }

    /// One value had other white space at its end.
    fn values(&mut self, text: &str) -> Result<(), Over> {
        let mut at = 0;
        let mut values = Vec::new();
        let mut before = None;
        for piece in pieces(text) {
            if let (Some(Piece::Start(_)), Piece::Text(value)) = (before, piece)
                && !is_space(value)
            {
                values.push((at, value));
            }
            at += piece.source().len();
            before = Some(piece);
        }
        for (start, value) in values.into_iter().take(VALUES) {
            let (head, tail) = (&text[..start], &text[start + value.len()..]);
            let trimmed = trimmed_end(value);
            let others = [trimmed.to_owned(), format!("{value} "), format!("{value}\n"), format!(" {value}")];
            for other in others.iter().filter(|other| *other != value) {
                self.guess(&[Change::ValueSpace], format!("{head}{other}{tail}").as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Whether a value begins or ends with a line break.
fn breaks_values(text: &str) -> bool {
    pieces(text).any(|piece| match piece {
        Piece::Text(value) if !is_space(value) => {
            let space = value.len() - trimmed(value).len();
            space > 0
                && (value.trim_start_matches([' ', '\t']).starts_with('\n')
                    || value.trim_end_matches([' ', '\t']).ends_with('\n'))
        }
        _ => false,
    })
}

/// A prefix as a `PrefixList` names it.
const fn listed_name(prefix: &str) -> &str {
    if prefix.is_empty() { "#default" } else { prefix }
}

/// The prefixes of elements and attributes, with their namespaces.
fn used_prefixes(text: &str) -> Vec<(&str, &str)> {
    let mut used: Vec<(&str, &str)> = Vec::new();
    for piece in pieces(text) {
        let Piece::Start(tag) = piece else { continue };
        for (name, value) in split_tag(tag).map(|(_, attributes)| attributes).unwrap_or_default() {
            let prefix = if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") };
            if let Some(prefix) = prefix
                && used.len() < LISTED
                && !used.contains(&(prefix, value))
            {
                used.push((prefix, value));
            }
        }
        if used.len() == LISTED {
            break;
        }
    }
    used
}

/// The canonical form of a part, unless it is many times longer than its document.
pub(super) fn canonical(suspect: &Suspect<'_, '_>, method: &CanonicalizationMethod) -> Option<Vec<u8>> {
    let document = suspect.element.document_element();
    let mut octets =
        Bounded { octets: Vec::new(), limit: 6 * document.range().len() + 64 * 1024, is_full: false };
    let written = match suspect.omitted {
        Some(omitted) => method.canonicalize_without(suspect.element, omitted, &mut octets),
        None => method.canonicalize(suspect.element, &mut octets),
    };
    written.ok().filter(|()| !octets.is_full).map(|()| octets.octets)
}

/// Octets up to a limit.
struct Bounded {
    octets: Vec<u8>,
    limit: usize,
    is_full: bool,
}

impl Sink for Bounded {
    fn write(&mut self, octets: &[u8]) {
        self.is_full |= octets.len() > self.limit - self.octets.len();
        if !self.is_full {
            self.octets.extend_from_slice(octets);
        }
    }

    fn is_full(&self) -> bool {
        self.is_full
    }
}
