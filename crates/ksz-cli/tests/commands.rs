//! The command as its users see it: what it prints and how it ends.

#[test]
fn every_session_goes_as_written() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd");
}
