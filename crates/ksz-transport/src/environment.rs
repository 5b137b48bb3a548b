use crate::Error;
use std::fmt;
use std::str::FromStr;

/// Which of the four worlds a connection belongs to.
///
/// The organisations name theirs differently (`test`, `int`; `acpt`, `acc`); those words occur only in the
/// hosts of the [catalogue](crate::catalogue).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Environment {
    /// The simulator, whose endpoints come from its configuration.
    Simulator,
    /// Test at KSZ, integration at eHealth and at social security's OAuth server.
    Test,
    /// Acceptance, with data that looks real.
    Acceptance,
    /// Production.
    Production,
}

impl Environment {
    /// The name on the command line and in configurations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Simulator => "sim",
            Self::Test => "test",
            Self::Acceptance => "acceptance",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Simulator, Self::Test, Self::Acceptance, Self::Production]
            .into_iter()
            .find(|environment| environment.as_str() == text)
            .ok_or_else(|| Error::UnknownEnvironment { found: text.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_reads_back() {
        for name in ["sim", "test", "acceptance", "production"] {
            assert_eq!(name.parse::<Environment>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn the_words_of_one_organisation_are_refused() {
        for name in ["acpt", "int", "Production", "", " test"] {
            assert_eq!(name.parse::<Environment>(), Err(Error::UnknownEnvironment { found: name.into() }));
        }
    }
}
