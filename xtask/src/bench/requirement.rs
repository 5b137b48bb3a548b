//! What must be reached, each as a ratio of two rates of one run.

use super::Options;
use super::figure::{Figures, Ratio};
use super::report::{Report, Verdict};
use crate::error::Error;

/// What an operation is compared with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rival {
    /// Another operation of ours on the same size, such as the bare cryptography.
    Own(&'static str),
    /// The same operation on another size, by octet: growth that is more than linear shows.
    Size(&'static str),
    /// The same operation of a peer.
    Peer(&'static str),
    /// A rate: this many MB per second of CPU time.
    Megabytes,
}

/// At least so many times as fast as the rival.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Requirement {
    pub(super) operation: &'static str,
    pub(super) size: &'static str,
    pub(super) rival: Rival,
    pub(super) at_least: f64,
}

/// The whole list. "At most three times the time of" is written as at least a third of the speed.
pub(super) const REQUIREMENTS: [Requirement; 38] = {
    use Rival::{Megabytes, Own, Peer, Size};
    [
        of("sign-rsa", "300", Own("raw-rsa-sign"), 0.92),
        of("sign-rsa", "300", Peer("xmlsec"), 1.5),
        of("sign-ec", "300", Own("raw-ec-sign"), 0.35),
        of("sign-ec", "300", Peer("xmlsec"), 4.0),
        of("verify-rsa", "300", Own("raw-rsa-verify"), 1.0 / 3.0),
        of("verify-rsa", "300", Peer("xmlsec"), 5.0),
        of("verify-rsa", "300", Peer("bergshamra"), 1.0),
        of("sign-rsa", "1k", Own("raw-rsa-sign"), 0.92),
        of("sign-rsa", "1k", Peer("xmlsec"), 1.5),
        of("sign-rsa", "100k", Peer("stax"), 6.0),
        of("sign-rsa", "10m", Peer("stax"), 6.0),
        of("verify-rsa", "1k", Peer("xmlsec"), 5.0),
        of("verify-rsa", "1k", Peer("wss4j"), 3.0),
        of("verify-rsa", "1k", Peer("bergshamra"), 1.0),
        of("verify-rsa", "100k", Peer("wss4j"), 5.0),
        of("verify-rsa", "100k", Peer("bergshamra"), 1.0),
        of("verify-rsa", "10m", Peer("stax"), 6.0),
        of("sign-ec", "1k", Peer("xmlsec"), 4.0),
        of("verify-ec", "1k", Peer("xmlsec"), 3.0),
        of("saml", "1k", Peer("wss4j"), 2.0),
        of("c14n", "1k", Peer("xmlsec"), 4.0),
        of("c14n", "100k", Peer("xmlsec"), 4.0),
        of("c14n", "10m", Peer("xmlsec"), 5.0),
        of("parse-c14n", "100k", Peer("xmlsec"), 3.0),
        of("parse-c14n", "10m", Peer("xmlsec"), 5.0),
        of("stream-c14n", "100k", Own("raw-sha256"), 1.0 / 3.0),
        of("stream-c14n", "10m", Own("raw-sha256"), 1.0 / 3.0),
        of("scan", "100k", Megabytes, 1_000.0),
        of("scan", "10m", Megabytes, 1_000.0),
        of("sign-rsa", "10m", Size("1m"), 0.5),
        of("sign-ec", "10m", Size("100k"), 0.5),
        of("verify-rsa", "10m", Size("1m"), 0.5),
        of("verify-ec", "10m", Size("100k"), 0.5),
        of("parse", "10m", Size("100k"), 0.5),
        of("c14n", "10m", Size("100k"), 0.5),
        of("stream-c14n", "10m", Size("100k"), 0.5),
        of("mtom-sign", "100m", Own("raw-sha256-pieces"), 0.25),
        of("mtom-verify", "100m", Own("raw-sha256-pieces"), 0.25),
    ]
};

const fn of(operation: &'static str, size: &'static str, rival: Rival, at_least: f64) -> Requirement {
    Requirement { operation, size, rival, at_least }
}

impl Requirement {
    /// What was found, if both were measured.
    fn found(&self, figures: &Figures, report: &Report) -> Option<Ratio> {
        if let Rival::Peer(peer) = self.rival {
            return report.times(peer, self.operation, self.size);
        }
        let figure = figures.get(self.operation, self.size)?;
        match self.rival {
            Rival::Own(operation) => Some(figure.times(figures.get(operation, self.size)?)),
            Rival::Size(size) => {
                let other = figures.get(self.operation, size)?;
                // Not in turns: the other size was measured in a process of its own.
                let by_octet = figure.octets / other.octets;
                let median = figure.median_rate() / other.median_rate() * by_octet;
                Some(Ratio { best: figure.rate() / other.rate() * by_octet, median })
            }
            Rival::Megabytes => {
                let megabytes = figure.octets / 1e6;
                Some(Ratio { best: figure.rate() * megabytes, median: figure.median_rate() * megabytes })
            }
            Rival::Peer(_) => None,
        }
    }

    fn against(&self) -> String {
        match self.rival {
            Rival::Own(operation) => operation.into(),
            Rival::Size(size) => format!("its cost per octet at {size}"),
            Rival::Peer(peer) => peer.into(),
            Rival::Megabytes => "one MB/s".into(),
        }
    }
}

/// Adds a verdict for each requirement of what was asked for. What could not be measured is not met; a peer that was
/// not measured says nothing.
pub(super) fn judge(options: &Options, figures: &Figures, report: &mut Report) -> Result<(), Error> {
    for requirement in REQUIREMENTS.iter().filter(|requirement| options.wants(requirement.operation)) {
        let found = requirement.found(figures, report);
        if found.is_none() && matches!(requirement.rival, Rival::Peer(_)) {
            continue;
        }
        let subject = format!("{}/{}", requirement.operation, requirement.size);
        let at_least = requirement.at_least;
        report.verdict(Verdict { subject, against: requirement.against(), at_least, found })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{OPERATIONS, PACKAGE, PACKAGE_SIZE, SIZES, peer};

    #[test]
    fn each_requirement_is_of_something_that_is_measured() {
        for Requirement { operation, size, rival, .. } in REQUIREMENTS {
            let is_measured = |name: &str| {
                OPERATIONS.contains(&name)
                    || name == "saml"
                    || (PACKAGE.contains(&name) && size == PACKAGE_SIZE)
            };
            assert!(is_measured(operation), "{operation}");
            assert!(SIZES.contains(&size) || PACKAGE.contains(&operation), "{size}");
            match rival {
                Rival::Own(other) => assert!(is_measured(other), "{other}"),
                Rival::Size(other) => assert!(SIZES.contains(&other), "{other}"),
                Rival::Peer(peer) => {
                    assert!(peer::measures(peer, operation, size), "{peer} {operation}/{size}")
                }
                Rival::Megabytes => {}
            }
        }
    }
}
