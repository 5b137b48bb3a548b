/// Whose fault a failure is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Our caller asked for something that cannot be: a wrong argument, a file that is no key.
    Misuse,
    /// The other side, or whoever made the message, broke a rule.
    Peer,
    /// The other side understood and said no: a SOAP fault, an OAuth error, a Belgif problem.
    Refused,
    /// Nothing was said: no connection, no TLS, no answer.
    Transport,
    /// The rules know what was asked for, and this version does not do it.
    Unsupported,
}
