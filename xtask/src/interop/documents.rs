//! Plain XML signatures of documents, judged by `xmlsec1` in both directions, and by OpenSSL alone where
//! Debian's xmlsec1 knows no RSASSA-PSS.
//!
//! One thing at a time varies from a document signed as a whole: the key and method, the digest, the
//! canonicalization, the form.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Judge, Report};
use crate::error::Error;
use crate::process;

pub(super) const JUDGE: Judge =
    Judge { name: "documents", needs: &[("xmlsec1", "xmlsec1"), ("openssl", "openssl")], run };

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const RSA_PSS: &str = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1";

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const CANONICALIZATIONS: [&str; 6] = [
    EXCLUSIVE,
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
];
const DIGESTS: [(&str, &str); 3] = [
    ("sha256", "http://www.w3.org/2001/04/xmlenc#sha256"),
    ("sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384"),
    ("sha512", "http://www.w3.org/2001/04/xmlenc#sha512"),
];

/// What the document's canonical form depends on: namespaces that are used or not, inherited attributes,
/// comments. The first line has an identifier that is changed later.
const ORDER: &str = "<?before?><!-- outside --><o:order xmlns:o=\"urn:order\" xmlns=\"urn:d\" xmlns:unused=\"urn:u\" \
    Id=\"order\" xml:lang=\"nl\" xml:base=\"http://example.org/a/\"><group xml:base=\"b/\">\
    <line Id='line-1' o:count='2'>Hello caf\u{e9} &lt; bar<!-- inside --></line>\
    <line Id=\"line-2\"> two </line></group>HERE</o:order><?after?>";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Whole,
    Element,
    Detached,
    Enveloping,
}

impl Form {
    const ALL: [Self; 4] = [Self::Whole, Self::Element, Self::Detached, Self::Enveloping];

    const fn name(self) -> &'static str {
        match self {
            Self::Whole => "enveloped in the whole",
            Self::Element => "enveloped in an element",
            Self::Detached => "over two elements",
            Self::Enveloping => "enveloping",
        }
    }

    const fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Whole => &[],
            Self::Element => &["--reference", "order"],
            Self::Detached => &["--type", "detached", "--reference", "line-1", "--reference", "line-2"],
            Self::Enveloping => &["--type", "enveloping"],
        }
    }

    /// The references of a template, and whether the signature stands in them.
    const fn references(self) -> (&'static [&'static str], bool) {
        match self {
            Self::Whole => (&[""], true),
            Self::Element => (&["#order"], true),
            Self::Detached => (&["#line-1", "#line-2"], false),
            Self::Enveloping => (&["#object"], false),
        }
    }
}

/// How one document is signed.
#[derive(Clone, Copy, Debug)]
struct Case {
    key: &'static str,
    method: &'static str,
    digest: (&'static str, &'static str),
    canonicalization: &'static str,
    form: Form,
}

impl Case {
    fn all() -> Vec<Self> {
        let base = Self {
            key: "p256",
            method: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            digest: DIGESTS[0],
            canonicalization: EXCLUSIVE,
            form: Form::Whole,
        };
        let mut cases = Vec::new();
        for key in ["rsa", "p256", "p384", "p521"] {
            let methods = if key == "rsa" {
                [
                    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
                    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
                ]
            } else {
                [
                    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
                    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
                    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
                ]
            };
            cases.extend(methods.map(|method| Self { key, method, ..base }));
        }
        cases.extend(DIGESTS.into_iter().skip(1).map(|digest| Self { digest, ..base }));
        for form in Form::ALL {
            let others = CANONICALIZATIONS.into_iter().skip(usize::from(form == Form::Whole));
            cases.extend(others.map(|canonicalization| Self { form, canonicalization, ..base }));
        }
        cases
    }

    fn told(&self) -> String {
        let end = |uri: &str| uri.rsplit('/').next().unwrap_or_default().to_owned();
        let Self { key, method, digest: (digest, _), canonicalization, form } = self;
        format!("{key}, {}, {digest}, {}, {}", end(method), end(canonicalization), form.name())
    }

    /// The document with a signature whose values xmlsec1 fills in.
    fn template(&self) -> String {
        let (uris, enveloped) = self.form.references();
        let enveloped =
            if enveloped { format!("<Transform Algorithm=\"{ENVELOPED}\"/>") } else { String::new() };
        let references: String = uris
            .iter()
            .map(|uri| {
                format!(
                    "<Reference URI=\"{uri}\"><Transforms>{enveloped}<Transform Algorithm=\"{}\"/></Transforms>\
                     <DigestMethod Algorithm=\"{}\"/><DigestValue/></Reference>",
                    self.canonicalization, self.digest.1
                )
            })
            .collect();
        let order = ORDER.replace("HERE", "");
        let object = match self.form {
            Form::Enveloping => format!("<Object Id=\"object\">{}</Object>", element_of(&order)),
            _ => String::new(),
        };
        let signature = format!(
            "<Signature xmlns=\"{DS}\">\n<SignedInfo>\n<CanonicalizationMethod Algorithm=\"{}\"/>\
             <SignatureMethod Algorithm=\"{}\"/>{references}</SignedInfo><SignatureValue/>{object}</Signature>",
            self.canonicalization, self.method
        );
        if self.form == Form::Enveloping { signature } else { ORDER.replace("HERE", &signature) }
    }
}

fn run(ksz: &Path, folder: &Path, report: &mut Report) -> Result<(), Error> {
    let files = Files { ksz, folder };
    files.make_keys()?;
    files.write("order.xml", ORDER.replace("HERE", ""))?;
    for case in Case::all() {
        let told = case.told();
        let theirs = files.signed_by_xmlsec1(&case)?;
        report.check(&format!("its own signature, {told}, verifies"), files.ask_xmlsec1(&case, &theirs)?);
        report.check(&format!("ksz accepts what xmlsec1 signed, {told}"), files.ask_ksz(&case, &theirs, 0)?);
        let changed = theirs.replacen("Hello", "Hallo", 1);
        report.check(&format!("ksz refuses it changed, {told}"), files.ask_ksz(&case, &changed, 3)?);
        if matches!(case.key, "rsa" | "p256") {
            files.judge_what_ksz_signs(&case, report)?;
        }
    }
    files.judge_rsa_pss(report)
}

/// The document element of a text that holds processing instructions and a comment around it.
fn element_of(document: &str) -> &str {
    let start = document.find("<o:order").unwrap_or_default();
    let end = document.find("<?after").unwrap_or(document.len());
    &document[start..end]
}

/// The folder in which they work, and the command.
struct Files<'f> {
    ksz: &'f Path,
    folder: &'f Path,
}

impl Files<'_> {
    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    fn write(&self, file: &str, octets: impl AsRef<[u8]>) -> Result<PathBuf, Error> {
        fs::write(self.path(file), octets).map_err(Error::io(file))?;
        Ok(self.path(file))
    }

    fn read(&self, file: &str) -> Result<Vec<u8>, Error> {
        fs::read(self.path(file)).map_err(Error::io(file))
    }

    fn openssl(&self, arguments: &[&str]) -> Result<(), Error> {
        process::stdout(Command::new("openssl").args(arguments).current_dir(self.folder)).map(drop)
    }

    /// A key pair of each kind: `NAME.key` and `NAME.pub`.
    fn make_keys(&self) -> Result<(), Error> {
        for (name, algorithm, option) in [
            ("rsa", "RSA", "rsa_keygen_bits:2048"),
            ("p256", "EC", "ec_paramgen_curve:P-256"),
            ("p384", "EC", "ec_paramgen_curve:P-384"),
            ("p521", "EC", "ec_paramgen_curve:P-521"),
        ] {
            let key = format!("{name}.key");
            self.openssl(&["genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", &key])?;
            self.openssl(&["pkey", "-in", &key, "-pubout", "-out", &format!("{name}.pub")])?;
        }
        Ok(())
    }

    /// What both directions have in common: no key of the document, and which attributes are identifiers.
    fn xmlsec1(&self, action: &str) -> Command {
        let mut command = Command::new("xmlsec1");
        command.args([
            action,
            "--enabled-reference-uris",
            "empty,same-doc",
            "--enabled-key-data",
            "key-name",
        ]);
        for element in ["urn:d:line", "urn:order:order", &format!("{DS}:Object")] {
            command.args(["--id-attr:Id", element]);
        }
        command
    }

    fn signed_by_xmlsec1(&self, case: &Case) -> Result<String, Error> {
        let template = self.write("template.xml", case.template())?;
        let key = self.path(&format!("{}.key", case.key));
        process::stdout(self.xmlsec1("--sign").arg("--privkey-pem").arg(key).arg(template))
    }

    fn ask_xmlsec1(&self, case: &Case, document: &str) -> Result<Result<(), String>, Error> {
        let file = self.write("judged.xml", document)?;
        let key = self.path(&format!("{}.pub", case.key));
        let output = process::output(self.xmlsec1("--verify").arg("--pubkey-pem").arg(key).arg(file))?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let count = case.form.references().0.len();
        let all = told.contains(&format!("SignedInfo References (ok/all): {count}/{count}"));
        Ok(if output.status.success() && all { Ok(()) } else { Err(told) })
    }

    fn ask_ksz(&self, case: &Case, document: &str, expected: i32) -> Result<Result<(), String>, Error> {
        let file = self.write("judged.xml", document)?;
        let key = self.path(&format!("{}.pub", case.key));
        let mut command = Command::new(self.ksz);
        let output = process::output(command.args(["dsig", "verify", "--key"]).arg(key).arg(file))?;
        Ok(if output.status.code() == Some(expected) {
            Ok(())
        } else {
            Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
        })
    }

    fn signed_by_ksz(&self, case: &Case) -> Result<String, Error> {
        let mut command = Command::new(self.ksz);
        command.args(["dsig", "sign", "--key"]).arg(self.path(&format!("{}.key", case.key)));
        command.args(["--algorithm", case.method, "--digest", case.digest.0]);
        command.args(["--canonicalization", case.canonicalization]).args(case.form.flags());
        process::stdout(command.arg(self.path("order.xml")))
    }

    fn judge_what_ksz_signs(&self, case: &Case, report: &mut Report) -> Result<(), Error> {
        let told = case.told();
        let ours = self.signed_by_ksz(case)?;
        report.check(&format!("what ksz signed, {told}, verifies"), self.ask_xmlsec1(case, &ours)?);
        let changed = ours.replacen("Hello", "Hallo", 1);
        report.check(&format!("ksz refuses its own changed, {told}"), self.ask_ksz(case, &changed, 3)?);
        let refused = match self.ask_xmlsec1(case, &changed)? {
            Err(told) if told.lines().any(|line| line == "FAIL") => Ok(()),
            Err(told) => Err(told),
            Ok(()) => Err("accepted".into()),
        };
        report.check(&format!("what ksz signed, {told}, is refused changed"), refused);
        Ok(())
    }

    /// RSASSA-PSS: OpenSSL judges a value of ours over the octets of SignedInfo, and signs such octets for
    /// us.
    fn judge_rsa_pss(&self, report: &mut Report) -> Result<(), Error> {
        let case = Case {
            key: "rsa",
            method: RSA_PSS,
            digest: DIGESTS[0],
            canonicalization: EXCLUSIVE,
            form: Form::Whole,
        };
        let signed = self.signed_by_ksz(&case)?;
        let (info, value) = (between(&signed, "ds:SignedInfo"), between(&signed, "ds:SignatureValue"));
        // What is written is canonical but for the declaration, which exclusive canonicalization puts here.
        let octets = format!("<ds:SignedInfo xmlns:ds=\"{DS}\">{info}</ds:SignedInfo>");
        self.write("signed-info", &octets)?;
        self.write("value.base64", format!("{value}\n"))?;
        self.openssl(&["base64", "-d", "-A", "-in", "value.base64", "-out", "value"])?;
        let scheme = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"];
        let judge = [
            &["dgst", "-sha256", "-verify", "rsa.pub"],
            &scheme[..],
            &["-signature", "value", "signed-info"],
        ];
        let outcome = self.openssl(&judge.concat()).map_err(|error| error.to_string());
        report.check("OpenSSL accepts the RSASSA-PSS value of what ksz signed", outcome);

        let sign = [&["dgst", "-sha256", "-sign", "rsa.key"], &scheme[..], &["-out", "value", "signed-info"]];
        self.openssl(&sign.concat())?;
        self.openssl(&["base64", "-A", "-in", "value", "-out", "value.base64"])?;
        let theirs = String::from_utf8_lossy(&self.read("value.base64")?).into_owned();
        let document = signed.replace(value, &theirs);
        report.check("ksz accepts a RSASSA-PSS value of OpenSSL", self.ask_ksz(&case, &document, 0)?);
        let changed = document.replacen("Hello", "Hallo", 1);
        report.check("ksz refuses it over a changed document", self.ask_ksz(&case, &changed, 3)?);
        let as_pkcs1 = document.replace(RSA_PSS, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
        report.check("ksz refuses it under the name of PKCS#1", self.ask_ksz(&case, &as_pkcs1, 3)?);
        Ok(())
    }
}

/// What stands between the tags of the only element of this name, which has no attributes.
fn between<'d>(document: &'d str, name: &str) -> &'d str {
    let behind = document.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
    behind.split_once(&format!("</{name}>")).map_or("", |(content, _)| content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_the_form_of_its_case() {
        for case in Case::all() {
            let template = case.template();
            let references = case.form.references().0.len();
            assert_eq!(template.matches("<Reference ").count(), references, "{case:?}");
            assert_eq!(template.starts_with("<Signature"), case.form == Form::Enveloping, "{case:?}");
            assert_eq!(template.matches("<Signature ").count(), 1, "{case:?}");
        }
    }

    #[test]
    fn an_element_is_found_by_its_tags() {
        assert_eq!(between("<a><b>1</b></a>", "b"), "1");
        assert_eq!(between("<a></a>", "b"), "");
    }
}
