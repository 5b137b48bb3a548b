//! Writes an unsigned message with an attachment into a folder, and reads the one that came back: for `cargo xtask interop`,
//! where a service of gSOAP receives the first and sends the second.

use ksz::soap::mtom::{
    Attachment, ContentId, MemoryStore, MtomLimits, Package, PackageReader, PartReader, UnreferencedParts,
};
use ksz::soap::write_envelope;
use ksz::xml::Limits;
use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

const USAGE: &str = "usage: mtom_package write|read FOLDER";
/// The namespace of the service's operation.
const OPERATION: &str = "http://kszbcss.fgov.be/intf/TestConnectionServiceService/v1";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", folder] => write(Path::new(folder)),
        ["read", folder] => read(Path::new(folder)),
        _ => Err(USAGE.into()),
    }
}

/// Every octet, what looks like the line of a boundary, and a length that leaves padding.
fn scan() -> Vec<u8> {
    (0..=u8::MAX).cycle().take(200_000).chain(*b"\r\n--ksz-\r\n--==peer/+=\r\n").collect()
}

fn write(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let id = ContentId::new("scan-1@ksz")?;
    let body = format!(
        "<v1:uploadRequest xmlns:v1=\"{OPERATION}\"><data>{}</data></v1:uploadRequest>",
        id.to_include()
    );
    let attachment = Attachment::new(id, "application/pdf", scan())?;
    let package = Package::new(write_envelope(&body), vec![attachment], "1")?;
    fs::write(folder.join("request.type"), package.content_type())?;
    package.write_to(&mut File::create(folder.join("request.bin"))?)?;
    Ok(())
}

fn read(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let content_type = fs::read_to_string(folder.join("answer.type"))?;
    let limits = MtomLimits::default();
    let mut reader = PackageReader::new(&content_type, &limits, MemoryStore::new(&limits))?;
    reader.push(&fs::read(folder.join("answer.bin"))?)?;
    let package = reader.finish()?.unpack(&Limits::default(), UnreferencedParts::Refused)?;
    let mut octets = Vec::new();
    if let [part] = package.attachments.as_slice() {
        PartReader::new(part.source()).read_to_end(&mut octets)?;
    }
    let envelope = String::from_utf8(package.envelope)?;
    let size = format!("<size>{}</size>", scan().len());
    if octets == scan() && envelope.contains(&size) {
        println!("the attachment came back");
        Ok(())
    } else {
        Err(format!("{} octets came back in {envelope}", octets.len()).into())
    }
}
