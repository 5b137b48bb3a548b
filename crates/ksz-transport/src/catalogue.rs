use crate::{Certainty, Channel, Endpoint, Environment, Service, Source};
use std::net::Ipv4Addr;

/// Every endpoint that the documents give.
#[must_use]
pub const fn catalogue() -> &'static [Endpoint] {
    CATALOGUE
}

const KSZ_SOAP: &str =
    "KSZ-BCSS, access to the infrastructure and SOAP services, with firewall form 2.00 (nl)";
const KSZ_REST: &str =
    "KSZ-BCSS, access to the infrastructure and REST services, with firewall form 2.00 (fr)";
const EHEALTH_SECURITY: &str = "eHealth platform, security of web services (fr)";
const EHEALTH_LISTS: &str =
    "eHealth platform, service lists: acceptance of 2022-12-20, production of 2022-12-22";

const SOAP_HOSTS: Source = Source { document: KSZ_SOAP, note: "table of access points, port 4520" };
const SOAP_TEST_SERVICE: Source =
    Source { document: KSZ_SOAP, note: "table of access points, and the URI of the test service" };
const MTOM_HOSTS: Source = Source {
    document: KSZ_SOAP,
    note: "table of access points, port 4522; the form for REST services does not list that port",
};
const SSDN_FORM: Source = Source { document: KSZ_REST, note: "firewall form, port 4530" };
const REST_TABLE: Source = Source { document: KSZ_REST, note: "access points of the REST service" };
const REST_PRODUCTION: Source = Source {
    document: KSZ_REST,
    note: "printed as the acceptance host once more; the host table and the firewall form have the right one",
};
const REST_PRODUCTION_INTERNET: Source = Source {
    document: KSZ_REST,
    note: "printed as the acceptance host once more; KSZ's general REST specifications give api[.test|.acpt]",
};
const SFTP_FORM: Source =
    Source { document: KSZ_SOAP, note: "firewall form, port 22; one server, not told apart by environment" };
const OAUTH_TABLE: Source = Source { document: KSZ_REST, note: "access points of the authorization servers" };
const OAUTH_ISSUER: Source =
    Source { document: KSZ_REST, note: "the metadata URL without its well-known part, RFC 8414 section 3" };
const STS_LIST: Source =
    Source { document: EHEALTH_LISTS, note: "SecurityTokenService, endpoint of order 0" };
const STS_INTEGRATION: Source =
    Source { document: EHEALTH_LISTS, note: "the path of the lists on the integration host" };
const CONSUMER_TEST: Source = Source {
    document: EHEALTH_SECURITY,
    note: "names the production host and the service; the path follows /<Service>/v1, unverified",
};
const SAML11_LIST: Source =
    Source { document: EHEALTH_LISTS, note: "Saml11TokenService, endpoint of order 0" };
const SAML11_INTEGRATION: Source =
    Source { document: EHEALTH_LISTS, note: "Saml11TokenService, its path on the integration host" };

/// The addresses in the access-point tables of both KSZ documents.
pub(crate) const PRINTED_IPS: &[(&str, Ipv4Addr)] = &[
    ("b2b-test.ksz-bcss.fgov.be", Ipv4Addr::new(85, 91, 184, 96)),
    ("b2b-acpt.ksz-bcss.fgov.be", Ipv4Addr::new(85, 91, 184, 103)),
    ("b2b.ksz-bcss.fgov.be", Ipv4Addr::new(85, 91, 184, 102)),
];

const CATALOGUE: &[Endpoint] = {
    use Certainty::{ByConvention, Corrected, Printed};
    use Channel::{Extranet, Internet};
    use Environment::{Acceptance, Production, Test};
    use Service::{
        EhealthConsumerTest, EhealthSaml11TokenService, EhealthSts, KszRest, KszSftp, KszSoap, KszSoapMtom,
        KszSsdn, KszTestConnection, OauthIssuer, OauthMetadata, OauthToken,
    };
    const EXTRANET: Option<Channel> = Some(Extranet);
    const INTERNET: Option<Channel> = Some(Internet);
    &[
        Endpoint::new(
            KszSoap,
            Test,
            EXTRANET,
            "https://b2b-test.ksz-bcss.fgov.be:4520/",
            Printed,
            SOAP_HOSTS,
        ),
        Endpoint::new(
            KszSoap,
            Acceptance,
            EXTRANET,
            "https://b2b-acpt.ksz-bcss.fgov.be:4520/",
            Printed,
            SOAP_HOSTS,
        ),
        Endpoint::new(
            KszSoap,
            Production,
            EXTRANET,
            "https://b2b.ksz-bcss.fgov.be:4520/",
            Printed,
            SOAP_HOSTS,
        ),
        Endpoint::new(
            KszTestConnection,
            Test,
            EXTRANET,
            "https://b2b-test.ksz-bcss.fgov.be:4520/TestConnectionServiceService/sendTestMessage",
            Printed,
            SOAP_TEST_SERVICE,
        ),
        Endpoint::new(
            KszTestConnection,
            Acceptance,
            EXTRANET,
            "https://b2b-acpt.ksz-bcss.fgov.be:4520/TestConnectionServiceService/sendTestMessage",
            Printed,
            SOAP_TEST_SERVICE,
        ),
        Endpoint::new(
            KszTestConnection,
            Production,
            EXTRANET,
            "https://b2b.ksz-bcss.fgov.be:4520/TestConnectionServiceService/sendTestMessage",
            Printed,
            SOAP_TEST_SERVICE,
        ),
        Endpoint::new(
            KszSoapMtom,
            Test,
            EXTRANET,
            "https://b2b-test.ksz-bcss.fgov.be:4522/",
            Printed,
            MTOM_HOSTS,
        ),
        Endpoint::new(
            KszSoapMtom,
            Acceptance,
            EXTRANET,
            "https://b2b-acpt.ksz-bcss.fgov.be:4522/",
            Printed,
            MTOM_HOSTS,
        ),
        Endpoint::new(
            KszSoapMtom,
            Production,
            EXTRANET,
            "https://b2b.ksz-bcss.fgov.be:4522/",
            Printed,
            MTOM_HOSTS,
        ),
        Endpoint::new(KszSsdn, Test, EXTRANET, "https://b2b-test.ksz-bcss.fgov.be:4530/", Printed, SSDN_FORM),
        Endpoint::new(
            KszSsdn,
            Acceptance,
            EXTRANET,
            "https://b2b-acpt.ksz-bcss.fgov.be:4530/",
            Printed,
            SSDN_FORM,
        ),
        Endpoint::new(
            KszSsdn,
            Production,
            EXTRANET,
            "https://b2b.ksz-bcss.fgov.be:4530/",
            Printed,
            SSDN_FORM,
        ),
        Endpoint::new(
            KszRest,
            Test,
            EXTRANET,
            "https://b2b-test.ksz-bcss.fgov.be:4543/",
            Printed,
            REST_TABLE,
        ),
        Endpoint::new(KszRest, Test, INTERNET, "https://api.test.ksz-bcss.fgov.be/", Printed, REST_TABLE),
        Endpoint::new(
            KszRest,
            Acceptance,
            EXTRANET,
            "https://b2b-acpt.ksz-bcss.fgov.be:4543/",
            Printed,
            REST_TABLE,
        ),
        Endpoint::new(
            KszRest,
            Acceptance,
            INTERNET,
            "https://api.acpt.ksz-bcss.fgov.be/",
            Printed,
            REST_TABLE,
        ),
        Endpoint::new(
            KszRest,
            Production,
            EXTRANET,
            "https://b2b.ksz-bcss.fgov.be:4543/",
            Corrected,
            REST_PRODUCTION,
        ),
        Endpoint::new(
            KszRest,
            Production,
            INTERNET,
            "https://api.ksz-bcss.fgov.be/",
            Corrected,
            REST_PRODUCTION_INTERNET,
        ),
        Endpoint::new(KszSftp, Test, EXTRANET, "stransferv2.extranetssz.be:22", Printed, SFTP_FORM),
        Endpoint::new(KszSftp, Acceptance, EXTRANET, "stransferv2.extranetssz.be:22", Printed, SFTP_FORM),
        Endpoint::new(KszSftp, Production, EXTRANET, "stransferv2.extranetssz.be:22", Printed, SFTP_FORM),
        Endpoint::new(
            OauthToken,
            Test,
            EXTRANET,
            "https://professionalservices-int.socialsecurity.be/REST/oauth/v5/token",
            Printed,
            OAUTH_TABLE,
        ),
        Endpoint::new(
            OauthToken,
            Test,
            INTERNET,
            "https://services-int.socialsecurity.be/REST/oauth/v5/token",
            Printed,
            OAUTH_TABLE,
        ),
        Endpoint::new(
            OauthToken,
            Acceptance,
            EXTRANET,
            "https://professionalservices-acpt.socialsecurity.be/REST/oauth/v5/token",
            Printed,
            OAUTH_TABLE,
        ),
        Endpoint::new(
            OauthToken,
            Acceptance,
            INTERNET,
            "https://services-acpt.socialsecurity.be/REST/oauth/v5/token",
            Printed,
            OAUTH_TABLE,
        ),
        Endpoint::new(
            OauthToken,
            Production,
            EXTRANET,
            "https://professionalservices.socialsecurity.be/REST/oauth/v5/token",
            Printed,
            OAUTH_TABLE,
        ),
        Endpoint::new(
            OauthToken,
            Production,
            INTERNET,
            "https://services.socialsecurity.be/REST/oauth/v5/token",
            Printed,
            OAUTH_TABLE,
        ),
        Endpoint::new(
            OauthMetadata,
            Test,
            None,
            "https://oauth-v5.int.socialsecurity.be/.well-known/oauth-authorization-server",
            Printed,
            OAUTH_TABLE,
        ),
        Endpoint::new(
            OauthMetadata,
            Acceptance,
            None,
            "https://oauth-v5.acc.socialsecurity.be/.well-known/oauth-authorization-server",
            Printed,
            OAUTH_TABLE,
        ),
        Endpoint::new(
            OauthMetadata,
            Production,
            None,
            "https://oauth-v5.socialsecurity.be/.well-known/oauth-authorization-server",
            Printed,
            OAUTH_TABLE,
        ),
        Endpoint::new(
            OauthIssuer,
            Test,
            None,
            "https://oauth-v5.int.socialsecurity.be",
            ByConvention,
            OAUTH_ISSUER,
        ),
        Endpoint::new(
            OauthIssuer,
            Acceptance,
            None,
            "https://oauth-v5.acc.socialsecurity.be",
            ByConvention,
            OAUTH_ISSUER,
        ),
        Endpoint::new(
            OauthIssuer,
            Production,
            None,
            "https://oauth-v5.socialsecurity.be",
            ByConvention,
            OAUTH_ISSUER,
        ),
        Endpoint::new(
            EhealthSts,
            Test,
            None,
            "https://services-int.ehealth.fgov.be/IAM/SecurityTokenService/v1",
            ByConvention,
            STS_INTEGRATION,
        ),
        Endpoint::new(
            EhealthSts,
            Acceptance,
            None,
            "https://services-acpt.ehealth.fgov.be/IAM/SecurityTokenService/v1",
            Printed,
            STS_LIST,
        ),
        Endpoint::new(
            EhealthSts,
            Production,
            None,
            "https://services.ehealth.fgov.be/IAM/SecurityTokenService/v1",
            Printed,
            STS_LIST,
        ),
        Endpoint::new(
            EhealthConsumerTest,
            Test,
            None,
            "https://services-int.ehealth.fgov.be/PlatformIntegrationConsumerTest/v1",
            ByConvention,
            CONSUMER_TEST,
        ),
        Endpoint::new(
            EhealthConsumerTest,
            Acceptance,
            None,
            "https://services-acpt.ehealth.fgov.be/PlatformIntegrationConsumerTest/v1",
            ByConvention,
            CONSUMER_TEST,
        ),
        Endpoint::new(
            EhealthConsumerTest,
            Production,
            None,
            "https://services.ehealth.fgov.be/PlatformIntegrationConsumerTest/v1",
            ByConvention,
            CONSUMER_TEST,
        ),
        Endpoint::new(
            EhealthSaml11TokenService,
            Test,
            None,
            "https://services-int.ehealth.fgov.be/IAM/Saml11TokenService/v1",
            ByConvention,
            SAML11_INTEGRATION,
        ),
        Endpoint::new(
            EhealthSaml11TokenService,
            Acceptance,
            None,
            "https://services-acpt.ehealth.fgov.be/IAM/Saml11TokenService/v1",
            Printed,
            SAML11_LIST,
        ),
        Endpoint::new(
            EhealthSaml11TokenService,
            Production,
            None,
            "https://services.ehealth.fgov.be/IAM/Saml11TokenService/v1",
            Printed,
            SAML11_LIST,
        ),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The words by which hosts name an environment.
    fn environment_words(environment: Environment) -> &'static [&'static str] {
        match environment {
            Environment::Test => &["test", "int"],
            Environment::Acceptance => &["acpt", "acc"],
            Environment::Simulator | Environment::Production => &[],
        }
    }

    #[test]
    fn no_host_stands_under_a_foreign_environment() {
        for row in catalogue() {
            let (host, _) = row.host_and_port();
            let own = environment_words(row.environment());
            for word in ["test", "int", "acpt", "acc"] {
                let names_it = host.split(['.', '-']).any(|label| label == word);
                assert!(!names_it || own.contains(&word), "{row:?}");
            }
            let named = host.split(['.', '-']).any(|label| own.contains(&label));
            assert!(own.is_empty() || named || row.service() == Service::KszSftp, "{row:?}");
        }
    }

    #[test]
    fn every_address_is_https_and_written_as_it_parses() {
        for row in catalogue().iter().filter(|row| row.service() != Service::KszSftp) {
            let url = row.url().unwrap();
            assert_eq!(url.as_str().trim_end_matches('/'), row.address().trim_end_matches('/'));
            let host_and_port = (url.host_str().unwrap(), url.port_or_known_default().unwrap());
            assert_eq!(row.host_and_port(), host_and_port);
        }
    }

    #[test]
    fn a_service_has_one_row_for_each_environment_and_channel() {
        let mut seen = HashSet::new();
        for row in catalogue() {
            for channel in [Channel::Extranet, Channel::Internet] {
                if row.channel().is_none_or(|given| given == channel) {
                    assert!(seen.insert((row.service(), row.environment(), channel)), "{row:?}");
                }
            }
            assert_ne!(row.environment(), Environment::Simulator);
        }
        assert!(Service::ALL.iter().all(|service| catalogue().iter().any(|row| row.service() == *service)));
    }
}
