use crate::{Error, Token};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as ModuleError, RvError};
use std::fmt;
use std::path::Path;

/// A PKCS#11 module: the library of a token's maker.
///
/// It stays initialized until the process ends, because others in the process may use it too.
#[derive(Clone)]
pub struct Module(Pkcs11);

impl Module {
    /// Loads a library into this process and initializes it for several threads.
    ///
    /// # Errors
    ///
    /// [`Error::ModuleNotLoaded`], [`Error::NotPkcs11`], [`Error::ModuleFailed`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let context = Pkcs11::new(path)?;
        match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(ModuleError::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(Self(context)),
            Err(error) => Err(error.into()),
        }
    }

    /// The tokens in the slots.
    ///
    /// # Errors
    ///
    /// [`Error::ModuleFailed`].
    pub fn tokens(&self) -> Result<Vec<Token>, Error> {
        let slots = self.0.get_slots_with_initialized_token()?;
        slots.into_iter().map(|slot| Token::in_slot(self.0.clone(), slot)).collect()
    }

    /// The token of this label.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchToken`], [`Error::SeveralTokens`], [`Error::ModuleFailed`].
    pub fn token(&self, label: &str) -> Result<Token, Error> {
        let tokens = self.tokens()?;
        let labels = labels(&tokens);
        let mut called: Vec<_> = tokens.into_iter().filter(|token| token.label() == label).collect();
        match (called.pop(), called.len()) {
            (Some(token), 0) => Ok(token),
            (Some(_), _) => Err(Error::SeveralTokens { labels }),
            (None, _) => Err(Error::NoSuchToken { label: label.to_owned(), labels }),
        }
    }

    /// The token, if there is one alone.
    ///
    /// # Errors
    ///
    /// [`Error::NoToken`], [`Error::SeveralTokens`], [`Error::ModuleFailed`].
    pub fn only_token(&self) -> Result<Token, Error> {
        let mut tokens = self.tokens()?;
        match (tokens.pop(), tokens.len()) {
            (Some(token), 0) => Ok(token),
            (Some(token), _) => {
                tokens.push(token);
                Err(Error::SeveralTokens { labels: labels(&tokens) })
            }
            (None, _) => Err(Error::NoToken),
        }
    }
}

fn labels(tokens: &[Token]) -> Vec<String> {
    tokens.iter().map(|token| token.label().to_owned()).collect()
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Module(…)")
    }
}
