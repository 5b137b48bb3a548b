use crate::fixture::{Client, SHARED};
use ksz_pki::{Backend, Identity};
use ksz_sim::{Error, Options, Simulator};
use toml::Table;

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = SHARED.addresses().ksz_soap;

    let error = Simulator::start(Options::default().port_base(taken.port())).await.unwrap_err();

    let Error::Listen { address, .. } = error else { panic!("{error:?}") };
    assert_eq!(address, taken.to_string());
}

#[tokio::test]
async fn a_base_without_room_above_is_refused() {
    let error = Simulator::start(Options::default().port_base(65_533)).await.unwrap_err();

    assert_eq!(error, Error::PortBase { base: 65_533, needed: 4 });
}

#[tokio::test]
async fn the_files_say_the_same_as_the_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("new");
    SHARED.write_to(&folder).unwrap();

    let path = SHARED.write_to(&folder).unwrap();

    let mut files: Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
    assert_eq!(path, folder.join("ksz.toml"));
    assert_eq!(files["tls"]["roots"].as_array().unwrap()[0].as_str(), Some("root.pem"));
    assert_eq!(files["oauth"]["key"].as_str(), Some("client-rsa.pem"));
    for section in files.iter_mut().filter_map(|(_, section)| section.as_table_mut()) {
        for (_, entry) in section.iter_mut() {
            let names = match entry {
                toml::Value::Array(entries) => entries.as_mut_slice(),
                entry => std::slice::from_mut(entry),
            };
            for value in names {
                if let Some(name) = value.as_str().filter(|text| text.ends_with(".pem")) {
                    *value = std::fs::read_to_string(folder.join(name)).unwrap().into();
                }
            }
        }
    }
    assert_eq!(files, Client::shared().configuration);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let identity = directory.path().join("client-rsa.pem");
    std::fs::write(&identity, "of somebody else").unwrap();

    SHARED.write_to(directory.path()).unwrap();

    assert!(Identity::from_pem(&std::fs::read(identity).unwrap(), Backend::default()).is_ok());
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
    }
}

#[tokio::test]
async fn files_that_cannot_be_written_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();

    let error = SHARED.write_to(&file).unwrap_err();

    assert!(matches!(error, Error::Write { .. }), "{error:?}");
}

#[test]
fn nothing_secret_is_printed() {
    assert!(!format!("{:?}", *SHARED).contains("KEY"));
}
