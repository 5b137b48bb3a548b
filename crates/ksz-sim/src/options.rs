use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// How a simulator is started.
#[derive(Clone)]
pub struct Options {
    pub(crate) port_base: Option<u16>,
    pub(crate) soap_actions: SoapActions,
    pub(crate) challenges: Challenges,
    pub(crate) clock: Clock,
    pub(crate) interference: Interference,
    pub(crate) journal_capacity: usize,
}

/// What is asked before a message is worked on.
pub(crate) type Interference = Arc<dyn Fn(&str, &[u8]) -> Treatment + Send + Sync>;

/// How a message is treated.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Treatment {
    /// As it deserves.
    #[default]
    Usual,
    /// With `SOA-01001`, whatever it is worth.
    NotAuthenticated,
}

pub(crate) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// What happens to a `SOAPAction` that does not fit the payload (WS-I Basic Profile 1.1 R2744, CVE-2012-3451).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SoapActions {
    /// It must be that of the payload's operation where the WSDL is public. `PlatformIntegrationConsumerTest` has
    /// none that is, so there only the action of another operation is refused.
    #[default]
    Published,
    /// It must be that of the payload's operation everywhere.
    Exact,
    /// Nothing.
    Ignored,
}

/// When the token service answers a request with a challenge. Its clients have seen both answers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Challenges {
    /// Always.
    #[default]
    Always,
    /// Unless the request is signed with the key that the assertion is to confirm, which proves as much.
    UnlessProven,
    /// Never, whoever signs: to see that a client takes a token that comes at once. A real service would give tokens for
    /// the keys of others.
    Never,
}

impl Options {
    /// Listens on four ports from this one on: KSZ SOAP, KSZ REST, eHealth, OAuth. Otherwise on free ports.
    #[must_use]
    pub const fn port_base(mut self, first: u16) -> Self {
        self.port_base = Some(first);
        self
    }

    /// Sets what happens to a `SOAPAction` that does not fit.
    #[must_use]
    pub const fn soap_actions(mut self, rule: SoapActions) -> Self {
        self.soap_actions = rule;
        self
    }

    /// Sets when the token service wants a challenge answered.
    #[must_use]
    pub const fn challenges(mut self, rule: Challenges) -> Self {
        self.challenges = rule;
        self
    }

    /// Gives the services another clock: to see what a message is worth a while later, or what a wrong clock does.
    /// TLS keeps that of the system.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// Asks how each SOAP message is treated, once it is known which operation it is for: to count, to hold an answer back
    /// (what is asked may wait), or to refuse what would be accepted. It gets the name of the operation and the message.
    #[must_use]
    pub fn interfere(mut self, treatment: impl Fn(&str, &[u8]) -> Treatment + Send + Sync + 'static) -> Self {
        self.interference = Arc::new(treatment);
        self
    }

    /// How many requests the journal holds; a thousand unless said otherwise.
    #[must_use]
    pub const fn journal_capacity(mut self, requests: usize) -> Self {
        self.journal_capacity = requests;
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port_base: None,
            soap_actions: SoapActions::default(),
            challenges: Challenges::default(),
            clock: Arc::new(SystemTime::now),
            interference: Arc::new(|_, _| Treatment::Usual),
            journal_capacity: 1_000,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("port_base", &self.port_base)
            .field("soap_actions", &self.soap_actions)
            .field("challenges", &self.challenges)
            .finish_non_exhaustive()
    }
}
