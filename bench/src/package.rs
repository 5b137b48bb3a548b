//! Signed messages with a large attachment, in files: as memory they would be what is measured.

use crate::clock::Run;
use crate::envelope::octets;
use crate::error::Error;
use crate::fixture::{Folder, ids, options};
use ksz_pki::{Backend, DigestAlgorithm, Hasher, TrustStore};
use ksz_soap::mtom::{Attachment, ContentId, MtomLimits, Package, PackageReader};
use ksz_soap::write_envelope;
use ksz_transport::{FileSource, Spool};
use ksz_wss::{Policy, Replay, sign_x509_package, verify_x509_package};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::time::SystemTime;

/// How many octets are read from a file or hashed at once.
const PIECE: usize = 64 * 1024;

impl Folder {
    /// Writes an attachment of this size, and the signed package that holds it.
    pub(crate) fn prepare_package(&self, size: &str, now: SystemTime) -> Result<(), Error> {
        let length = octets(size).ok_or_else(|| Error::Usage(format!("{size}: is no size")))?;
        let attachment = self.path(&format!("attachment_{size}.bin"));
        let mut file = BufWriter::new(File::create(&attachment).map_err(Error::io("an attachment"))?);
        let mut state = 7_u64;
        for _ in 0..length.div_ceil(8) {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            file.write_all(&state.to_le_bytes()).map_err(Error::io("an attachment"))?;
        }
        file.flush().map_err(Error::io("an attachment"))?;
        let package = self.signed_package(size, now)?;
        self.write(&format!("package_{size}.type"), &package.content_type())?;
        let file = File::create(self.path(&format!("package_{size}.bin"))).map_err(Error::io("a package"))?;
        package.write_to(&mut &file).map_err(Error::io("a package"))
    }

    fn signed_package(&self, size: &str, now: SystemTime) -> Result<Package, Error> {
        let id = ContentId::new("scan-1@ksz").map_err(Error::refused("an identifier"))?;
        let source = FileSource::open(&self.path(&format!("attachment_{size}.bin")));
        let source = source.map_err(Error::io("an attachment"))?;
        let payload = format!(
            "<up:upload xmlns:up=\"urn:example:upload\"><data>{}</data></up:upload>",
            id.to_include()
        );
        let attachment =
            Attachment::new(id, "application/pdf", source).map_err(Error::refused("an attachment"))?;
        let package = Package::new(write_envelope(&payload), vec![attachment], "1")
            .map_err(Error::refused("a package"))?;
        sign_x509_package(package, &self.identity("rsa")?, &ids()?, now, &options())
            .map_err(Error::refused("sign"))
    }
}

/// Sign a package, whose attachment is read, digested as base64, read again and written to nowhere.
pub(crate) fn sign(folder: Folder, size: &str) -> Result<Run, Error> {
    let size = size.to_owned();
    let now = SystemTime::now();
    let length = octets(&size).unwrap_or_default();
    Ok(Box::new(move || {
        let package = folder.signed_package(&size, now)?;
        package.write_to(&mut io::sink()).map_err(Error::io("a package"))?;
        Ok(length)
    }))
}

/// Read a package from a file, spool its attachment into another, digest it as base64, verify the signature.
pub(crate) fn verify(folder: Folder, size: &str) -> Result<Run, Error> {
    let trust = TrustStore::new(vec![folder.certificate("rsa")?], Backend::default());
    let content_type = folder.read(&format!("package_{size}.type"))?;
    let path = folder.path(&format!("package_{size}.bin"));
    let mut head = vec![0; PIECE];
    let opened = || File::open(&path).map_err(Error::io("a package"));
    let count = opened()?.read(&mut head).map_err(Error::io("a package"))?;
    let now = crate::fixture::instant(&String::from_utf8_lossy(&head[..count]), "Created>")?;
    let (length, path) = (octets(size).unwrap_or_default(), path.clone());
    Ok(Box::new(move || {
        let limits = MtomLimits::default();
        let spool = Spool::in_folder(folder.path(""), &limits);
        let mut reader =
            PackageReader::new(&content_type, &limits, spool).map_err(Error::refused("a package"))?;
        let mut file = File::open(&path).map_err(Error::io("a package"))?;
        let mut piece = vec![0; PIECE];
        loop {
            match file.read(&mut piece).map_err(Error::io("a package"))? {
                0 => break,
                count => reader.push(&piece[..count]).map_err(Error::refused("a package"))?,
            }
        }
        let package = reader.finish().map_err(Error::refused("a package"))?;
        verify_x509_package(package, &trust, &Policy::default(), Replay::NotChecked, now)
            .map(|_| length)
            .map_err(Error::refused("verify"))
    }))
}

/// SHA-256 over as many octets, in pieces that are in memory already.
pub(crate) fn raw_sha256(size: &str) -> Run {
    let (length, piece) = (octets(size).unwrap_or_default(), vec![0x5a; PIECE]);
    Box::new(move || {
        let mut hash = Hasher::new(DigestAlgorithm::Sha256);
        for _ in 0..length / PIECE {
            hash.update(&piece);
        }
        std::hint::black_box(hash.finish());
        Ok(length)
    })
}
