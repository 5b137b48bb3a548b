//! MTOM packages: an envelope and its attachments as one `multipart/related` message (*SOAP 1.1 Binding for MTOM 1.0*,
//! *XML-binary Optimized Packaging* (XOP), RFC 2387, RFC 2392).
//!
//! An attachment stands in the envelope as `xop:Include`, which names it, and means its base64 (XOP section 3.2).
//! Neither that base64 nor an attachment is ever whole in memory: attachments are read from a [`PartSource`] and
//! received into a [`Store`].
//!
//! ```
//! use ksz_soap::mtom::{Attachment, ContentId, MemoryStore, MtomLimits, Package, PackageReader, UnreferencedParts};
//!
//! let id = ContentId::new("scan-1@ksz")?;
//! let envelope = ksz_soap::write_envelope(&format!("<a xmlns='urn:a'>{}</a>", id.to_include()));
//! let scan = Attachment::new(id, "application/pdf", b"%PDF-1.7".to_vec())?;
//! let package = Package::new(envelope, vec![scan], "4d2f2572")?;
//! let mut octets = Vec::new();
//! package.write_to(&mut octets).unwrap();
//! assert_eq!(octets.len() as u64, package.content_length());
//!
//! let limits = MtomLimits::default();
//! let mut reader = PackageReader::new(&package.content_type(), &limits, MemoryStore::new(&limits))?;
//! reader.push(&octets)?;
//! let unpacked = reader.finish()?.unpack(&Default::default(), UnreferencedParts::Refused)?;
//! assert_eq!(unpacked.attachments[0].source(), b"%PDF-1.7");
//! # Ok::<(), ksz_soap::Error>(())
//! ```
//!
//! # What is signed
//!
//! A signature covers the envelope with the base64 in its place, never `xop:Include` (XOP section 6.1): sign and verify
//! packages with the functions for packages of `ksz_wss`.
//!
//! # What it refuses
//!
//! Packages beyond [`MtomLimits`], without their closing boundary, with a `Content-ID` twice, or in a transfer encoding;
//! an `xop:Include` that is not the only child of its element, that holds anything, that names the root, a part that
//! is absent or already included, or anything but `cid:`.

mod attachment;
mod content_id;
mod content_type;
mod include;
mod limits;
mod package;
mod parser;
mod part_headers;
mod part_source;
mod reader;
mod store;

pub use attachment::Attachment;
pub use content_id::ContentId;
pub use include::{Include, holds_include, includes};
pub use limits::MtomLimits;
pub use package::{Chunks, Package};
pub use parser::{PackageEvent, PackageParser};
pub use part_headers::PartHeaders;
pub use part_source::{PartReader, PartSource};
pub use reader::{PackageReader, ReceivedPackage, ReceivedPart, Unpacked, UnreferencedParts};
pub use store::{MemoryStore, Store};
