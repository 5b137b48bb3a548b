use crate::Certificate;
use x509_cert::der::asn1::OctetString;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier};
use x509_cert::name::Name;

/// The longest chain, root and own certificate included. Those of the services have four certificates at most.
const LONGEST: usize = 16;

/// Certificates among which the issuers of others are looked for.
pub(crate) struct Issuers {
    certificates: Vec<Certificate>,
    links: Vec<Link>,
}

impl Issuers {
    pub(crate) fn among(certificates: Vec<Certificate>) -> Self {
        let links = certificates.iter().map(Link::of).collect();
        Self { certificates, links }
    }

    /// A certificate and those above it, each followed by its issuer, as far as they are here, and no more than
    /// [`LONGEST`].
    ///
    /// Issuers are found by their names and key identifiers (RFC 5280 section 4.2.1.1), which says how to order a
    /// chain and not whether to believe it.
    pub(crate) fn chain_of(&self, leaf: Certificate) -> Vec<Certificate> {
        let mut last = &Link::of(&leaf);
        let mut chain = vec![leaf];
        while chain.len() < LONGEST {
            let Some(at) = last.issuer_among(&self.links) else { break };
            if chain.contains(&self.certificates[at]) {
                break;
            }
            chain.push(self.certificates[at].clone());
            last = &self.links[at];
        }
        chain
    }
}

/// What leads from a certificate to its issuer.
struct Link {
    subject: Name,
    issuer: Name,
    subject_key: Option<OctetString>,
    authority_key: Option<OctetString>,
}

impl Link {
    /// A key identifier that cannot be read is as good as none.
    fn of(certificate: &Certificate) -> Self {
        let tbs = certificate.decoded().tbs_certificate;
        let subject_key = tbs.get::<SubjectKeyIdentifier>().ok().flatten();
        let authority_key = tbs.get::<AuthorityKeyIdentifier>().ok().flatten();
        Self {
            subject_key: subject_key.map(|(_, id)| id.0),
            authority_key: authority_key.and_then(|(_, id)| id.key_identifier),
            subject: tbs.subject,
            issuer: tbs.issuer,
        }
    }

    /// The place of the issuer; where several bear its name, of one that also bears its key identifier.
    fn issuer_among(&self, links: &[Self]) -> Option<usize> {
        let named = |other: &Self| self.issuer == other.subject;
        let same_key = |other: &Self| self.authority_key.is_some() && self.authority_key == other.subject_key;
        let another_key =
            |other: &Self| self.authority_key.is_some() && other.subject_key.is_some() && !same_key(other);
        let position =
            |fits: &dyn Fn(&Self) -> bool| links.iter().position(|other| named(other) && fits(other));
        position(&same_key).or_else(|| position(&|other| !another_key(other)))
    }
}

#[cfg(test)]
#[cfg(feature = "aws-lc")]
mod tests {
    use super::*;
    use crate::certificates_from_pem;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

    fn authority(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.use_authority_key_identifier_extension = true;
        params
    }

    fn ordered(leaf: Certificate, others: &[Certificate]) -> Vec<Certificate> {
        Issuers::among(others.to_vec()).chain_of(leaf)
    }

    fn read(pem: &str) -> Certificate {
        certificates_from_pem(pem.as_bytes()).unwrap().remove(0)
    }

    #[test]
    fn a_chain_is_ordered_whatever_stands_around_it() {
        let key = || KeyPair::generate().unwrap();
        let root = CertifiedIssuer::self_signed(authority("Root"), key()).unwrap();
        let issuing = CertifiedIssuer::signed_by(authority("Issuing"), key(), &root).unwrap();
        let namesake = CertifiedIssuer::signed_by(authority("Issuing"), key(), &root).unwrap();
        let stranger = CertifiedIssuer::self_signed(authority("Stranger"), key()).unwrap();
        let leaf = authority("Leaf").signed_by(&key(), &issuing).unwrap().pem();
        let [root, issuing, namesake, stranger, leaf] =
            [root.pem(), issuing.pem(), namesake.pem(), stranger.pem(), leaf].map(|pem| read(&pem));

        let others = [namesake, stranger, root.clone(), leaf.clone(), issuing.clone()];

        assert_eq!(ordered(leaf.clone(), &others), [leaf, issuing, root.clone()]);
        assert_eq!(ordered(root.clone(), &others), [root]);
    }

    #[test]
    fn authorities_that_issue_each_other_end_the_chain() {
        let [a, b] = [KeyPair::generate().unwrap(), KeyPair::generate().unwrap()];
        let issuer = |name, key| rcgen::Issuer::new(authority(name), key);
        let [pem_a, pem_b] = [
            authority("A").signed_by(&a, &issuer("B", &b)).unwrap().pem(),
            authority("B").signed_by(&b, &issuer("A", &a)).unwrap().pem(),
        ];
        let [a, b] = [read(&pem_a), read(&pem_b)];

        assert_eq!(ordered(a.clone(), &[a.clone(), b.clone()]), [a, b]);
    }

    #[test]
    fn a_chain_without_end_is_cut() {
        let key = KeyPair::generate().unwrap();
        let named = |number: usize| authority(&number.to_string());
        let issued_by_next = |number| {
            let issuer = rcgen::Issuer::new(named(number + 1), &key);
            read(&named(number).signed_by(&key, &issuer).unwrap().pem())
        };
        let others: Vec<_> = (0..LONGEST + 4).map(issued_by_next).collect();

        assert_eq!(ordered(others[0].clone(), &others), others[..LONGEST]);
        assert_eq!(ordered(others[8].clone(), &others), others[8..]);
    }
}
