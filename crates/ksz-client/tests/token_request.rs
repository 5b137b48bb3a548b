//! A token that is asked for by hand: its steps, its length of life, and whose key signs the request.

#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

use ksz_client::{Client, Config, Error, TokenProgress, TokenRequest};
use ksz_pki::{Backend, Identity};
use ksz_sim::{Challenges, Options, Simulator};
use ksz_sts::{ClaimType, Claims};
use ksz_transport::Environment;
use rcgen::{CertificateParams, DnType, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256};
use std::path::Path;
use std::time::{Duration, SystemTime};

struct Scene {
    simulator: Simulator,
    client: Client,
    claims: Claims,
}

impl Scene {
    async fn new(options: Options) -> Self {
        let simulator = Simulator::start(options).await.unwrap();
        let config = Config::from_toml(&simulator.configuration(), Path::new("simulator")).unwrap();
        let claims = config.claims().clone();
        Self { client: Client::new(config).unwrap(), simulator, claims }
    }

    fn request(&self) -> TokenRequest<'_> {
        TokenRequest::new(&self.client, self.claims.clone())
    }
}

#[tokio::test]
async fn each_step_is_told_once() {
    use TokenProgress::{AnsweringChallenge, Asking};
    for (rule, expected) in
        [(Challenges::Always, vec![Asking, AnsweringChallenge]), (Challenges::UnlessProven, vec![Asking])]
    {
        let scene = Scene::new(Options::default().challenges(rule)).await;
        let mut steps = Vec::new();

        let token = scene.request().send(|step| steps.push(step)).await.unwrap();

        assert_eq!(steps, expected);
        assert_eq!(token.attributes().len(), scene.claims.iter().count());
        assert_eq!(scene.simulator.journal().len(), expected.len());
    }
}

#[tokio::test]
async fn the_service_decides_on_the_length_of_life_unless_it_is_asked_for() {
    let scene = Scene::new(Options::default()).await;
    let hours = |hours: u64| Duration::from_secs(hours * 60 * 60);

    let usual = scene.request().send(|_| {}).await.unwrap();
    let longer = scene.request().lifetime(hours(8)).send(|_| {}).await.unwrap();
    let longest = scene.request().lifetime(hours(48)).send(|_| {}).await;

    let between = |token: &ksz_sts::VerifiedAssertion, from: Duration, to: Duration| {
        let left = token.conditions().not_on_or_after().duration_since(SystemTime::now()).unwrap();
        from < left && left <= to
    };
    assert!(between(&usual, hours(0), hours(1)) && between(&longer, hours(7), hours(8)));
    assert!(longest.is_err(), "{longest:?}");
}

#[tokio::test]
async fn a_token_is_renewed_whatever_the_claims_are() {
    let scene = Scene::new(Options::default()).await;
    let old = scene.request().send(|_| {}).await.unwrap();
    let mut claims = Claims::default();
    claims.insert(ClaimType::certified("urn:be:fgov:person:ssin:doctor:boolean")).unwrap();
    let request = || TokenRequest::new(&scene.client, claims.clone());

    let issued = request().send(|_| {}).await.unwrap();
    let renewed = request().renewing(&old).send(|_| {}).await.unwrap();

    assert_eq!(renewed.attributes(), old.attributes());
    assert_ne!(renewed.assertion_id(), old.assertion_id());
    assert_ne!(issued.attributes(), old.attributes());
}

#[tokio::test]
async fn another_identity_signs_the_request_and_the_own_one_holds_the_token() {
    let scene = Scene::new(Options::default()).await;
    let text = scene.simulator.configuration();
    let config = Config::from_toml(&text, Path::new("simulator")).unwrap();
    let own = config.ehealth_identity().unwrap().certificate().clone();
    let other = foreign_identity("An authority that the simulator does not know");

    let refused = scene.request().identification(&other).send(|_| {}).await.unwrap_err();
    let token = scene.request().send(|_| {}).await.unwrap();

    assert_eq!(refused.fault().unwrap().service_code(), "SOA-01001");
    assert_eq!(token.holder(), &own);
}

#[tokio::test]
async fn a_certificate_of_another_environment_signs_nothing() {
    let scene = Scene::new(Options::default()).await;
    let other = foreign_identity("ZetesConfidens Private Trust PKI - eHealth issuing CA 001");

    let refused = scene.request().identification(&other).send(|_| {}).await;

    let found = other.certificate().environment();
    assert!(found.is_some(), "the name tells the environment");
    let Err(Error::CertificateEnvironment { setting, environment, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((setting, environment), ("identification", Environment::Simulator));
    assert!(scene.simulator.journal().is_empty());
}

#[tokio::test]
async fn what_is_not_configured_is_named() {
    let client = Client::new(Config::of(Environment::Acceptance)).unwrap();
    let mut claims = Claims::default();
    claims.insert(ClaimType::certified("urn:a")).unwrap();

    let refused = TokenRequest::new(&client, claims).send(|_| {}).await;

    assert_eq!(refused.unwrap_err(), Error::NotConfigured { needed: "ehealth.identity" });
}

fn foreign_identity(issuer: &str) -> Identity {
    let key = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, issuer);
    let (authority, own) = (Issuer::new(authority, key()), key());
    let certificate = CertificateParams::default().signed_by(&own, &authority).unwrap();
    let pem = [own.serialize_pem(), certificate.pem()].concat();
    Identity::from_pem(pem.as_bytes(), Backend::default()).unwrap()
}
