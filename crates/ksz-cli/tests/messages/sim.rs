//! The simulator, as long as it is needed.

use crate::program::{Folder, command};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;

#[test]
fn the_simulator_says_where_it_listens_and_writes_a_configuration() {
    let folder = Folder::new();
    let dir = folder.path("sim");
    let mut child = command(["sim", "--dir", &dir]).spawn().unwrap();
    let lines: Vec<String> =
        BufReader::new(child.stdout.take().unwrap()).lines().take(6).map(Result::unwrap).collect();
    let addresses: Vec<_> =
        lines[1..5].iter().map(|line| line.split("https://").nth(1).unwrap().to_owned()).collect();

    let reached = addresses.iter().all(|address| TcpStream::connect(address).is_ok());
    child.kill().unwrap();
    child.wait().unwrap();

    assert!(reached, "{lines:?}");
    assert_eq!(lines[5], format!("configuration: {dir}/ksz.toml"));
    assert!(fs::read_to_string(format!("{dir}/ksz.toml")).unwrap().contains(&addresses[0]));
}
