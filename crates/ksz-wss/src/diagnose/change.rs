use super::cause::Cause;

/// What was done to a part between signer and receiver.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Change {
    Indentation,
    LineEnds,
    PrefixList,
    Namespace { prefix: String },
    Prefix { from: String, to: String },
    Method(&'static str),
    ByteOrderMark,
    ValueSpace,
    Encoding,
    Comments,
    Identifier,
    Content,
}

impl Change {
    /// A prefix that was another.
    pub(super) fn prefix(from: &str, to: &str) -> Self {
        Self::Prefix { from: from.to_owned(), to: to.to_owned() }
    }

    /// The cause of a change that was made to several parts.
    pub(super) fn cause(&self, parts: Vec<&'static str>) -> Cause {
        match self.clone() {
            Self::Indentation => Cause::Reindented { parts },
            Self::LineEnds => Cause::CarriageReturns { parts },
            Self::PrefixList => Cause::PrefixListIgnored { parts },
            Self::Namespace { prefix } => Cause::NamespaceMoved { parts, prefix },
            Self::Prefix { from, to } => Cause::PrefixRenamed { parts, from, to },
            Self::Method(method) => Cause::OtherCanonicalization { parts, method },
            Self::ByteOrderMark => Cause::ByteOrderMark { parts },
            Self::ValueSpace => Cause::WhiteSpaceInValue { parts },
            Self::Encoding => Cause::EncodingConfused { parts },
            Self::Comments => Cause::CommentsSigned { parts },
            Self::Identifier => Cause::IdAddedAfterDigest { parts },
            Self::Content => Cause::ContentDigested { parts },
        }
    }

    /// Whether it is the work of whoever wrote the part anew, and not of whoever digested it.
    pub(super) const fn is_rewriting(&self) -> bool {
        matches!(
            self,
            Self::Indentation
                | Self::LineEnds
                | Self::Namespace { .. }
                | Self::Prefix { .. }
                | Self::ByteOrderMark
                | Self::ValueSpace
                | Self::Encoding
        )
    }

    /// What changed, in a few words.
    pub(super) const fn told(&self) -> &'static str {
        match self {
            Self::Indentation => "white space between elements",
            Self::LineEnds => "carriage returns",
            Self::PrefixList => "the PrefixList",
            Self::Namespace { .. } => "a namespace declaration",
            Self::Prefix { .. } => "a prefix",
            Self::Method(method) => method,
            Self::ByteOrderMark => "a byte order mark",
            Self::ValueSpace => "white space in a value",
            Self::Encoding => "the encoding",
            Self::Comments => "comments",
            Self::Identifier => "the identifier",
            Self::Content => "the element's own tags",
        }
    }
}
