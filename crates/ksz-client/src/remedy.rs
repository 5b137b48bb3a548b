use crate::Error;
use crate::problem::ProblemKind;
use ksz_error::Kind;
use ksz_soap::{Fault, SoaCode};
use ksz_transport::Error as Transport;

/// What to do about an error, in one sentence.
#[must_use]
pub fn remedy(error: &Error) -> String {
    match error {
        Error::Transport(Transport::ServiceRetired { .. }) => {
            "use the address of what took its place, or leave it out: the catalogue has it; see `ksz endpoints`".into()
        }
        Error::Transport(Transport::WrongEnvironment { .. }) => {
            "use the addresses of one environment; see `ksz endpoints`".into()
        }
        Error::CertificateEnvironment { .. } => {
            "use the certificate of this environment; `ksz identity show` tells for which one it is".into()
        }
        Error::TokenRefused { then, .. } => remedy(then),
        Error::Transport(error) if error.kind() != Kind::Misuse => of_transport(error).into(),
        Error::Problem { problem } => of_problem(problem.kind()).into(),
        Error::Oauth(ksz_oauth::Error::Refused { .. }) => {
            "compare client identifier, registered certificate and audience with what the OAuth team set up; each can be \
             set under [oauth]"
                .into()
        }
        error if matches!(error.kind(), Kind::Misuse | Kind::Unsupported) => {
            "mend the configuration; `ksz sim --dir DIR` writes one that works, as a model".into()
        }
        Error::Sts(ksz_sts::Error::SignerNotPinned) => {
            "pin the certificate that signs this environment's assertions under [ehealth] sts_certificates".into()
        }
        other => match other.fault() {
            Some(fault) => of_fault(fault),
            None => of_kind(other.kind()).into(),
        },
    }
}

const fn of_transport(error: &Transport) -> &'static str {
    match error {
        Transport::Dns { .. } => {
            "the name is not known here: through the extranet its DNS servers are needed"
        }
        Transport::Connect { .. } | Transport::ConnectTimeout { .. } => {
            "nothing answers there: with the simulator, see that it runs; otherwise ask whether the firewall form for this \
             host and port was carried out, for your outgoing address"
        }
        Transport::ServerNotTrusted { .. } => {
            "add the root of the server's certificate under [tls] roots; look at it with openssl s_client -showcerts"
        }
        Transport::ServerNameMismatch { .. } => {
            "the address names another host than the server's certificate"
        }
        Transport::ServerCertificateExpired { .. } | Transport::ServerCertificateNotYetValid { .. } => {
            "check the clock of this machine first, then tell the operator"
        }
        Transport::ClientCertificateRequired { .. } => "set the TLS client identity under [tls] identity",
        Transport::ClientCertificateRefused { .. } => {
            "check that this certificate is registered for this environment, is not expired, and that its PEM file holds \
             the issuers too"
        }
        Transport::NotSoap { .. } => {
            "something between answered instead of the service: a proxy, or another path; compare with `ksz endpoints`"
        }
        Transport::Timeout { .. } => "try again; if it stays so, tell the operator the time of the attempt",
        _ => "look at the network between: proxies and inspection of TLS break mutual authentication",
    }
}

const fn of_problem(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::NoAccessToken | ProblemKind::InvalidAccessToken | ProblemKind::ExpiredAccessToken => {
            "the token is of another environment or server, or the clock of this machine is wrong"
        }
        ProblemKind::MissingScope | ProblemKind::MissingPermission => {
            "ask for the scope of this service for your client identifier"
        }
        ProblemKind::ResourceNotFound => "check the name of the REST service, version included",
        ProblemKind::TooManyRequests
        | ProblemKind::TooManyFailedRequests
        | ProblemKind::ServiceUnavailable => "try again later",
        _ => "give the instance of the problem to the service desk",
    }
}

fn of_fault(fault: &Fault) -> String {
    match (fault.service_code(), fault.meaning()) {
        (SoaCode::NOT_AUTHENTICATED, Some(meaning)) => format!(
            "{meaning}: compare the clock, the certificate's environment and the token's validity; verify the message yourself \
             with `ksz verify`"
        ),
        (_, Some(meaning)) => format!("{meaning}: {}", fault.advice()),
        (_, None) => fault.advice().to_string(),
    }
}

const fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Misuse => "correct the request or the configuration",
        Kind::Peer => "the answer breaks a rule: keep it, and tell the operator which",
        Kind::Refused => "mend what the service refuses",
        Kind::Transport => "look at the network between",
        Kind::Unsupported => "this version does not do it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz_transport::Service;

    fn fault(code: &str) -> Error {
        let xml = format!(
            "<s:Fault xmlns:s='{}'><faultcode>s:Client</faultcode><faultstring/><detail><e:SystemError \
             xmlns:e='{}' Id='1'><Origin/><Code>{code}</Code><Message/></e:SystemError></detail></s:Fault>",
            ksz_soap::names::SOAP_11,
            ksz_soap::names::EHEALTH_ERRORS
        );
        let limits = ksz_xml::Limits::default();
        let document = ksz_xml::Document::parse(xml.as_bytes(), &limits).unwrap();
        let fault = Box::new(Fault::read(document.root()).unwrap());
        ksz_soap::Error::Fault { fault }.into()
    }

    #[test]
    fn each_error_leads_to_whoever_can_mend_it() {
        let transport = |error: Transport| Error::Transport(error);
        let host = || "b2b.ksz-bcss.fgov.be:4520".to_owned();
        for (error, word) in [
            (Error::NotConfigured { needed: "ksz.api" }, "configuration"),
            (transport(Transport::InsecureUrl { scheme: "http".into() }), "configuration"),
            (transport(Transport::ServiceRetired { service: Service::EhealthSts, hint: "" }), "catalogue"),
            (transport(Transport::Connect { host: host(), detail: "refused".into() }), "firewall"),
            (transport(Transport::ClientCertificateRequired { host: host() }), "[tls] identity"),
            (Error::Sts(ksz_sts::Error::SignerNotPinned), "sts_certificates"),
            (fault("SOA-01001"), "clock"),
            (fault("SOA-01002"), "access"),
            (fault("SOA-02002"), "later"),
            (fault("SOA-99999"), "ticket"),
        ] {
            assert!(remedy(&error).contains(word), "{error}: {}", remedy(&error));
        }
    }
}
