use std::fmt;

/// A remote service that the [catalogue](crate::catalogue) knows.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Service {
    /// KSZ SOAP services; the base of their addresses.
    KszSoap,
    /// KSZ's `TestConnectionService`, operation `sendTestMessage`.
    KszTestConnection,
    /// KSZ SOAP services with MTOM attachments; the base of their addresses.
    KszSoapMtom,
    /// The historical SSDN services of KSZ; the base of their addresses.
    KszSsdn,
    /// KSZ REST services; the base under which each has its name and version.
    KszRest,
    /// KSZ's exchange of batch files over SFTP.
    KszSftp,
    /// The token endpoint of social security's OAuth server.
    OauthToken,
    /// The metadata of that server (RFC 8414).
    OauthMetadata,
    /// The issuer that the metadata must name (RFC 8414 section 3.3): an identifier, not an address to call.
    OauthIssuer,
    /// The WS-Trust security token service of the eHealth platform.
    EhealthSts,
    /// The eHealth platform's `PlatformIntegrationConsumerTest`.
    EhealthConsumerTest,
    /// The SAML-protocol token service of the eHealth platform, out of use since October 2023.
    EhealthSaml11TokenService,
}

impl Service {
    /// Every service, in the order of the catalogue.
    pub const ALL: [Self; 12] = [
        Self::KszSoap,
        Self::KszTestConnection,
        Self::KszSoapMtom,
        Self::KszSsdn,
        Self::KszRest,
        Self::KszSftp,
        Self::OauthToken,
        Self::OauthMetadata,
        Self::OauthIssuer,
        Self::EhealthSts,
        Self::EhealthConsumerTest,
        Self::EhealthSaml11TokenService,
    ];

    /// The name on the command line and in configurations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KszSoap => "ksz-soap",
            Self::KszTestConnection => "ksz-test-connection",
            Self::KszSoapMtom => "ksz-soap-mtom",
            Self::KszSsdn => "ksz-ssdn",
            Self::KszRest => "ksz-rest",
            Self::KszSftp => "ksz-sftp",
            Self::OauthToken => "oauth-token",
            Self::OauthMetadata => "oauth-metadata",
            Self::OauthIssuer => "oauth-issuer",
            Self::EhealthSts => "ehealth-sts",
            Self::EhealthConsumerTest => "ehealth-consumer-test",
            Self::EhealthSaml11TokenService => "ehealth-saml11-token-service",
        }
    }

    /// Why the service is not called any more, if it is not.
    #[must_use]
    pub const fn retired(self) -> Option<&'static str> {
        match self {
            Self::EhealthSaml11TokenService => {
                Some("out of use since October 2023; use the WS-Trust token service, ehealth-sts")
            }
            _ => None,
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
