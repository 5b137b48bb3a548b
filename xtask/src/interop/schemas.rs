//! The schemas of KSZ and of the eHealth platform, by `xmllint`: every message that is written and has a public schema is
//! valid, and a message that is broken in one place is not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Judge, Report};
use crate::error::Error;
use crate::process;

pub(super) const JUDGE: Judge = Judge { name: "schemas", needs: &[("xmllint", "libxml2-utils")], run };

/// A schema, the messages that it judges, and what breaks one of them.
struct Schema {
    /// The folder of its messages.
    name: &'static str,
    source: Source,
    /// A part that one message holds at least, and what takes its place.
    broken: &'static [(&'static str, &'static str)],
}

/// Where a schema stands in the reference material.
enum Source {
    File(&'static str),
    /// The one in a WSDL.
    Wsdl(&'static str),
    /// Elements for the types of CommonV3, which has types alone: services put them into elements of their own.
    Common,
}

const SCHEMAS: [Schema; 9] = [
    Schema {
        name: "test-connection",
        source: Source::Wsdl("ksz/testconnection/TestConnectionService.wsdl"),
        broken: &[("echo>", "v1:echo>"), ("<ticketCBSS>1", "<ticketCBSS>")],
    },
    Schema {
        name: "common",
        source: Source::Common,
        broken: &[(">0406798006<", ">406798006<"), (">NO_RESULT<", ">INCOMPLETE_DATA<")],
    },
    Schema {
        name: "cbss-fault",
        source: Source::Wsdl("ksz/be-fgov/intf/RetrieveTIGroupsService/RetrieveTIGroupsV2.wsdl"),
        broken: &[(">FATAL<", ">GRAVE<"), ("reasonCode>", "fault:reasonCode>")],
    },
    Schema {
        name: "ssdn",
        source: Source::File("ksz/ssdn/Service/NamespaceRoot.xsd"),
        broken: &[(">20050930<", ">2005<"), (" ok=\"YES\"", "")],
    },
    Schema {
        name: "ssdn-connector",
        source: Source::Wsdl("ksz/ssdn/WebServiceConnector.wsdl"),
        broken: &[("xmlString", "xmlText"), ("WebServiceConnector", "WebServiceConnector/")],
    },
    Schema {
        name: "ehealth-errors",
        source: Source::File("ehealth/ehealth-errors/XSD/ehealth-errors-schema-soa-1_1.xsd"),
        broken: &[("Acceptation", "Acceptance"), ("Origin>", "urn:Origin>")],
    },
    Schema {
        name: "ehealth-errors",
        source: Source::File("ehealth/common/ehealth-errors-schema-soa-1_0.xsd"),
        broken: &[("urn:Environment>", "Environment>"), ("Code>", "Kode>")],
    },
    // The standard's schema, not the one that the platform changed.
    Schema {
        name: "ws-trust",
        source: Source::File("oasis/ws-trust-1.3/ws-trust-1.3.xsd"),
        broken: &[
            (" Uri=", " Url="),
            ("wsu:Expires>", "wst:Expires>"),
            ("<wsse:Embedded ", "<wsse:Embedded wst:x=\"\" Id=\"1\" "),
            ("http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing"),
            ("<wst:Challenge>", "<wst:Challenge><wst:Challenge/>"),
            ("<wst:RequestedSecurityToken>", "<wst:RequestedSecurityToken/><wst:RequestedSecurityToken>"),
            (" Dialect=", " dialect="),
        ],
    },
    Schema {
        name: "saml",
        source: Source::File("oasis/saml-1.1/oasis-sstc-saml-schema-assertion-1.1.xsd"),
        broken: &[
            ("AttributeNamespace=", "AttributeNameSpace="),
            ("NotOnOrAfter=\"2", "NotOnOrAfter=\""),
            ("<Subject>", "<Subject><Subject/>"),
        ],
    },
];

fn run(_: &Path, folder: &Path, report: &mut Report) -> Result<(), Error> {
    let reference = process::shared().join("reference");
    if !reference.exists() {
        report.skip(&format!("{} is not there", reference.display()));
        return Ok(());
    }
    let reference = fs::canonicalize(&reference).map_err(Error::io(reference.display().to_string()))?;
    let example =
        ["run", "--quiet", "--package", "ksz-tests", "--example", "soap_messages", "--locked", "--"];
    process::run(process::cargo(example).arg(folder))?;
    for schema in &SCHEMAS {
        schema.judge(&reference, folder, report)?;
    }
    Ok(())
}

impl Schema {
    fn judge(&self, reference: &Path, folder: &Path, report: &mut Report) -> Result<(), Error> {
        let (title, schema) = self.source.file(reference, &folder.join(format!("{}.xsd", self.name)))?;
        let messages = messages(&folder.join(self.name))?;
        let mut outcome = Ok(());
        for message in &messages {
            outcome = outcome.and(
                validate(&schema, folder, message)?.map_err(|complaint| format!("{message}\n{complaint}")),
            );
        }
        report.check(&format!("{} messages are valid by {title}", messages.len()), outcome);
        for &(part, instead) in self.broken {
            let outcome = match messages.iter().find(|message| message.contains(part)) {
                None => Err(format!("no message holds {part}")),
                Some(message) => match validate(&schema, folder, &message.replace(part, instead))? {
                    Ok(()) => Err("it is accepted".into()),
                    Err(_) => Ok(()),
                },
            };
            report.check(&format!("{title} refuses {instead:?} for {part:?}"), outcome);
        }
        Ok(())
    }
}

impl Source {
    /// What the schema is called, and a file that holds it: its own, or the one that is written for it.
    fn file(&self, reference: &Path, written: &Path) -> Result<(&'static str, PathBuf), Error> {
        let read = |path: &str| fs::read_to_string(reference.join(path)).map_err(Error::io(path));
        let (title, text) = match *self {
            Self::File(path) => return Ok((path, reference.join(path))),
            Self::Wsdl(path) => {
                let folder = reference.join(path);
                let folder = folder.parent().unwrap_or(reference).display().to_string();
                (path, embedded(&read(path)?, &folder).ok_or_else(|| unreadable(path))?)
            }
            Self::Common => {
                let path = "ksz/be-fgov/types/common/CommonV3.xsd";
                (path, elements_of(&reference.join(path)))
            }
        };
        fs::write(written, text).map_err(Error::io(written.display().to_string()))?;
        Ok((title, written.to_owned()))
    }
}

/// The schema in a WSDL, as a document of its own. What it imports lies beside the WSDL.
fn embedded(wsdl: &str, folder: &str) -> Option<String> {
    let from = wsdl.find("<xsd:schema")?;
    let to = from + wsdl[from..].find("</xsd:schema>")? + "</xsd:schema>".len();
    let schema = wsdl[from..to].replace("schemaLocation=\"", &format!("schemaLocation=\"{folder}/"));
    let tag = &schema[..schema.find('>')?];
    if tag.contains("xmlns:xsd=") {
        return Some(schema);
    }
    let declared = "<xsd:schema xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"";
    Some(schema.replacen("<xsd:schema", declared, 1))
}

fn elements_of(common: &Path) -> String {
    let elements: String = [
        ("informationCustomer", "InformationCustomerType"),
        ("informationCBSS", "InformationCBSSType"),
        ("legalContext", "LegalContextType"),
        ("status", "StatusType"),
    ]
    .map(|(name, kind)| format!("<xsd:element name=\"{name}\" type=\"common:{kind}\"/>"))
    .concat();
    let namespace = "http://kszbcss.fgov.be/types/common/v3";
    format!(
        "<xsd:schema xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:common=\"{namespace}\">\
         <xsd:import namespace=\"{namespace}\" schemaLocation=\"{}\"/>{elements}</xsd:schema>",
        common.display()
    )
}

fn unreadable(path: &str) -> Error {
    Error::Unreadable { what: path.into(), detail: "no xsd:schema in it".into() }
}

/// The messages in a folder; at least one must be there.
fn messages(folder: &Path) -> Result<Vec<String>, Error> {
    let what = || folder.display().to_string();
    let mut files: Vec<_> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(Error::io(what()))?;
    files.sort();
    let messages: Vec<_> =
        files.iter().map(fs::read_to_string).collect::<Result<_, _>>().map_err(Error::io(what()))?;
    if messages.is_empty() {
        return Err(Error::Unreadable { what: what(), detail: "no message in it".into() });
    }
    Ok(messages)
}

/// The status with which `xmllint` says that a document is well-formed and not valid.
const NOT_VALID: i32 = 3;

/// Whether the schema accepts a message; if not, why. A schema that cannot be read judges nothing.
fn validate(schema: &Path, folder: &Path, message: &str) -> Result<Result<(), String>, Error> {
    let file = folder.join("judged.xml");
    fs::write(&file, message).map_err(Error::io(file.display().to_string()))?;
    let mut xmllint = Command::new("xmllint");
    let output = process::output(xmllint.args(["--noout", "--nonet", "--schema"]).arg(schema).arg(&file))?;
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) => Ok(Ok(())),
        Some(NOT_VALID) => Ok(Err(complaint)),
        _ => Err(Error::Unreadable { what: schema.display().to_string(), detail: complaint }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_in_a_wsdl_is_a_document_of_its_own() {
        let inner = "<xsd:schema a=\"1\"><xsd:import schemaLocation=\"x.xsd\"/></xsd:schema>";
        let wsdl = format!("<d xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">{inner}</d>");
        let expected = "<xsd:schema xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" a=\"1\">\
                        <xsd:import schemaLocation=\"/y/x.xsd\"/></xsd:schema>";

        assert_eq!(embedded(&wsdl, "/y").as_deref(), Some(expected));
        assert_eq!(embedded(expected, "/z").map(|text| text.matches("xmlns:xsd").count()), Some(1));
        assert_eq!(embedded("<d/>", "/y"), None);
        assert_eq!(embedded("<d><xsd:schema>", "/y"), None);
    }
}
