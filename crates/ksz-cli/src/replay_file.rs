use crate::error::{Error, told};
use crate::input::FileName;
use ksz::pki::Digest;
use ksz::wss::ReplayGuard;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How many messages that have not expired are remembered.
const CAPACITY: usize = 100_000;
/// Fewer expired lines than this are not worth a rewrite.
const FEW: usize = 1_000;
/// A file beyond this was not written here: at most as many expired lines as others, and those few.
const MOST_OCTETS: u64 = 32 * 1024 * 1024;

/// A replay guard that outlives the process and is shared between processes.
///
/// The file holds a line for each message: its digest in hexadecimal, a space, and until when it is remembered, in
/// seconds since 1970. Lines are appended and reach the disk before a message is accepted. A last line that a
/// crash tore apart counts for nothing: its message was not accepted. Processes take turns by a lock on a second
/// file, `FILE.lock`; the first can then be replaced when most of its lines have expired.
#[derive(Debug)]
pub(crate) struct ReplayFile {
    name: FileName,
    path: PathBuf,
    capacity: usize,
}

impl ReplayFile {
    /// The guard of a file, which is made if it is not there. Another kind of file is refused, not written to.
    pub(crate) fn open(name: &FileName) -> Result<Self, Error> {
        Self::with_capacity(name, CAPACITY)
    }

    fn with_capacity(name: &FileName, capacity: usize) -> Result<Self, Error> {
        let not = |detail: &str| Error::NotReplayCache { file: name.clone(), detail: detail.into() };
        let path = name.path().ok_or_else(|| not("it is written to"))?.to_owned();
        let guard = Self { name: name.clone(), path, capacity };
        let unwritable = |error: io::Error| Error::Unwritable { file: name.clone(), why: error.kind() };
        match fs::metadata(&guard.path) {
            Ok(found) if !found.is_file() => return Err(not("it is no regular file")),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(error)),
            _ => {}
        }
        let _turn = guard.turn().map_err(unwritable)?;
        let mut file = guard.writable().map_err(unwritable)?;
        Lines::read(&mut file).map_err(unwritable)?.map_err(|detail| not(&detail))?;
        Ok(guard)
    }

    /// Waits until no other process is at work; the turn ends when the answer is dropped.
    fn turn(&self) -> io::Result<File> {
        let lock = OpenOptions::new().create(true).append(true).open(self.beside(".lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    fn writable(&self) -> io::Result<File> {
        let is_new = !self.path.exists();
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.path)?;
        if is_new {
            self.sync_folder();
        }
        Ok(file)
    }

    /// Remembers a message, whose turn it is.
    fn append(&self, mut file: File, lines: &Lines<'_>, line: &str, now: u64) -> io::Result<()> {
        let alive = lines.alive(now).count();
        if lines.all().count() - alive > alive.max(FEW) {
            let kept: String = lines.alive(now).flat_map(|kept| [kept, "\n"]).chain([line]).collect();
            drop(file);
            return self.replace(&kept);
        }
        let end = lines.text.len() as u64;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        file.write_all(line.as_bytes())?;
        file.sync_data()
    }

    /// Puts a new file in the place of the old one, so that a crash leaves one of the two.
    fn replace(&self, text: &str) -> io::Result<()> {
        let path = self.beside(".new");
        let mut file = File::create(&path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&path, &self.path)?;
        self.sync_folder();
        Ok(())
    }

    /// Makes a new name durable, on systems where folders can be opened.
    fn sync_folder(&self) {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
            let _ = folder.sync_all();
        }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(ending);
        path.into()
    }
}

impl ReplayGuard for ReplayFile {
    fn remember(&self, message: &Digest, until: SystemTime, now: SystemTime) -> Result<(), ksz::wss::Error> {
        let failed =
            |detail: &str| ksz::wss::Error::ReplayGuardFailed { detail: format!("{}: {detail}", self.name) };
        let io_failed = |error: io::Error| failed(&told(&error.kind()));
        let _turn = self.turn().map_err(io_failed)?;
        let mut file = self.writable().map_err(io_failed)?;
        let text = Lines::read(&mut file).map_err(io_failed)?.map_err(|detail| failed(&detail))?;
        let lines = Lines { text: &text };
        let (message, now) = (message.to_hex(), seconds_since_epoch(now));
        if lines.alive(now).any(|line| line.starts_with(&message)) {
            return Err(ksz::wss::Error::Replayed);
        }
        if lines.alive(now).count() >= self.capacity {
            return Err(ksz::wss::Error::ReplayGuardFull { capacity: self.capacity });
        }
        // A second more than asked for: the file knows whole seconds only.
        let line = format!("{message} {}\n", seconds_since_epoch(until).saturating_add(1));
        self.append(file, &lines, &line, now).map_err(io_failed)
    }
}

fn seconds_since_epoch(instant: SystemTime) -> u64 {
    instant.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// The whole lines of a replay file.
struct Lines<'t> {
    text: &'t str,
}

impl<'t> Lines<'t> {
    /// The text of the file up to its last line feed; why it is no replay file, if it is none.
    fn read(file: &mut File) -> io::Result<Result<String, String>> {
        let mut octets = Vec::new();
        file.take(MOST_OCTETS + 1).read_to_end(&mut octets)?;
        if octets.len() as u64 > MOST_OCTETS {
            return Ok(Err(format!("more than {MOST_OCTETS} octets")));
        }
        let end = octets.iter().rposition(|&octet| octet == b'\n').map_or(0, |at| at + 1);
        let torn = octets.split_off(end);
        let number = octets.iter().filter(|&&octet| octet == b'\n').count() + 1;
        let Ok(text) = String::from_utf8(octets) else { return Ok(Err("it is no text".into())) };
        let wrong = Lines { text: &text }.all().position(|line| until(line).is_none());
        let wrong = wrong.map(|index| index + 1).or((!is_torn(&torn)).then_some(number));
        Ok(match wrong {
            Some(line) => Err(format!("line {line} is not a digest and a time")),
            None => Ok(text),
        })
    }

    fn all(&self) -> impl Iterator<Item = &'t str> {
        self.text.lines()
    }

    /// The lines of messages that are still remembered.
    fn alive(&self, now: u64) -> impl Iterator<Item = &'t str> {
        self.all().filter(move |line| until(line).is_some_and(|until| until > now))
    }
}

/// Until when the message of a line is remembered, if it is one.
fn until(line: &str) -> Option<u64> {
    let (digest, until) = line.split_once(' ')?;
    let written = digest.len() == 64 && is_torn(line.as_bytes());
    until.parse().ok().filter(|_| written)
}

/// Whether a line begins like one that was being written.
fn is_torn(line: &[u8]) -> bool {
    line.iter().enumerate().all(|(at, octet)| match at {
        0..64 => matches!(octet, b'0'..=b'9' | b'a'..=b'f'),
        64 => *octet == b' ',
        65..85 => octet.is_ascii_digit(),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksz::wss::Error::{ReplayGuardFailed, ReplayGuardFull, Replayed};
    use std::ffi::OsString;

    #[test]
    fn a_message_is_remembered_by_the_next_process_until_it_expires() {
        let folder = tempfile::tempdir().unwrap();
        let guard = || guard(&folder, 2);
        let [a, b, c] = digests();

        assert_eq!(guard().remember(&a, at(10), at(0)), Ok(()));
        assert_eq!(guard().remember(&a, at(10), at(9)), Err(Replayed));
        assert_eq!(guard().remember(&b, at(20), at(9)), Ok(()));
        assert_eq!(guard().remember(&c, at(20), at(9)), Err(ReplayGuardFull { capacity: 2 }));
        assert_eq!(guard().remember(&c, at(20), at(11)), Ok(()));
    }

    #[test]
    fn a_torn_last_line_counts_for_nothing_and_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, _] = digests();
        let whole = format!("{} 1000\n", a.to_hex());
        let torn = format!("{whole}{} 10", b.to_hex());
        for length in whole.len()..torn.len() {
            fs::write(path(&folder), &torn[..length]).unwrap();

            assert_eq!(guard(&folder, 9).remember(&b, at(20), at(1)), Ok(()), "{length}");

            let text = fs::read_to_string(path(&folder)).unwrap();
            assert_eq!(text, format!("{whole}{} 21\n", b.to_hex()));
            assert_eq!(guard(&folder, 9).remember(&a, at(20), at(1)), Err(Replayed));
        }
    }

    #[test]
    fn many_expired_lines_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, _] = digests();
        let expired = format!("{} 5\n", a.to_hex()).repeat(FEW + 1);
        fs::write(path(&folder), expired).unwrap();

        assert_eq!(guard(&folder, 9).remember(&b, at(20), at(10)), Ok(()));

        assert_eq!(fs::read_to_string(path(&folder)).unwrap(), format!("{} 21\n", b.to_hex()));
        assert_eq!(guard(&folder, 9).remember(&b, at(20), at(10)), Err(Replayed));
    }

    #[test]
    fn another_file_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let line = format!("{} 7\n", digests()[0].to_hex());
        for (text, wrong) in [
            ("-----BEGIN CERTIFICATE-----\nYQ==\n", 1),
            ("a certificate without a line feed", 1),
            (&format!("{line}{line}{} \n", &line[..64]), 3),
            (&format!("{line}\n"), 2),
            (&format!("{line}{}", line.to_uppercase().trim()), 2),
        ] {
            fs::write(path(&folder), text).unwrap();

            let refusal = ReplayFile::open(&name(&folder)).unwrap_err();

            let detail = format!("line {wrong} is not a digest and a time");
            assert_eq!(refusal, Error::NotReplayCache { file: name(&folder), detail }, "{text}");
            assert_eq!(fs::read_to_string(path(&folder)).unwrap(), text);
        }
    }

    #[test]
    fn a_guard_that_cannot_write_accepts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("away");
        fs::create_dir(&inside).unwrap();
        let name = FileName::from(OsString::from(inside.join("replay")));
        let guard = ReplayFile::open(&name).unwrap();
        fs::remove_dir_all(&inside).unwrap();

        let refusal = guard.remember(&digests()[0], at(20), at(10));

        assert_eq!(refusal, Err(ReplayGuardFailed { detail: format!("{name}: no such file") }));
        let folder = FileName::from(OsString::from(folder.path()));
        let detail = "it is no regular file".into();
        assert_eq!(ReplayFile::open(&folder).unwrap_err(), Error::NotReplayCache { file: folder, detail });
    }

    #[test]
    fn of_many_at_once_one_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let accepted: usize = std::thread::scope(|scope| {
            let guards: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| guard(&folder, 9).remember(&digests()[0], at(20), at(10)).is_ok()))
                .collect();
            guards.into_iter().map(|guard| usize::from(guard.join().unwrap())).sum()
        });

        assert_eq!(accepted, 1);
    }

    fn guard(folder: &tempfile::TempDir, capacity: usize) -> ReplayFile {
        ReplayFile::with_capacity(&name(folder), capacity).unwrap()
    }

    fn name(folder: &tempfile::TempDir) -> FileName {
        FileName::from(OsString::from(path(folder)))
    }

    fn path(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("replay")
    }

    fn digests() -> [Digest; 3] {
        [b"a", b"b", b"c"].map(|octets| Digest::sha256(octets))
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }
}
