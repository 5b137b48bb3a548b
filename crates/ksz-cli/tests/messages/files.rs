//! Files that are too large, and readers that go away.

use crate::pki::{Authority, EC};
use crate::program::{ENVELOPE, Folder, command, ksz};
use std::fs::File;
use std::io::Read;

#[test]
fn a_file_over_64_mib_is_refused_before_it_is_read() {
    let folder = Folder::new();
    let file = folder.path("large.xml");
    File::create(&file).unwrap().set_len(64 * 1024 * 1024 + 1).unwrap();
    let authority = Authority::root("Root");
    let root = folder.write("root.pem", authority.pem());
    let identity = folder.write("identity.pem", authority.signer("Hospital", EC).identity());

    let canonical = ksz(["c14n", &file]);
    let signed = ksz(["sign", "--profile", "x509", "--identity", &identity, &file]);
    let verified = ksz(["verify", "--profile", "x509", "--anchor", &root, "--json", &file]);

    for run in [canonical, signed] {
        assert_eq!((run.code, run.stdout.as_str()), (Some(3), ""));
        assert_eq!(run.stderr, format!("ksz: {file}: more than 67108864 octets\n"));
    }
    assert_eq!(verified.refusal(), ("limit".into(), "LimitExceeded".into()));
}

#[test]
fn any_other_file_that_is_too_large_is_a_misuse_of_that_file() {
    let folder = Folder::new();
    let large = folder.path("large.bin");
    File::create(&large).unwrap().set_len(64 * 1024 * 1024 + 1).unwrap();
    let authority = Authority::root("Root");
    let root = folder.write("root.pem", authority.pem());
    let identity = folder.write("identity.pem", authority.signer("Hospital", EC).identity());
    let envelope = folder.write("envelope.xml", ENVELOPE);

    let verify = ["verify", "--json", &envelope, "--profile"];
    let sign = ["sign", &envelope, "--identity"];
    for arguments in [
        [&verify[..], &["x509", "--anchor", &large]].concat(),
        [&verify[..], &["x509", "--anchor", &root, "--intermediates", &large]].concat(),
        [&verify[..], &["x509", "--anchor", &root, "--crl", &large]].concat(),
        [&verify[..], &["saml-hok", "--sts-anchor", &large]].concat(),
        [&verify[..], &["rstr", "--sts-anchor", &root, "--own-cert", &large]].concat(),
        [&sign[..], &[&large, "--profile", "x509"]].concat(),
        [&sign[..], &[&identity, "--profile", "saml-hok", "--assertion", &large]].concat(),
    ] {
        let run = ksz(&arguments);

        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert_eq!(run.stderr, format!("ksz: {large}: more than 67108864 octets\n"), "{arguments:?}");
    }
}

#[test]
fn a_file_name_writes_no_second_line() {
    let run = ksz(["c14n", "absent\nksz: accepted"]);

    assert_eq!(run.code, Some(2));
    assert_eq!(run.stderr, "ksz: absent\\nksz: accepted: no such file\n");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::new();
    let file = folder.write("large.xml", format!("<a>{}</a>", "text ".repeat(1_000_000)));
    let mut child = command(["c14n", &file]).spawn().unwrap();

    let mut first = [0; 3];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();

    assert_eq!(&first, b"<a>");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}
