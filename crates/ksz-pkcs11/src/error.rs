use cryptoki::error::RvError;
use ksz_error::{Class, Kind};

/// Why a token could not be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not there, or not a library of this system.
    #[error("the module cannot be loaded: {detail}")]
    ModuleNotLoaded {
        /// What the system says.
        detail: String,
    },

    /// The library has not the functions of a PKCS#11 module.
    #[error("the library is no PKCS#11 module")]
    NotPkcs11,

    /// No slot holds a token.
    #[error("there is no token in any slot")]
    NoToken,

    /// No slot holds a token of this label.
    #[error("there is no token {label:?}; there are {}", labels.join(", "))]
    NoSuchToken {
        /// The label that was asked for.
        label: String,
        /// The labels of the tokens that are there.
        labels: Vec<String>,
    },

    /// Several tokens could be meant.
    #[error("several tokens could be meant, choose one by its label: {}", labels.join(", "))]
    SeveralTokens {
        /// Their labels.
        labels: Vec<String>,
    },

    /// The token was taken out.
    #[error("the token was taken out")]
    TokenRemoved,

    /// The token wants a PIN, and none was given.
    #[error("the token wants its PIN, and none was given")]
    PinNotGiven,

    /// The PIN is wrong. It was tried once.
    #[error("wrong PIN{}", if *.last_try { ", and one try is left" } else { "" })]
    WrongPin {
        /// Whether another wrong PIN locks the token, as far as it tells.
        last_try: bool,
    },

    /// Too many wrong PINs were tried.
    #[error("the PIN is locked")]
    PinLocked,

    /// The token has no PIN yet, or the old one must be changed first.
    #[error("the PIN must be set first")]
    PinNotSet,

    /// The token holds no such private key.
    #[error("the token has no private key {key}")]
    NoSuchKey {
        /// The key that was asked for.
        key: String,
    },

    /// Several private keys could be meant.
    #[error("{found} private keys of the token are {key}")]
    SeveralKeys {
        /// The key that was asked for.
        key: String,
        /// How many there are.
        found: usize,
    },

    /// The key is for something else than signing.
    #[error("the private key {key} may not sign")]
    KeyMayNotSign {
        /// The key that was asked for.
        key: String,
    },

    /// The token wants the PIN for each signature with this key, as for those that replace a hand.
    #[error("the token wants its PIN for each signature with the private key {key}, which is not done")]
    PinForEachSignature {
        /// The key that was asked for.
        key: String,
    },

    /// The key or its certificate was refused.
    #[error(transparent)]
    Pki(#[from] ksz_pki::Error),

    /// The module failed in another way.
    #[error("{function} failed: {code}")]
    ModuleFailed {
        /// The function of the module.
        function: String,
        /// What it returned.
        code: String,
    },
}

impl Error {
    /// Whether the session in which it occurred may be of no further use. A key that is not there says nothing about it.
    pub(crate) const fn ends_session(&self) -> bool {
        matches!(self, Self::ModuleFailed { .. } | Self::TokenRemoved)
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Pki(error) => error.kind(),
            Self::TokenRemoved | Self::ModuleFailed { .. } => Kind::Transport,
            Self::PinForEachSignature { .. } => Kind::Unsupported,
            _ => Kind::Misuse,
        }
    }

    /// The family of rules that was broken.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Pki(error) => error.class(),
            _ => Class::Key,
        }
    }
}

impl From<cryptoki::error::Error> for Error {
    fn from(error: cryptoki::error::Error) -> Self {
        use cryptoki::error::Error as Module;
        match error {
            Module::LibraryLoading(error) => {
                Self::ModuleNotLoaded { detail: in_one_line(&error.to_string()) }
            }
            Module::MissingSymbol(_) | Module::NullFunctionPointer => Self::NotPkcs11,
            Module::Pkcs11(code, function) => match code {
                RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => {
                    Self::WrongPin { last_try: false }
                }
                RvError::PinLocked => Self::PinLocked,
                RvError::PinExpired | RvError::UserPinNotInitialized => Self::PinNotSet,
                RvError::DeviceRemoved | RvError::TokenNotPresent | RvError::SlotIdInvalid => {
                    Self::TokenRemoved
                }
                _ => Self::ModuleFailed { function: format!("C_{function:?}"), code: format!("{code:?}") },
            },
            other => {
                Self::ModuleFailed { function: "the module".into(), code: in_one_line(&other.to_string()) }
            }
        }
    }
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use cryptoki::context::Function;

    #[test]
    fn a_session_ends_with_the_module_or_the_token_alone() {
        assert!(Error::TokenRemoved.ends_session());
        assert!(!Error::PinLocked.ends_session());
    }

    /// What a token that can be tried in tests does not do.
    #[test]
    fn what_a_card_says_has_its_own_name() {
        let of = |code| Error::from(cryptoki::error::Error::Pkcs11(code, Function::Login));

        assert_eq!(of(RvError::PinLocked), Error::PinLocked);
        assert_eq!(of(RvError::UserPinNotInitialized), Error::PinNotSet);
        assert_eq!(of(RvError::DeviceRemoved), Error::TokenRemoved);
        let other = of(RvError::DeviceError);
        assert_eq!(other, Error::ModuleFailed { function: "C_Login".into(), code: "DeviceError".into() });
        assert_eq!((other.kind(), other.class()), (Kind::Transport, Class::Key));
        assert_eq!(Error::WrongPin { last_try: true }.to_string(), "wrong PIN, and one try is left");
    }
}
