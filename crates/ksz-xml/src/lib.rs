//! Reading XML that an adversary may have written, and writing XML in canonical form.
//!
//! Every crate of the house that reads XML reads it here, so that two of them can never disagree on what a
//! document says. A linear scan checks well-formedness and [`Limits`] before any tree is built; the tree is
//! then read by fixed paths, never searched.
//!
//! ```
//! use ksz_xml::{Document, Limits};
//!
//! let document = Document::parse(b"<a xmlns='urn:x'><b>text</b></a>", &Limits::default())?;
//! let b = document.root().only_child("urn:x", "b")?;
//! assert_eq!(b.only_text()?, "text");
//! # Ok::<(), ksz_xml::Error>(())
//! ```
//!
//! # What it refuses
//!
//! Anything but namespace-well-formed XML 1.0 in UTF-8 (a byte order mark is allowed); document type
//! declarations and other declared encodings; processing instructions in messages (SOAP 1.1 section 3);
//! relative namespace names (Canonical XML 1.0 section 1.3); and whatever exceeds [`Limits`].

mod document;
mod element;
mod encoding;
mod error;
mod escape;
mod event;
mod limits;
mod name;
mod position;
mod scan;
mod standalone;

pub use document::Document;
pub use element::{Attribute, Element};
pub use encoding::to_utf8;
pub use error::Error;
pub use escape::{escape_attribute, escape_text};
pub use event::{Event, Events};
pub use limits::Limits;
pub use name::is_ncname;
