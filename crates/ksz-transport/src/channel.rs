use crate::Error;
use std::fmt;
use std::str::FromStr;

/// Over which network a service is reached.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Channel {
    /// The extranet of social security, the way that KSZ prefers.
    Extranet,
    /// The public internet.
    Internet,
}

impl Channel {
    /// The name on the command line and in configurations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Extranet => "extranet",
            Self::Internet => "internet",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Channel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Extranet, Self::Internet]
            .into_iter()
            .find(|channel| channel.as_str() == text)
            .ok_or_else(|| Error::UnknownChannel { found: text.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_reads_back_and_others_are_refused() {
        for name in ["extranet", "internet"] {
            assert_eq!(name.parse::<Channel>().unwrap().to_string(), name);
        }
        assert_eq!("vpn".parse::<Channel>(), Err(Error::UnknownChannel { found: "vpn".into() }));
    }
}
