use crate::Error;
use crate::key::{self, KeyName};
use crate::pool::Pool;
use cryptoki::context::Pkcs11;
use cryptoki::error::{Error as ModuleError, RvError};
use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;
use ksz_pki::{Backend, Certificate, Identity, Password, SigningKey};
use std::fmt;
use std::sync::Arc;

/// The most certificates that are read of a token.
const MOST_CERTIFICATES: usize = 64;

/// A token in a slot: a card, or a part of a hardware security module.
#[derive(Clone)]
pub struct Token {
    context: Pkcs11,
    slot: Slot,
    info: TokenInfo,
}

/// For which token a PIN is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PinRequest {
    /// The label of the token.
    pub label: String,
    /// Whether the token tells that a wrong PIN will lock it.
    pub last_try: bool,
}

impl Token {
    pub(crate) fn in_slot(context: Pkcs11, slot: Slot) -> Result<Self, Error> {
        let info = context.get_token_info(slot)?;
        Ok(Self { context, slot, info })
    }

    /// The label that it was given.
    #[must_use]
    pub fn label(&self) -> &str {
        self.info.label()
    }

    /// The serial number that its maker gave it.
    #[must_use]
    pub fn serial_number(&self) -> &str {
        self.info.serial_number()
    }

    /// Logs in. The PIN is asked once, tried once, and wiped; a token that does not want one, or that has its
    /// own keys for typing it, asks none.
    ///
    /// It stays logged in until the last key that comes from it is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::PinNotGiven`] if there is no PIN; [`Error::WrongPin`], [`Error::PinLocked`],
    /// [`Error::PinNotSet`]; [`Error::TokenRemoved`], [`Error::ModuleFailed`].
    pub fn open(&self, pin: impl FnOnce(&PinRequest) -> Option<Password>) -> Result<OpenToken, Error> {
        let session = self.context.open_ro_session(self.slot)?;
        if self.info.login_required() {
            self.log_in(&session, pin)?;
        }
        let most = match self.info.max_session_count() {
            cryptoki::slot::Limit::Max(most) => usize::try_from(most).ok(),
            _ => None,
        };
        Ok(OpenToken { pool: Arc::new(Pool::new(self.context.clone(), self.slot, session, most)) })
    }

    fn log_in(
        &self,
        session: &Session,
        pin: impl FnOnce(&PinRequest) -> Option<Password>,
    ) -> Result<(), Error> {
        // What the token says of its PIN may have changed since it was found.
        let info = self.context.get_token_info(self.slot)?;
        if info.user_pin_locked() {
            return Err(Error::PinLocked);
        }
        let typed_there = info.protected_authentication_path();
        let pin = if typed_there {
            None
        } else {
            let request = PinRequest { label: self.label().to_owned(), last_try: info.user_pin_final_try() };
            let pin = pin(&request).ok_or(Error::PinNotGiven)?;
            Some(AuthPin::new(pin.reveal().into()))
        };
        match session.login(UserType::User, pin.as_ref()) {
            Ok(()) | Err(ModuleError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(error) => Err(match Error::from(error) {
                Error::WrongPin { .. } => Error::WrongPin { last_try: self.is_last_try() },
                other => other,
            }),
        }
    }

    fn is_last_try(&self) -> bool {
        self.context.get_token_info(self.slot).is_ok_and(|info| info.user_pin_final_try())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?}, {:?})", self.label(), self.serial_number())
    }
}

/// A token that is logged in. Copies share its sessions.
#[derive(Clone)]
pub struct OpenToken {
    pool: Arc<Pool>,
}

impl OpenToken {
    /// A private key of the token. It signs from several threads at once, as far as the token has sessions.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchKey`], [`Error::SeveralKeys`], [`Error::KeyMayNotSign`],
    /// [`Error::PinForEachSignature`]; [`Error::Pki`] if its kind or size is not accepted;
    /// [`Error::TokenRemoved`], [`Error::ModuleFailed`].
    pub fn key(&self, name: &KeyName) -> Result<SigningKey, Error> {
        Ok(SigningKey::from_signer(Arc::new(key::find(&self.pool, name)?)))
    }

    /// All certificates of the token.
    ///
    /// # Errors
    ///
    /// [`Error::Pki`] if one is none; [`Error::TokenRemoved`], [`Error::ModuleFailed`].
    pub fn certificates(&self) -> Result<Vec<Certificate>, Error> {
        self.pool.with_session(|session| {
            let wanted = [
                Attribute::Class(ObjectClass::CERTIFICATE),
                Attribute::CertificateType(CertificateType::X_509),
            ];
            let mut certificates = Vec::new();
            for object in session.find_objects(&wanted)?.into_iter().take(MOST_CERTIFICATES) {
                for attribute in session.get_attributes(object, &[AttributeType::Value])? {
                    if let Attribute::Value(der) = attribute {
                        certificates.push(Certificate::from_der(&der)?);
                    }
                }
            }
            Ok(certificates)
        })
    }

    /// A private key with its certificate and those above it, as far as the token holds them. The key signs
    /// once to find out which certificate is its own.
    ///
    /// # Errors
    ///
    /// Those of [`Self::key`] and [`Self::certificates`]; [`Error::Pki`] if no certificate of the token is
    /// the key's.
    pub fn identity(&self, name: &KeyName, backend: Backend) -> Result<Identity, Error> {
        Ok(Identity::new(self.key(name)?, self.certificates()?, backend)?)
    }
}

impl fmt::Debug for OpenToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenToken(…)")
    }
}
