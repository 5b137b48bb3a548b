use http::Request;
use ksz_pki::{Backend, Certificate, Identity, SigningKey, TrustStore, certificates_from_pem};
use ksz_sim::{Options, Reason, Simulator};
use ksz_soap::{Envelope, Fault, Operation};
use ksz_sts::AssertionTrust;
use ksz_transport::{HttpClient, ServerTrust, SoapRequest};
use ksz_wss::{Ids, SigningOptions, sign_x509};
use ksz_xml::{Document, Limits};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;
use toml::{Table, Value};

/// One simulator for all tests that change nothing of it; keys take their time.
pub(crate) static SHARED: LazyLock<Simulator> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let simulator = std::thread::spawn(move || {
        let simulator = runtime.block_on(Simulator::start(Options::default())).unwrap();
        std::mem::forget(runtime);
        simulator
    });
    simulator.join().unwrap()
});

/// A client with the configuration that a simulator hands out.
pub(crate) struct Client {
    pub(crate) configuration: Table,
    pub(crate) http: HttpClient,
}

impl Client {
    pub(crate) fn shared() -> Self {
        Self::of(&SHARED)
    }

    pub(crate) fn of(simulator: &Simulator) -> Self {
        Self::shown(simulator, Some("tls.identity"))
    }

    /// A client that shows the certificate of this entry, or none.
    pub(crate) fn shown(simulator: &Simulator, identity: Option<&str>) -> Self {
        let configuration: Table = simulator.configuration().parse().unwrap();
        let roots = certificates(&configuration, "tls.roots");
        let mut builder = HttpClient::builder().server_trust(ServerTrust::Roots(roots));
        if let Some(entry) = identity {
            builder = builder.identity(identity_in(&configuration, entry));
        }
        Self { http: builder.build().unwrap(), configuration }
    }

    pub(crate) fn text(&self, entry: &str) -> &str {
        self.value(entry).as_str().unwrap()
    }

    pub(crate) fn identity(&self, entry: &str) -> Identity {
        identity_in(&self.configuration, entry)
    }

    pub(crate) fn key(&self, entry: &str) -> SigningKey {
        SigningKey::from_pem(self.text(entry).as_bytes(), Backend::default()).unwrap()
    }

    /// Whose signed answers the configuration believes.
    pub(crate) fn answer_trust(&self) -> TrustStore {
        TrustStore::new(certificates(&self.configuration, "ksz.answer_anchors"), Backend::default())
            .with_intermediates(certificates(&self.configuration, "ksz.answer_intermediates"))
    }

    /// Whose assertions the configuration believes.
    pub(crate) fn assertion_trust(&self) -> AssertionTrust {
        let pinned = certificates(&self.configuration, "ehealth.sts_certificates");
        AssertionTrust::new(self.text("ehealth.sts_issuer"), pinned, Backend::default())
    }

    pub(crate) fn value(&self, entry: &str) -> &Value {
        value(&self.configuration, entry)
    }

    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        self.http.send(request).await.unwrap()
    }

    /// Sends an envelope to the endpoint of this entry.
    pub(crate) async fn soap(&self, entry: &str, operation: Operation, envelope: &str) -> SoapAnswer {
        let request = SoapRequest::new(self.text(entry).parse().unwrap(), operation.action, envelope);
        SoapAnswer::of(self.send(request.into_http().unwrap()).await)
    }
}

/// An answer in SOAP.
#[derive(Debug)]
pub(crate) struct SoapAnswer {
    pub(crate) status: u16,
    pub(crate) envelope: String,
}

impl SoapAnswer {
    pub(crate) fn of(response: http::Response<Vec<u8>>) -> Self {
        let status = response.status().as_u16();
        assert_eq!(response.headers()["content-type"], "text/xml; charset=utf-8");
        Self { status, envelope: String::from_utf8(response.into_body()).unwrap() }
    }

    /// The fault, which comes with status 500.
    pub(crate) fn fault(&self) -> Fault {
        assert_eq!(self.status, 500, "{}", self.envelope);
        let document = Document::parse(self.envelope.as_bytes(), &Limits::default()).unwrap();
        match Envelope::find(&document).unwrap().payload() {
            Err(ksz_soap::Error::Fault { fault }) => *fault,
            other => panic!("no fault: {other:?}"),
        }
    }

    /// Reads the payload, which comes with status 200.
    pub(crate) fn read<T>(&self, read: impl FnOnce(ksz_xml::Element<'_>) -> T) -> T {
        assert_eq!(self.status, 200, "{}", self.envelope);
        let document = Document::parse(self.envelope.as_bytes(), &Limits::default()).unwrap();
        read(Envelope::find(&document).unwrap().payload().unwrap())
    }
}

/// Signs an envelope as somebody does who has this identity.
pub(crate) fn signed(envelope: &str, identity: &Identity, now: SystemTime) -> String {
    sign_x509(envelope.as_bytes(), identity, &ids(), now, &SigningOptions::default()).unwrap()
}

pub(crate) fn ids() -> Ids {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    Ids::new(&NEXT.fetch_add(1, Ordering::Relaxed).to_string()).unwrap()
}

/// The refusals that a simulator wrote down, newest last.
pub(crate) fn refusals(simulator: &Simulator) -> Vec<Reason> {
    simulator.journal().into_iter().filter_map(|record| record.refusal).collect()
}

/// Whether a refusal of this class and name was written down.
pub(crate) fn was_refused(simulator: &Simulator, class: &str, reason: &str) -> bool {
    refusals(simulator).iter().any(|refusal| refusal.class == Some(class) && refusal.reason == reason)
}

fn identity_in(configuration: &Table, entry: &str) -> Identity {
    let pem = value(configuration, entry).as_str().unwrap();
    Identity::from_pem(pem.as_bytes(), Backend::default()).unwrap()
}

fn certificates(configuration: &Table, entry: &str) -> Vec<Certificate> {
    let pems = value(configuration, entry).as_array().unwrap();
    pems.iter().flat_map(|pem| certificates_from_pem(pem.as_str().unwrap().as_bytes()).unwrap()).collect()
}

fn value<'c>(configuration: &'c Table, entry: &str) -> &'c Value {
    let (section, key) = entry.split_once('.').unwrap();
    &configuration[section][key]
}
