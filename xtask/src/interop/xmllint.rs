//! The `xmllint` command, built on libxml2: the same canonical octets of documents that nobody chose.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Judge, Report};
use crate::error::Error;
use crate::process;

pub(super) const JUDGE: Judge = Judge { name: "xmllint", needs: &[("xmllint", "libxml2-utils")], run };

/// How many documents are compared for each algorithm.
const DOCUMENTS: u64 = 200;

/// The flag of `xmllint` and the identifier of each algorithm; `xmllint` always keeps comments.
const ALGORITHMS: [(&str, &str); 3] = [
    ("--exc-c14n", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
    ("--c14n", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"),
    ("--c14n11", "http://www.w3.org/2006/12/xml-c14n11#WithComments"),
];

fn run(ksz: &Path, folder: &Path, report: &mut Report) -> Result<(), Error> {
    let file = folder.join("document.xml");
    for (flag, algorithm) in ALGORITHMS {
        let mut outcome = Ok(());
        for seed in 1..=DOCUMENTS {
            let document = Generator::new(seed).document();
            fs::write(&file, &document).map_err(Error::io(file.display().to_string()))?;
            let theirs = process::output(Command::new("xmllint").arg(flag).arg(&file))?;
            let ours =
                process::output(Command::new(ksz).args(["c14n", "--algorithm", algorithm]).arg(&file))?;
            if !theirs.status.success() || !ours.status.success() || theirs.stdout != ours.stdout {
                let shown = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
                outcome = Err(format!(
                    "document {seed}: {document:?}\nxmllint: {:?}\nksz:     {:?} {}",
                    shown(&theirs.stdout),
                    shown(&ours.stdout),
                    shown(&ours.stderr)
                ));
                break;
            }
        }
        report.check(&format!("{DOCUMENTS} documents have the same octets, {algorithm}"), outcome);
    }
    Ok(())
}

/// Writes documents that look like nobody's: namespaces bound, unbound and bound again, and all that text can hold.
/// The same seed gives the same document.
struct Generator {
    state: u64,
    document: String,
}

/// The prefixes in scope, the empty one for a default namespace.
type Scope = Vec<&'static str>;

impl Generator {
    const fn new(seed: u64) -> Self {
        Self { state: seed, document: String::new() }
    }

    fn document(mut self) -> String {
        if self.one_in(3) {
            self.document += "<?xml version='1.0' encoding=\"UTF-8\"?>\n";
        }
        self.miscellaneous();
        self.element(&Scope::new(), 4);
        self.miscellaneous();
        self.document
    }

    fn miscellaneous(&mut self) {
        for text in ["<!-- outside -->\r\n", "<?target data ?>\n", "\n"] {
            if self.one_in(3) {
                self.document += text;
            }
        }
    }

    fn element(&mut self, outer: &Scope, depth: u32) {
        let mut scope = outer.clone();
        let mut declarations = String::new();
        for (prefix, uris) in [
            ("p", ["urn:p", "urn:other"]),
            ("q", ["urn:q", "urn:p"]),
            ("r", ["http://example.be/r?a=1", "urn:r"]),
        ] {
            if self.one_in(4) {
                let uri = self.pick(&uris);
                let _ = write!(declarations, " xmlns:{prefix}='{uri}'");
                if !scope.contains(&prefix) {
                    scope.push(prefix);
                }
            }
        }
        if self.one_in(4) {
            let uri = self.pick(&["urn:d", "urn:e", ""]);
            let _ = write!(declarations, " xmlns=\"{uri}\"");
        }
        let prefix = self.prefix(&scope);
        let name = self.pick(&["a", "b", "é"]);
        let _ = write!(self.document, "<{prefix}{name}{declarations}");
        for (index, local) in ["z", "y", "x"].into_iter().enumerate() {
            if self.one_in(3) {
                // Two prefixes may be bound to one namespace, so only one attribute of an element has a prefix.
                let prefix = if index == 0 { self.prefix(&scope) } else { String::new() };
                let value =
                    self.pick(&["", "1", "&quot;&#9;&#xA;&#13;", "a\t\r\nb", "&lt;&amp;>'", "\u{10000}é"]);
                let _ = write!(self.document, " {prefix}{local}=\"{value}\"");
            }
        }
        if self.one_in(6) {
            let attribute = self.pick(&["xml:lang='nl'", "xml:space=\"preserve\"", "xml:id='i'"]);
            let _ = write!(self.document, "\r\n  {attribute}");
        }
        if depth == 0 || self.one_in(6) {
            self.document += "/>";
            return;
        }
        self.document += ">";
        for _ in 0..self.below(5) {
            if self.one_in(2) {
                self.element(&scope, depth - 1);
            } else {
                let text = self.pick(&[
                    "text",
                    "\r\n\t ",
                    "&lt;&gt;&amp;&#xD;&#233;",
                    "<![CDATA[<&]]>",
                    "<![CDATA[a\r\nb]]>c",
                    "<!-- a\r\nb -->",
                    "<?target?>",
                    "\"'>",
                ]);
                self.document += text;
            }
        }
        let _ = write!(self.document, "</{prefix}{name} >");
    }

    /// A prefix in scope with its colon, or none.
    fn prefix(&mut self, scope: &Scope) -> String {
        if scope.is_empty() || self.one_in(2) {
            return String::new();
        }
        format!("{}:", self.pick(scope))
    }

    fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        let count = u64::try_from(among.len()).unwrap_or(1);
        among[usize::try_from(self.below(count)).unwrap_or_default()]
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// The next of a sequence that is the same for each seed (SplitMix64).
    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_its_document_and_another_seed_another() {
        assert_eq!(Generator::new(1).document(), Generator::new(1).document());
        assert_ne!(Generator::new(1).document(), Generator::new(2).document());
    }

    #[test]
    fn the_documents_hold_what_is_worth_comparing() {
        let all: String = (1..=DOCUMENTS).map(|seed| Generator::new(seed).document()).collect();
        for piece in ["xmlns=\"\"", "xmlns:q='urn:p'", "p:z=", "<![CDATA[", "&#xD;", "xml:lang", "<?target?>"]
        {
            assert!(all.contains(piece), "{piece}");
        }
    }
}
