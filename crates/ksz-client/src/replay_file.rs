use crate::Error;
use ksz_error::mask_name;
use ksz_pki::Digest;
use ksz_wss::ReplayGuard;
use std::collections::HashMap;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Fewer expired lines than this are not worth a rewrite.
const FEW: usize = 1_000;
/// The octets of the longest line.
const LINE: u64 = 86;

/// A replay guard that outlives the process and is shared between processes of one machine.
///
/// The file holds a line for each message: its digest in hexadecimal, a space, and until when it is remembered, in
/// seconds since 1970. Lines are appended and reach the disk before a message is accepted. A last line that a
/// crash tore apart counts for nothing: its message was not accepted. Processes take turns by a lock on a second
/// file, `FILE.lock`; the first can then be replaced when most of its lines have expired. What others appended is read
/// at each turn, so the work for a message does not grow with the file.
///
/// ```
/// use ksz_client::FileReplayGuard;
/// use ksz_wss::{Error, ReplayGuard};
/// # use ksz_pki::Digest;
/// # use std::time::{Duration, SystemTime};
/// # let folder = tempfile::tempdir().unwrap();
/// # let (path, message, now) = (folder.path().join("replay"), Digest::sha256(b"message"), SystemTime::now());
/// let guard = FileReplayGuard::open(&path, FileReplayGuard::CAPACITY)?;
/// let until = now + Duration::from_secs(300);
/// assert_eq!(guard.remember(&message, until, now), Ok(()));
/// assert_eq!(guard.remember(&message, until, now), Err(Error::Replayed));
/// # Ok::<(), ksz_client::Error>(())
/// ```
#[derive(Debug)]
pub struct FileReplayGuard {
    path: PathBuf,
    capacity: usize,
    known: Mutex<Known>,
}

impl FileReplayGuard {
    /// A capacity for most receivers: messages that have not expired, some 150 octets of memory each.
    pub const CAPACITY: usize = 100_000;

    /// The guard of a file, which is made if it is not there. When it remembers `capacity` messages that have not expired,
    /// it refuses.
    ///
    /// # Errors
    ///
    /// [`Error::ReplayFile`] if the file cannot be written, or was not written by a guard: then it is left as it is.
    pub fn open(path: &Path, capacity: usize) -> Result<Self, Error> {
        let guard = Self { path: path.to_owned(), capacity, known: Mutex::default() };
        let file = masked(path);
        let refuse = |detail: String| Error::NotReplayFile { file: file.clone(), detail };
        let failed = |error: io::Error| Error::ReplayFile { file: file.clone(), why: error.kind() };
        match fs::metadata(path) {
            Ok(found) if !found.is_file() => return Err(refuse("it is no regular file".into())),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let _turn = guard.turn().map_err(failed)?;
        let mut file = guard.writable().map_err(failed)?;
        guard.lock().read(&mut file, guard.most_octets()).map_err(failed)?.map_err(refuse)?;
        Ok(guard)
    }

    /// A file beyond this was not written by guards of this capacity: before it has twice as many lines as messages, and a
    /// few, it is swept.
    fn most_octets(&self) -> u64 {
        let lines = u64::try_from(self.capacity.max(FEW)).unwrap_or(u64::MAX);
        lines.saturating_mul(8 * LINE)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
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

impl ReplayGuard for FileReplayGuard {
    fn remember(&self, message: &Digest, until: SystemTime, now: SystemTime) -> Result<(), ksz_wss::Error> {
        let failed = |detail: String| ksz_wss::Error::ReplayGuardFailed {
            detail: format!("{}: {detail}", masked(&self.path)),
        };
        let io_failed = |error: io::Error| failed(error.kind().to_string());
        let mut known = self.lock();
        let _turn = self.turn().map_err(io_failed)?;
        let mut file = self.writable().map_err(io_failed)?;
        known.read(&mut file, self.most_octets()).map_err(io_failed)?.map_err(failed)?;
        let (message, now) = (message.to_hex(), seconds_since_epoch(now));
        if known.messages.get(&message).is_some_and(|until| *until > now) {
            return Err(ksz_wss::Error::Replayed);
        }
        let is_full = known.messages.len() >= self.capacity;
        let is_rewritten = (is_full || known.lines >= known.next_sweep) && known.sweep(now);
        if known.messages.len() >= self.capacity {
            return Err(ksz_wss::Error::ReplayGuardFull { capacity: self.capacity });
        }
        // A second more than asked for: the file knows whole seconds only.
        let until = seconds_since_epoch(until).saturating_add(1);
        let line = format!("{message} {until}\n");
        if is_rewritten {
            drop(file);
            self.replace(&(known.text() + &line)).map_err(io_failed)?;
            *known = Known::default();
            return Ok(());
        }
        file.set_len(known.end).map_err(io_failed)?;
        file.seek(SeekFrom::Start(known.end)).map_err(io_failed)?;
        file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).map_err(io_failed)?;
        known.end += line.len() as u64;
        known.lines += 1;
        known.messages.insert(message, until);
        Ok(())
    }
}

/// Files bear the names of certificates, and those the numbers of persons.
fn masked(path: &Path) -> String {
    mask_name(&path.display().to_string())
}

fn seconds_since_epoch(instant: SystemTime) -> u64 {
    instant.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// What is known of a file, up to the end of its last whole line.
#[derive(Debug, Default)]
struct Known {
    /// The file that was read, kept open so that no other is taken for it: another may have its name.
    file: Option<File>,
    end: u64,
    lines: usize,
    /// With so many lines, expired ones are looked for.
    next_sweep: usize,
    /// Until when each message is remembered.
    messages: HashMap<String, u64>,
}

impl Known {
    /// Reads what was appended since, or all of another file; why it is no replay file, if it is none.
    fn read(&mut self, file: &mut File, most_octets: u64) -> io::Result<Result<(), String>> {
        let metadata = file.metadata()?;
        let read = self.file.as_ref().map(File::metadata).transpose()?;
        if !read.is_some_and(|read| are_one_file(&read, &metadata)) || metadata.len() < self.end {
            *self = Self { file: Some(file.try_clone()?), next_sweep: 2 * FEW, ..Self::default() };
        }
        if metadata.len() > most_octets {
            return Ok(Err(format!("more than {most_octets} octets")));
        }
        file.seek(SeekFrom::Start(self.end))?;
        let mut octets = Vec::new();
        file.take(most_octets).read_to_end(&mut octets)?;
        Ok(self.take(&octets))
    }

    fn take(&mut self, octets: &[u8]) -> Result<(), String> {
        let whole = octets.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
        let (whole, torn) = octets.split_at(whole);
        let wrong = |line: usize| format!("line {line} is not a digest and a time");
        for line in whole.split_inclusive(|octet| *octet == b'\n') {
            let message = message_of(line).ok_or_else(|| wrong(self.lines + 1))?;
            self.messages.insert(message.0.to_owned(), message.1);
            self.lines += 1;
            self.end += line.len() as u64;
        }
        if is_torn(torn) { Ok(()) } else { Err(wrong(self.lines + 1)) }
    }

    /// Forgets what has expired; whether the file is to be written anew.
    fn sweep(&mut self, now: u64) -> bool {
        self.messages.retain(|_, until| *until > now);
        let alive = self.messages.len();
        self.next_sweep = self.lines.max(FEW) * 2;
        self.lines - alive > alive.max(FEW)
    }

    fn text(&self) -> String {
        self.messages.iter().map(|(message, until)| format!("{message} {until}\n")).collect()
    }
}

/// Whether two open files are one; where the system does not tell, the file is read anew each time.
#[cfg(unix)]
fn are_one_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
const fn are_one_file(_: &Metadata, _: &Metadata) -> bool {
    false
}

/// The message of a whole line, and until when it is remembered.
fn message_of(line: &[u8]) -> Option<(&str, u64)> {
    let line = line.strip_suffix(b"\n")?;
    let (digest, until) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    let until = until.parse().ok()?;
    (digest.len() == 64 && is_torn(line)).then_some((digest, until))
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
    use ksz_wss::Error::{ReplayGuardFailed, ReplayGuardFull, Replayed};

    #[test]
    fn a_message_is_remembered_by_the_next_process_until_it_expires() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (guard(&folder, 2), guard(&folder, 2));
        let [a, b, c] = digests();

        assert_eq!(one.remember(&a, at(10), at(0)), Ok(()));
        assert_eq!(other.remember(&a, at(10), at(9)), Err(Replayed));
        assert_eq!(other.remember(&b, at(20), at(9)), Ok(()));
        assert_eq!(one.remember(&c, at(20), at(9)), Err(ReplayGuardFull { capacity: 2 }));
        assert_eq!(one.remember(&c, at(20), at(11)), Ok(()));
        assert_eq!(guard(&folder, 9).remember(&c, at(20), at(11)), Err(Replayed));
    }

    #[test]
    fn a_file_cut_at_any_octet_forgets_no_whole_line() {
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
    fn many_expired_lines_are_dropped_and_whoever_has_the_file_open_sees_it() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, c] = digests();
        let other = guard(&folder, 9);
        assert_eq!(other.remember(&c, at(30), at(1)), Ok(()));
        let expired = format!("{} 5\n", a.to_hex()).repeat(2 * FEW);
        fs::write(path(&folder), expired).unwrap();

        assert_eq!(guard(&folder, 9).remember(&b, at(20), at(10)), Ok(()));

        assert_eq!(fs::read_to_string(path(&folder)).unwrap(), format!("{} 21\n", b.to_hex()));
        assert_eq!(other.remember(&b, at(20), at(10)), Err(Replayed));
        assert_eq!(other.remember(&a, at(20), at(10)), Ok(()));
        assert_eq!(guard(&folder, 9).remember(&a, at(20), at(10)), Err(Replayed));
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

            let refusal = FileReplayGuard::open(&path(&folder), 9).unwrap_err();

            let detail = format!("line {wrong} is not a digest and a time");
            let path = path(&folder);
            assert_eq!(refusal, Error::NotReplayFile { file: masked(&path), detail }, "{text}");
            assert_eq!(fs::read_to_string(path).unwrap(), text);
        }
        let refusal = FileReplayGuard::open(folder.path(), 9).unwrap_err();
        assert!(matches!(refusal, Error::NotReplayFile { .. }), "{refusal}");
    }

    #[test]
    fn a_guard_that_cannot_write_accepts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("away");
        fs::create_dir(&inside).unwrap();
        let guard = FileReplayGuard::open(&inside.join("replay"), 9).unwrap();
        fs::remove_dir_all(&inside).unwrap();

        let refusal = guard.remember(&digests()[0], at(20), at(10));

        assert!(matches!(refusal, Err(ReplayGuardFailed { .. })), "{refusal:?}");
    }

    #[test]
    fn of_many_at_once_one_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let shared = guard(&folder, 9);
        let accepted: usize = std::thread::scope(|scope| {
            let own = || guard(&folder, 9).remember(&digests()[0], at(20), at(10)).is_ok();
            let common = || shared.remember(&digests()[0], at(20), at(10)).is_ok();
            let guards: Vec<_> =
                (0..8).map(|n| scope.spawn(move || if n % 2 == 0 { own() } else { common() })).collect();
            guards.into_iter().map(|guard| usize::from(guard.join().unwrap())).sum()
        });

        assert_eq!(accepted, 1);
    }

    fn guard(folder: &tempfile::TempDir, capacity: usize) -> FileReplayGuard {
        FileReplayGuard::open(&path(folder), capacity).unwrap()
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
