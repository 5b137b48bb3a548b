use ksz_pki::Sha256;

/// Where canonical octets go.
pub trait Sink {
    /// Takes the next octets.
    fn write(&mut self, octets: &[u8]);
}

impl Sink for Vec<u8> {
    fn write(&mut self, octets: &[u8]) {
        self.extend_from_slice(octets);
    }
}

impl Sink for Sha256 {
    fn write(&mut self, octets: &[u8]) {
        self.update(octets);
    }
}
