use crate::Error;
use ksz_pki::Password;
use std::env::{self, VarError};

/// The password that an environment variable holds, for a command or a configuration file that names the variable.
///
/// # Errors
///
/// [`Error::PasswordVariable`] and [`Error::NoPasswordVariable`]. Neither repeats what may be a password that somebody
/// gave in place of a name.
pub fn password_of_variable(name: &str) -> Result<Password, Error> {
    let refuse = |detail| Err(Error::PasswordVariable { name: name.to_owned(), detail });
    match env::var(name) {
        Ok(password) => Ok(Password::new(password)),
        Err(VarError::NotPresent) if !is_name(name) => Err(Error::NoPasswordVariable),
        Err(VarError::NotPresent) => refuse("not set"),
        Err(VarError::NotUnicode(_)) => refuse("not UTF-8"),
    }
}

/// Whether a word is by its form the name of a variable (POSIX.1-2017 section 8.1) and no password given by mistake.
fn is_name(word: &str) -> bool {
    let is_part = |octet: u8| octet.is_ascii_uppercase() || octet.is_ascii_digit() || octet == b'_';
    !word.starts_with(|first: char| first.is_ascii_digit()) && word.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_given_in_place_of_a_name_is_not_repeated() {
        for word in ["geheim", "Geheim 1", "2GEHEIM", "é", "A-B"] {
            assert_eq!(password_of_variable(word).unwrap_err(), Error::NoPasswordVariable, "{word}");
        }
        assert_eq!(
            password_of_variable("KSZ_TEST_NOT_SET").unwrap_err(),
            Error::PasswordVariable { name: "KSZ_TEST_NOT_SET".into(), detail: "not set" }
        );
    }
}
