//! Which certificates a trust store accepts, and the name of each refusal.

#![cfg(all(any(feature = "aws-lc", feature = "rustcrypto"), feature = "x509"))]
#![expect(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod backends;

use backends::BACKENDS;
use ksz_pki::{Backend, Certificate, Error, TrustStore, certificates_from_pem};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};
use std::fmt::Debug;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: u64 = 24 * 3_600;

/// Noon of 1 June 2026.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(20_605 * DAY + DAY / 2)
}

/// An authority and its certificate.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn root(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = params("Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn below(&self, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = params("Issuing");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let mut params = params("Leaf");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.serial_number = Some(SerialNumber::from(7));
        change(&mut params);
        let pem = params.signed_by(&KeyPair::generate().unwrap(), &self.issuer).unwrap().pem();
        certificates_from_pem(pem.as_bytes()).unwrap().remove(0)
    }

    fn certificate(&self) -> Certificate {
        certificates_from_pem(self.pem.as_bytes()).unwrap().remove(0)
    }

    /// A revocation list that names the serial number of every leaf.
    fn revocation_list(&self) -> String {
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 5, 1),
            next_update: date_time_ymd(2026, 7, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: SerialNumber::from(7),
                revocation_time: date_time_ymd(2026, 5, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn accept(anchor: &Authority, intermediates: &[&Authority], leaf: &Certificate) -> Result<(), String> {
    agreed(|backend| {
        let intermediates = intermediates.iter().map(|authority| authority.certificate()).collect();
        let store = TrustStore::new(vec![anchor.certificate()], backend).with_intermediates(intermediates);
        store.accept(leaf, now()).map(|_| ()).map_err(|error| ksz_error::reason(&error))
    })
}

/// What all backends answer.
fn agreed<T: Debug + PartialEq>(answer: impl Fn(Backend) -> T) -> T {
    let mut answers: Vec<T> = BACKENDS.iter().map(|backend| answer(*backend)).collect();
    let last = answers.pop().unwrap();
    for other in answers {
        assert_eq!(other, last, "two backends disagree");
    }
    last
}

fn refused(reason: &str) -> Result<(), String> {
    Err(reason.into())
}

#[test]
fn a_path_to_an_anchor_is_accepted() {
    let root = Authority::root(|_| ());
    let issuing = root.below(|_| ());
    assert_eq!(accept(&root, &[], &root.leaf(|_| ())), Ok(()));
    assert_eq!(accept(&root, &[&issuing], &issuing.leaf(|_| ())), Ok(()));
}

/// The certificates are OpenSSL's: see `ORIGIN.md` beside them.
#[test]
fn authorities_sign_with_rsa_and_on_three_curves_with_three_digests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/paths");
    let read =
        |name: &str| certificates_from_pem(&std::fs::read(folder.join(name)).unwrap()).unwrap().remove(0);
    for kind in ["rsa-pkcs1", "rsa-pss", "p256", "p384", "p521"] {
        let anchor = read(&format!("{}.pem", kind.split('-').next().unwrap()));
        for digest in ["sha256", "sha384", "sha512"] {
            let leaf = read(&format!("{kind}-{digest}.pem"));
            let mut changed = leaf.der().to_vec();
            *changed.last_mut().unwrap() ^= 1;
            let changed = Certificate::from_der(&changed).unwrap();
            let accept = |leaf: &Certificate| {
                agreed(|backend| {
                    let store = TrustStore::new(vec![anchor.clone()], backend);
                    store.accept(leaf, now()).map(|_| ()).map_err(|error| ksz_error::reason(&error))
                })
            };
            assert_eq!(accept(&leaf), Ok(()), "{kind} {digest}");
            assert_eq!(accept(&changed), refused("UnknownIssuer"), "{kind} {digest}");
        }
    }
}

#[test]
fn every_broken_path_is_refused_by_name() {
    let root = Authority::root(|_| ());
    let issuing = root.below(|_| ());
    let leaf = issuing.leaf(|_| ());
    assert_eq!(accept(&root, &[], &leaf), refused("UnknownIssuer"), "no intermediate");
    assert_eq!(accept(&Authority::root(|_| ()), &[&issuing], &leaf), refused("UnknownIssuer"), "another key");

    let short = Authority::root(|params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let below = short.below(|_| ());
    assert_eq!(accept(&short, &[], &short.leaf(|_| ())), Ok(()));
    assert_eq!(accept(&short, &[&below], &below.leaf(|_| ())), refused("PathTooLong"), "of the anchor");
    let middle = root.below(|params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let lowest = middle.below(|params| params.distinguished_name.push(DnType::OrganizationName, "Lowest"));
    assert_eq!(accept(&root, &[&middle, &lowest], &lowest.leaf(|_| ())), refused("PathTooLong"));

    let no_authority = root.below(|params| params.is_ca = IsCa::ExplicitNoCa);
    assert_eq!(accept(&root, &[&no_authority], &no_authority.leaf(|_| ())), refused("IssuerNotAuthority"));
    let no_signer = root.below(|params| params.key_usages = vec![KeyUsagePurpose::CrlSign]);
    assert_eq!(accept(&root, &[&no_signer], &no_signer.leaf(|_| ())), refused("IssuerNotAuthority"));

    let expired = Authority::root(|params| params.not_after = date_time_ymd(2026, 5, 1));
    assert_eq!(
        accept(&expired, &[], &expired.leaf(|_| ())),
        refused("CertificateExpired"),
        "an anchor that expired"
    );
    let late = Authority::root(|params| params.not_before = date_time_ymd(2026, 7, 1));
    assert_eq!(accept(&late, &[], &late.leaf(|_| ())), refused("CertificateNotYetValid"), "of the anchor");
    let unfit = Authority::root(|params| params.is_ca = IsCa::ExplicitNoCa);
    assert_eq!(accept(&unfit, &[], &unfit.leaf(|_| ())), refused("IssuerNotAuthority"), "the anchor");
    assert_eq!(accept(&expired, &[], &leaf), refused("UnknownIssuer"), "of another anchor than the expired");
}

#[test]
fn a_certificate_that_may_not_sign_is_refused_by_name() {
    let root = Authority::root(|_| ());
    let leaf = |change: fn(&mut CertificateParams)| accept(&root, &[], &root.leaf(change));
    assert_eq!(leaf(|params| params.not_after = date_time_ymd(2026, 5, 1)), refused("CertificateExpired"));
    assert_eq!(
        leaf(|params| params.not_before = date_time_ymd(2026, 7, 1)),
        refused("CertificateNotYetValid")
    );
    assert_eq!(
        leaf(|params| params.key_usages = vec![KeyUsagePurpose::KeyEncipherment]),
        refused("KeyUsageMissing")
    );
    assert_eq!(
        leaf(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
        refused("ExtendedKeyUsage")
    );
    for purpose in [ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::EmailProtection] {
        let leaf = root.leaf(|params| params.extended_key_usages = vec![purpose]);
        assert_eq!(accept(&root, &[], &leaf), Ok(()));
    }
    assert_eq!(leaf(|params| params.key_usages = vec![]), Ok(()), "nothing is stated");
}

#[test]
fn a_revoked_certificate_is_refused_whether_pinned_or_not() {
    let (root, other) = (
        Authority::root(|_| ()),
        Authority::root(|params| {
            params.distinguished_name.push(DnType::OrganizationName, "Other");
        }),
    );
    let leaf = root.leaf(|_| ());
    let accept_at = |anchors: &[&Certificate], list: &Authority, now: SystemTime| {
        agreed(|backend| {
            let store = TrustStore::new(anchors.iter().copied().cloned().collect(), backend);
            let store = store.with_revocation_lists(list.revocation_list().as_bytes()).unwrap();
            store.accept(&leaf, now).map(|_| ()).map_err(|error| ksz_error::reason(&error))
        })
    };
    let accept = |anchors: &[&Certificate], list: &Authority| accept_at(anchors, list, now());
    let anchor = root.certificate();
    assert_eq!(accept(&[&anchor], &root), refused("Revoked"));
    assert_eq!(accept(&[&leaf, &anchor], &root), refused("Revoked"), "pinned");
    assert_eq!(accept(&[&leaf], &root), refused("UnknownIssuer"), "nobody vouches for the list");
    assert_eq!(accept(&[&leaf], &other), Ok(()), "a list of another issuer");

    let late = now() + Duration::from_secs(40 * DAY);
    let refused = accept_at(&[&anchor], &root, late).unwrap_err();
    assert!(["CrlUnusable", "Revoked"].contains(&refused.as_str()), "{refused}");
}

#[test]
fn a_pinned_certificate_is_known_by_its_octets_and_judged_each_time() {
    let root = Authority::root(|_| ());
    let (first, second) = (root.leaf(|_| ()), root.leaf(|_| ()));
    for backend in BACKENDS {
        let store = TrustStore::new(vec![first.clone(), second.clone()], *backend);
        let accept =
            |leaf: &Certificate, now| store.accept(leaf, now).map(|trusted| trusted.public_key().clone());
        for _ in 0..2 {
            for pinned in [&first, &second] {
                let known = store.certificate(pinned.der()).unwrap();
                assert_eq!(known, *pinned);
                assert_eq!(accept(&known, now()).unwrap().spki_der(), pinned.spki_der());
                let late = accept(&known, now() + Duration::from_secs(400 * DAY)).unwrap_err();
                assert_eq!(ksz_error::reason(&late), "CertificateExpired");
            }
        }
        let mut other = first.der().to_vec();
        *other.last_mut().unwrap() ^= 1;
        let other = store.certificate(&other).unwrap();
        assert_eq!(ksz_error::reason(&accept(&other, now()).unwrap_err()), "UnknownIssuer");
        assert!(store.certificate(&first.der()[1..]).is_err());
    }
}

#[test]
fn a_name_with_many_values_in_one_place_is_refused_before_it_is_sorted() {
    let root = Authority::root(|_| ());
    let long = CertificateParams::new(vec![["a"; 60].concat(), ["b"; 60].concat(), ["c"; 60].concat()]);
    let long = long.unwrap().subject_alt_names;
    let der = root.leaf(|params| params.subject_alt_names = long).der().to_vec();
    let place = der.windows(4).position(|window| window == b"Leaf").unwrap() - 11;
    assert_eq!(der[place], 0x31, "the SET of the one relative distinguished name");
    let value = &der[place + 2..place + 2 + usize::from(der[place + 1])];
    let many = value.repeat(12);
    let set = [&[0x31, 0x81, u8::try_from(many.len()).unwrap()][..], &many].concat();
    let grown = splice(&der, place, set);
    assert_eq!(
        Certificate::from_der(&grown),
        Err(Error::NotCertificate { detail: "a name with many values in one place".into() })
    );
    let huge = vec![0x30; 20_000];
    assert!(matches!(Certificate::from_der(&huge), Err(Error::NotCertificate { .. })));
}

/// Puts `set` in place of the SET at `place`, and mends the lengths around it: name, to-be-signed part, certificate.
fn splice(der: &[u8], place: usize, set: Vec<u8>) -> Vec<u8> {
    let old = 2 + usize::from(der[place + 1]);
    let name = place - 2;
    assert_eq!(der[name], 0x30);
    let long = |length: usize| {
        let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
        [0x30, 0x82, high, low]
    };
    let (tbs_header, tail) = (&der[4..8], &der[place + old..]);
    assert_eq!((der[0], tbs_header[0], tbs_header[1]), (0x30, 0x30, 0x82));
    let tbs_length = usize::from(u16::from_be_bytes([tbs_header[2], tbs_header[3]]));
    let behind_tbs = 8 + tbs_length - (place + old);
    let new_name = [&[0x30, 0x81, u8::try_from(set.len()).unwrap()][..], &set].concat();
    let tbs = [&der[8..name], &new_name, &tail[..behind_tbs]].concat();
    let rest = [&long(tbs.len())[..], &tbs, &tail[behind_tbs..]].concat();
    [&long(rest.len())[..], &rest].concat()
}
