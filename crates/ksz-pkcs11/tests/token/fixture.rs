//! A token with keys and certificates.

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, CertificateType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use ksz_pkcs11::{Module, OpenToken};
use ksz_pki::{Certificate, Password, certificates_from_pem};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SignatureAlgorithm,
};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const LABEL: &str = "ksz test";
pub(crate) const PIN: &str = "2468";
/// Where the folder of the token stands in the environment of the second process.
const FOLDER: &str = "KSZ_TEST_TOKEN";
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

/// Runs `body` with a token, in a process of its own. `test` is the whole name of the test that calls.
pub(crate) fn with_token(test: &str, body: impl FnOnce(&Fixture)) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return body(&Fixture { folder: folder.into() });
    }
    let Some(module) = installed_module() else {
        let _ = writeln!(std::io::stderr(), "skipped: {test} needs SoftHSM, which is not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let fixture = Fixture { folder: folder.path().to_owned() };
    fixture.make(&module);
    let again = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder.path())
        .env("SOFTHSM2_CONF", fixture.path("softhsm2.conf"))
        .output()
        .unwrap();
    let text = |octets| String::from_utf8_lossy(octets).into_owned();
    let (stdout, stderr) = (text(&again.stdout), text(&again.stderr));
    assert!(again.status.success() && stdout.contains("1 passed"), "{stdout}\n{stderr}");
}

fn installed_module() -> Option<PathBuf> {
    let found = MODULES.iter().map(PathBuf::from).find(|module| module.is_file());
    found.filter(|_| Command::new("softhsm2-util").arg("--version").output().is_ok())
}

/// A folder with a token, and what is known of it.
pub(crate) struct Fixture {
    folder: PathBuf,
}

impl Fixture {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// An empty token.
    fn make(&self, module: &Path) {
        std::fs::create_dir(self.path("tokens")).unwrap();
        let tokens = self.path("tokens").display().to_string();
        self.write("softhsm2.conf", format!("directories.tokendir = {tokens}\nlog.level = ERROR\n"));
        self.write("module", module.to_str().unwrap());
        self.util(&["--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "13579"]);
    }

    pub(crate) fn util(&self, arguments: &[&str]) {
        let mut command = Command::new("softhsm2-util");
        let output =
            command.args(arguments).env("SOFTHSM2_CONF", self.path("softhsm2.conf")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn module_path(&self) -> PathBuf {
        std::fs::read_to_string(self.path("module")).unwrap().into()
    }

    /// Puts a private key into the token.
    pub(crate) fn import(&self, key: &KeyPair, label: &str, id: &str) {
        let pem = self.write("import.pem", key.serialize_pem());
        let key = ["--import", pem.to_str().unwrap(), "--label", label, "--id", id];
        self.util(&[&key[..], &["--token", LABEL, "--pin", PIN]].concat());
    }

    /// Does something with the token that the library under test does not do.
    pub(crate) fn prepare(&self, work: impl FnOnce(&Session)) {
        let context = Pkcs11::new(self.module_path()).unwrap();
        context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
        let slot = context.get_slots_with_initialized_token().unwrap()[0];
        let session = context.open_rw_session(slot).unwrap();
        session.login(UserType::User, Some(&AuthPin::new(PIN.into()))).unwrap();
        work(&session);
    }

    /// The token, logged in.
    pub(crate) fn open(&self) -> OpenToken {
        let module = Module::load(&self.module_path()).unwrap();
        module.token(LABEL).unwrap().open(|_| Some(Password::new(PIN.into()))).unwrap()
    }
}

/// Writes a certificate into the token.
pub(crate) fn store(session: &Session, certificate: &Certificate) {
    let object = [
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
        Attribute::Subject(certificate.subject().as_bytes().to_vec()),
        Attribute::Value(certificate.der().to_vec()),
    ];
    session.create_object(&object).unwrap();
}

/// Makes a key in the token that may not sign, or that wants its PIN each time.
pub(crate) fn generate(session: &Session, label: &str, property: Attribute) {
    let public = [Attribute::Token(true), Attribute::EcParams(P256.to_vec())];
    let private = [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Label(label.as_bytes().to_vec()),
        property,
    ];
    session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private).unwrap();
}

const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// A root, an authority below it, and what that issues.
pub(crate) struct Authorities {
    root: CertifiedIssuer<'static, KeyPair>,
    issuing: CertifiedIssuer<'static, KeyPair>,
}

impl Authorities {
    pub(crate) fn new() -> Self {
        let key = || key(&PKCS_ECDSA_P256_SHA256);
        let root = CertifiedIssuer::self_signed(authority("Root"), key()).unwrap();
        let issuing = CertifiedIssuer::signed_by(authority("Issuing"), key(), &root).unwrap();
        Self { root, issuing }
    }

    pub(crate) fn certificate(&self, name: &str, key: &KeyPair) -> Certificate {
        let mut params = named(name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        read(&params.signed_by(key, &self.issuing).unwrap().pem())
    }

    /// The root first.
    pub(crate) fn certificates(&self) -> [Certificate; 2] {
        [read(&self.root.pem()), read(&self.issuing.pem())]
    }
}

pub(crate) fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).unwrap()
}

fn read(pem: &str) -> Certificate {
    certificates_from_pem(pem.as_bytes()).unwrap().remove(0)
}

fn authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
