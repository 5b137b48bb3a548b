//! Messages that came as MTOM packages.

use super::report::Accepted;
use super::{Failure, Refused, Verifier, confirm};
use crate::error::Error;
use crate::input::{FileName, Inputs};
use ksz::soap::mtom::{MtomLimits, PackageReader, ReceivedPackage};
use ksz::transport::{Spool, SpooledPart};
use ksz::wss::{self, Policy, Replay, verify_holder_of_key_package, verify_x509_package};
use ksz::xml::{Document, Element};
use std::io::{self, Read};
use std::time::SystemTime;

/// Whether a media type is one of several parts, of which packages are one.
pub(super) fn has_parts(content_type: &str) -> bool {
    content_type.trim_start().get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"))
}

/// A reader of packages with this media type.
pub(super) fn reader(content_type: &str) -> Result<PackageReader<Spool>, Failure> {
    let limits = MtomLimits::default();
    PackageReader::new(content_type, &limits, Spool::new(&limits)).map_err(|error| match error {
        ksz::soap::Error::NotPackage { .. } => {
            Error::ContentTypeNotSupported { content_type: content_type.into() }.into()
        }
        other => refused(other),
    })
}

/// Reads a package piece by piece; attachments beyond a limit go to temporary files.
pub(super) fn read(
    mut reader: PackageReader<Spool>,
    file: &FileName,
    inputs: &Inputs,
) -> Result<ReceivedPackage<SpooledPart>, Failure> {
    let mut octets = inputs.open(file)?;
    let mut piece = vec![0; 64 * 1024];
    loop {
        match octets.read(&mut piece) {
            Ok(0) => return reader.finish().map_err(refused),
            Ok(count) => reader.push(&piece[..count]).map_err(refused)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::Unreadable { file: file.clone(), why: error.kind() }.into()),
        }
    }
}

fn refused(error: ksz::soap::Error) -> Failure {
    Refused(wss::Error::from(error)).into()
}

impl Verifier<'_> {
    /// Verifies a package.
    pub(super) fn verify_package(
        &self,
        package: ReceivedPackage<SpooledPart>,
        replay: Replay<'_>,
        now: SystemTime,
    ) -> Result<Accepted, Failure> {
        let policy = Policy::default();
        let accepted = match self {
            Self::X509 { signers, policy } => {
                let verified = verify_x509_package(package, signers, policy, replay, now).map_err(Refused)?;
                Accepted::from_certificate(verified.message())
                    .and_then(|said| said.with_attachments(&verified))
            }
            Self::SamlHok { assertions, holders } => {
                let confirm = |document: &Document<'_>, element: Element<'_>| {
                    confirm(document, element, assertions, holders.as_ref(), now)
                };
                let verified =
                    verify_holder_of_key_package(package, &policy, replay, now, confirm).map_err(Refused)?;
                Accepted::from_holder(verified.message()).and_then(|said| said.with_attachments(&verified))
            }
            Self::Rstr { .. } => {
                return Err(Error::FlagNotForProfile {
                    flag: "--content-type of a package",
                    profile: "rstr",
                }
                .into());
            }
        };
        Ok(accepted.map_err(Refused)?)
    }
}
