//! Reading XML that an adversary may have written, and writing XML in canonical form.
//!
//! Every crate of the house that reads XML reads it here, so that two of them can never disagree on what a
//! document says. A [`Document`] is a tree, read by fixed paths and never searched; a [`Reader`] goes over a document of
//! any length without one; [`scan`] only checks. All three are made of the same tokens, and count them against
//! [`Limits`] before they do anything else with them.
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

mod block;
mod character;
mod document;
mod element;
mod encoding;
mod error;
mod escape;
mod leading;
mod lexer;
mod limits;
mod name;
mod position;
mod raw;
mod reader;
mod scan;
mod scope;
mod standalone;
mod tree;

pub use document::Document;
pub use element::{Attribute, Element};
pub use encoding::to_utf8;
pub use error::Error;
pub use escape::{escape_attribute, escape_text};
pub use limits::Limits;
pub use name::{Name, is_ncname};
pub use raw::{RawText, RawValue};
pub use reader::{CanonicalCopy, Markup, RawAttribute, Reader};
pub use scan::scan;
pub use scope::Binding;
