//! The checks of a whole connection: every system that a configuration allows, a row each.
//!
//! A row passes, fails with a reason and a remedy, or is skipped with the setting that it lacks. The rows that send
//! something wrong on purpose run against the simulator alone.

mod check;
mod failure;
mod refusals;
mod report;
mod rows;

pub use check::Check;
pub use failure::Failure;
pub use report::{Outcome, Report, Row};

use crate::Error;
use crate::client::Client;
use crate::config::{Config, DoctorSettings};
use ksz_sts::VerifiedAssertion;
use ksz_transport::{Channel, Environment};
use std::time::Instant;
use tokio::sync::OnceCell;

/// A configuration to be examined.
pub struct Doctor {
    client: Client,
    settings: DoctorSettings,
    /// The assertion that several rows need, asked for once.
    assertion: OnceCell<VerifiedAssertion>,
}

impl Doctor {
    /// Prepares the checks of a configuration. Nothing is sent. The checks open no session and no store of sessions.
    ///
    /// # Errors
    ///
    /// Those of [`Client::new`].
    pub fn new(config: Config) -> Result<Self, Error> {
        let (builder, settings) = config.into_parts();
        let client = builder.without_session_store().build()?;
        Ok(Self { client, settings, assertion: OnceCell::new() })
    }

    /// The environment that is examined.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.client.environment()
    }

    /// The network through which it is examined.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.client.channel()
    }

    /// Runs checks one after the other and gives each row to `seen` as soon as it is known.
    pub async fn run(&self, checks: &[Check], mut seen: impl FnMut(&Row)) -> Report {
        let mut rows = Vec::with_capacity(checks.len());
        for &check in checks {
            let started = Instant::now();
            let outcome = self.outcome(check).await;
            let row = Row { check, outcome, took: started.elapsed() };
            seen(&row);
            rows.push(row);
        }
        Report { environment: self.environment(), channel: self.channel(), rows }
    }

    async fn outcome(&self, check: Check) -> Outcome {
        match self.examine(check).await {
            Ok(detail) => Outcome::Passed { detail },
            Err(Failure::Call(error)) if lacks_setting(&error) => Outcome::Skipped { why: error.to_string() },
            Err(Failure::SimulatorOnly) => Outcome::Skipped { why: Failure::SimulatorOnly.to_string() },
            Err(failure) => Outcome::Failed(failure),
        }
    }

    async fn examine(&self, check: Check) -> Result<String, Failure> {
        match check {
            Check::KszConnection => self.ksz_connection().await,
            Check::KszSigned => self.ksz_signed().await,
            Check::EhealthConnection => self.ehealth_connection().await,
            Check::EhealthAccessRsa => self.ehealth_access_rsa().await,
            Check::EhealthAccessEcdsa => self.ehealth_access_ecdsa().await,
            Check::EhealthToken => self.ehealth_token().await,
            Check::EhealthBrokered => self.ehealth_brokered().await,
            Check::OauthToken => self.oauth_token().await,
            Check::RestHealth => self.rest_health().await,
            Check::RestNoToken => self.rest_no_token().await,
            Check::RefusedBody => self.refused_body().await,
            Check::RefusedClaim => self.refused_claim().await,
            Check::RefusedStranger => self.refused_stranger().await,
            Check::RefusedHolder => self.refused_holder().await,
            Check::RefusedToken => self.refused_token().await,
        }
    }
}

/// Whether a call was not made because the configuration, or the catalogue, does not allow it.
const fn lacks_setting(error: &Error) -> bool {
    matches!(
        error,
        Error::NotConfigured { .. } | Error::Transport(ksz_transport::Error::EndpointNotGiven { .. })
    )
}
