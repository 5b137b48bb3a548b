use super::seal::{LARGEST, Sealer, Unusable};
use super::{SessionLease, SessionStore, SessionStoreKey, StoreAnswer, StoredToken};
use crate::random::Random;
use crate::{Error, SessionKey};
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::runtime::Handle;

/// What the files are called that hold a token, that stand for a lease, and that are being written.
const ENTRY: &str = "session";
const LEASE: &str = "lease";
const NEW: &str = "new";
/// Files that stand for a lease, or were being written, are left over after this time.
const LEFT_OVER: Duration = Duration::from_secs(24 * 60 * 60);
/// How often the folder is swept at most by whoever saves.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(10 * 60);
/// How often somebody looks for a lease whose file is swept away meanwhile. Once is rare: the file was a day old.
const ATTEMPTS: usize = 3;

/// A store in a folder: a file for each session, encrypted, readable by its owner alone.
///
/// Processes of one machine may share it; they take turns by locks on files, which the system releases when a process
/// dies. A file for each session, because one file for all would be written anew, all of it, for each token.
///
/// An entry is written beside its place, made durable and then renamed, so a crash leaves the old entry or the new one. One
/// that is damaged all the same is no entry: another token is asked for. What has ended is removed when the store is
/// opened, and every ten minutes when something is saved.
#[derive(Clone)]
pub struct FileSessionStore {
    shared: Arc<Folder>,
}

struct Folder {
    path: PathBuf,
    sealer: Sealer,
    /// From when on whoever saves sweeps first.
    next_sweep: Mutex<Instant>,
}

impl FileSessionStore {
    /// The store of a folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// - [`Error::SessionStoreKeyMismatch`] if what it holds was written with another key.
    /// - [`Error::SessionStoreFailed`] if the folder can be neither made nor read.
    pub fn open(folder: &Path, key: &SessionStoreKey) -> Result<Self, Error> {
        let folder = Folder::new(folder.to_owned(), key)?;
        make_private(&folder.path).map_err(|error| failed(&error))?;
        let now = SystemTime::now();
        let found = folder.survey(now)?;
        if found.has_other_key {
            return Err(Error::SessionStoreKeyMismatch { store: "folder" });
        }
        folder.remove(&found.over, now);
        Ok(Self { shared: Arc::new(folder) })
    }

    /// Files are the matter of a thread that may wait.
    fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, Error> + Send + 'static,
    ) -> StoreAnswer<'static, T> {
        let folder = Arc::clone(&self.shared);
        Box::pin(async move {
            let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
            let done = runtime.spawn_blocking(move || work(&folder)).await;
            done.map_err(|_| Error::TokenRequestInterrupted)?
        })
    }
}

impl SessionStore for FileSessionStore {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn load<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, Option<StoredToken>> {
        let key = *key;
        self.work(move |folder| folder.load(&key))
    }

    fn save<'s>(&'s self, key: &'s SessionKey, token: &'s StoredToken) -> StoreAnswer<'s, ()> {
        let (key, token) = (*key, token.clone());
        self.work(move |folder| folder.save(&key, &token))
    }

    fn forget<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, ()> {
        let key = *key;
        self.work(move |folder| folder.forget(&key))
    }

    fn lease<'s>(&'s self, key: &'s SessionKey) -> StoreAnswer<'s, Option<Box<dyn SessionLease>>> {
        let key = *key;
        self.work(move |folder| {
            let lease = folder.lease(&key)?;
            Ok(lease.map(|lease| Box::new(lease) as Box<dyn SessionLease>))
        })
    }
}

impl fmt::Debug for FileSessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileSessionStore(…)")
    }
}

/// The lock ends with the file.
struct FileLease(File);

impl SessionLease for FileLease {
    fn release(self: Box<Self>) -> StoreAnswer<'static, ()> {
        Box::pin(async move { self.0.unlock().map_err(|error| failed(&error)) })
    }
}

impl Folder {
    fn new(path: PathBuf, key: &SessionStoreKey) -> Result<Self, Error> {
        let next_sweep = Mutex::new(Instant::now() + BETWEEN_SWEEPS);
        Ok(Self { path, sealer: Sealer::new(key)?, next_sweep })
    }

    fn load(&self, key: &SessionKey) -> Result<Option<StoredToken>, Error> {
        let file = match File::open(self.file(key, ENTRY)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let mut entry = Vec::new();
        let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX);
        file.take(limit + 1).read_to_end(&mut entry).map_err(|error| failed(&error))?;
        let read =
            if entry.len() > LARGEST { Err(Unusable::Damaged) } else { self.sealer.unseal(key, &entry) };
        if let Err(unusable) = read {
            tracing::warn!(store = "folder", "an entry is {}; it counts as none", unusable.as_str());
        }
        Ok(read.ok())
    }

    fn save(&self, key: &SessionKey, token: &StoredToken) -> Result<(), Error> {
        self.sweep_if_due(SystemTime::now());
        let entry = self.sealer.seal(key, token)?;
        let beside = self.path.join(format!("{}.{NEW}", Random::unique()?));
        let place = self.file(key, ENTRY);
        let written = (|| {
            let mut file = private().write(true).create_new(true).open(&beside)?;
            file.write_all(&entry)?;
            file.sync_all()?;
            fs::rename(&beside, &place)?;
            self.sync();
            Ok(())
        })();
        written.map_err(|error| {
            // Half an entry is of no use, and on a full disk in the way.
            let _ = fs::remove_file(&beside);
            failed(&error)
        })
    }

    /// Makes new names durable, on systems where folders can be opened.
    fn sync(&self) {
        if let Ok(folder) = File::open(&self.path) {
            let _ = folder.sync_all();
        }
    }

    fn forget(&self, key: &SessionKey) -> Result<(), Error> {
        match fs::remove_file(self.file(key, ENTRY)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&error)),
            _ => self.sync(),
        }
        Ok(())
    }

    fn lease(&self, key: &SessionKey) -> Result<Option<FileLease>, Error> {
        let path = self.file(key, LEASE);
        for _ in 0..ATTEMPTS {
            let file = private().append(true).create(true).open(&path);
            let file = file.map_err(|error| failed(&error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(failed(&error)),
            }
            if is_at(&file, &path).map_err(|error| failed(&error))? {
                // Where the time cannot be set, the file is swept sooner, and then it is found to be another.
                let _ = file.set_modified(SystemTime::now());
                return Ok(Some(FileLease(file)));
            }
        }
        Ok(None)
    }

    /// Removes what is over, if nobody did so for a while. An entry of another key stays: that is not told here.
    fn sweep_if_due(&self, now: SystemTime) {
        {
            let mut next = self.next_sweep.lock().unwrap_or_else(PoisonError::into_inner);
            if Instant::now() < *next {
                return;
            }
            *next = Instant::now() + BETWEEN_SWEEPS;
        }
        if let Ok(found) = self.survey(now) {
            self.remove(&found.over, now);
        }
    }

    /// What has ended and what a crash left behind.
    fn survey(&self, now: SystemTime) -> Result<Survey, Error> {
        let mut survey = Survey::default();
        for found in fs::read_dir(&self.path).map_err(|error| failed(&error))? {
            let path = found.map_err(|error| failed(&error))?.path();
            match self.is_over(&path, now) {
                Some(true) => survey.over.push(path),
                Some(false) => {}
                None => survey.has_other_key = true,
            }
        }
        Ok(survey)
    }

    /// Removes what is over, and still is: another process may have put a token there. Where something cannot be removed,
    /// the next sweep tries again.
    fn remove(&self, over: &[PathBuf], now: SystemTime) {
        for path in over {
            let _ = match ending(path) {
                Some(LEASE) => remove_lease(path, now),
                _ if self.is_over(path, now) == Some(true) => fs::remove_file(path),
                _ => Ok(()),
            };
        }
    }

    /// Whether nobody needs a file any more; nothing if it is an entry of another key.
    fn is_over(&self, path: &Path, now: SystemTime) -> Option<bool> {
        match ending(path) {
            Some(ENTRY) => match self.ends_at(path) {
                Ok(until) => Some(until <= now),
                Err(Unusable::Damaged) => Some(is_left_over(path, now)),
                Err(Unusable::OtherKey) => None,
            },
            Some(LEASE | NEW) => Some(is_left_over(path, now)),
            _ => Some(false),
        }
    }

    fn ends_at(&self, path: &Path) -> Result<SystemTime, Unusable> {
        let mut head = [0; 32];
        let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
        read.map_err(|_| Unusable::Damaged)?;
        self.sealer.read_head(&head)
    }

    fn file(&self, key: &SessionKey, ending: &str) -> PathBuf {
        self.path.join(format!("{}.{ending}", self.sealer.name(key)))
    }
}

/// What a folder holds that nobody needs, and whether entries of another key lie between.
#[derive(Default)]
struct Survey {
    over: Vec<PathBuf>,
    has_other_key: bool,
}

fn ending(path: &Path) -> Option<&str> {
    path.extension().and_then(|ending| ending.to_str())
}

/// Removes the file of a lease that nobody has. It is locked meanwhile, so whoever opened it before finds that it is gone.
fn remove_lease(path: &Path, now: SystemTime) -> io::Result<()> {
    let file = OpenOptions::new().append(true).open(path)?;
    if file.try_lock().is_ok() && is_at(&file, path)? && is_left_over(path, now) {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Whether an open file is the one that a path leads to: it may have been removed, and another made in its place.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let opened = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Here nothing tells files apart; a lease that is taken while its file is swept away may be taken twice.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

fn is_left_over(path: &Path, now: SystemTime) -> bool {
    let modified = fs::metadata(path).and_then(|found| found.modified());
    modified.is_ok_and(|modified| now.duration_since(modified).is_ok_and(|age| age > LEFT_OVER))
}

/// A file that only its owner reads, where the system knows owners.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// What the system said; the folder's name may hold a person's number and is left out.
fn failed(error: &io::Error) -> Error {
    Error::SessionStoreFailed { store: "folder", detail: error.kind().to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::seal::tests::token;
    use super::*;
    use crate::session::tests::session_key;

    #[test]
    fn a_token_is_kept_in_a_file_that_only_its_owner_reads() {
        let (folder, store, session) = scene();

        store.save(&session, &token()).unwrap();

        assert_eq!(store.load(&session).unwrap(), Some(token()));
        assert_eq!(store.load(&session_key("b")).unwrap(), None);
        let files = files(folder.path());
        assert_eq!(files.len(), 1, "{files:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&files[0]).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_a_crash_cut_off_anywhere_is_no_entry() {
        let (folder, store, session) = scene();
        store.save(&session, &token()).unwrap();
        let file = files(folder.path()).remove(0);
        let whole = fs::read(&file).unwrap();

        for length in 0..whole.len() {
            fs::write(&file, &whole[..length]).unwrap();
            assert_eq!(store.load(&session).unwrap(), None, "{length}");
        }
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 0x10;
            fs::write(&file, &changed).unwrap();
            assert_eq!(store.load(&session).unwrap(), None, "{place}");
        }
        store.save(&session, &token()).unwrap();
        assert_eq!(store.load(&session).unwrap(), Some(token()), "what is damaged is replaced");
    }

    #[test]
    fn a_file_that_was_being_written_is_not_an_entry_and_is_swept_when_it_is_old() {
        let (folder, store, session) = scene();
        store.save(&session, &token()).unwrap();
        fs::write(folder.path().join("a.new"), "half of it").unwrap();
        fs::write(folder.path().join("notes.txt"), "of somebody else").unwrap();

        sweep(&store, SystemTime::now());
        assert_eq!(files(folder.path()).len(), 3);
        sweep(&store, SystemTime::now() + 2 * LEFT_OVER);
        assert_eq!(files(folder.path()).len(), 2, "the entry has not ended");
        sweep(&store, token().until());
        assert_eq!(files(folder.path()).len(), 1);
    }

    #[test]
    fn a_folder_that_was_written_with_another_key_is_refused_and_left_as_it_is() {
        let (folder, store, session) = scene();
        store.save(&session, &token()).unwrap();

        let other = FileSessionStore::open(folder.path(), &SessionStoreKey::new([2; 32])).unwrap_err();

        assert_eq!(other, Error::SessionStoreKeyMismatch { store: "folder" });
        assert_eq!(store.load(&session).unwrap(), Some(token()));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_a_failure_with_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();

        let error = FileSessionStore::open(&file, &SessionStoreKey::new([1; 32])).unwrap_err();
        assert!(matches!(error, Error::SessionStoreFailed { store: "folder", .. }), "{error:?}");

        let gone = folder.path().join("gone");
        let store = FileSessionStore::open(&gone, &SessionStoreKey::new([1; 32])).unwrap();
        fs::remove_dir(&gone).unwrap();
        let error = store.shared.save(&session_key("a"), &token()).unwrap_err();
        assert!(matches!(error, Error::SessionStoreFailed { .. }), "{error:?}");
        assert_eq!(store.shared.load(&session_key("a")).unwrap(), None);
    }

    #[tokio::test]
    async fn one_has_the_lease_at_a_time_and_whoever_dies_loses_it() {
        let folder = tempfile::tempdir().unwrap();
        let open = || FileSessionStore::open(folder.path(), &SessionStoreKey::new([1; 32])).unwrap();
        let (one, other, session) = (open(), open(), session_key("a"));

        let lease = one.lease(&session).await.unwrap().unwrap();
        assert!(other.lease(&session).await.unwrap().is_none());
        assert!(other.lease(&session_key("b")).await.unwrap().is_some());
        lease.release().await.unwrap();
        let lease = other.lease(&session).await.unwrap().unwrap();
        drop(lease);
        assert!(one.lease(&session).await.unwrap().is_some());
    }

    #[test]
    fn a_lease_in_use_is_not_swept_away_however_old_its_file_is() {
        let (folder, store, session) = scene();
        let lease = store.lease(&session).unwrap().unwrap();

        sweep(&store, SystemTime::now() + 2 * LEFT_OVER);
        assert!(store.lease(&session).unwrap().is_none(), "it is taken");

        drop(lease);
        sweep(&store, SystemTime::now() + 2 * LEFT_OVER);
        assert!(files(folder.path()).is_empty());
        assert!(store.lease(&session).unwrap().is_some());
    }

    #[test]
    fn a_lease_is_as_old_as_its_last_use() {
        let (folder, store, session) = scene();
        drop(store.lease(&session).unwrap().unwrap());
        let path = files(folder.path()).remove(0);
        let file = OpenOptions::new().append(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - 2 * LEFT_OVER).unwrap();
        assert!(is_left_over(&path, SystemTime::now()));

        drop(store.lease(&session).unwrap().unwrap());

        assert!(!is_left_over(&path, SystemTime::now()));
        sweep(&store, SystemTime::now());
        assert_eq!(files(folder.path()), [path]);
    }

    #[cfg(unix)]
    #[test]
    fn one_has_the_lease_at_a_time_while_its_file_is_swept_away_again_and_again() {
        use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

        let (_folder, store, session) = scene();
        let (is_held, taken, twice) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while taken.load(Ordering::SeqCst) < 500 {
                        let Some(lease) = store.lease(&session).unwrap() else { continue };
                        twice.fetch_add(usize::from(is_held.swap(true, Ordering::SeqCst)), Ordering::SeqCst);
                        std::thread::yield_now();
                        is_held.store(false, Ordering::SeqCst);
                        taken.fetch_add(1, Ordering::SeqCst);
                        drop(lease);
                    }
                });
            }
            scope.spawn(|| {
                while taken.load(Ordering::SeqCst) < 500 {
                    sweep(&store, SystemTime::now() + 2 * LEFT_OVER);
                }
            });
        });
        assert_eq!(twice.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn what_has_ended_is_removed_by_whoever_saves_after_a_while() {
        let (folder, store, session) = scene();
        let over = StoredToken::new("over".into(), SystemTime::UNIX_EPOCH);
        store.save(&session_key("over"), &over).unwrap();
        store.save(&session, &token()).unwrap();
        assert_eq!(files(folder.path()).len(), 2, "not at each time");

        *store.next_sweep.lock().unwrap() = Instant::now();
        store.save(&session, &token()).unwrap();

        assert_eq!(files(folder.path()), [store.file(&session, ENTRY)]);
        store.save(&session_key("over"), &over).unwrap();
        store.save(&session, &token()).unwrap();
        assert_eq!(files(folder.path()).len(), 2, "and not again at once");
    }

    #[test]
    fn a_token_that_came_while_the_folder_was_being_swept_stays() {
        let (_folder, store, session) = scene();
        let over = StoredToken::new("over".into(), SystemTime::UNIX_EPOCH);
        store.save(&session, &over).unwrap();
        let now = SystemTime::now();
        let survey = store.survey(now).unwrap();
        assert_eq!(survey.over.len(), 1);

        store.save(&session, &token()).unwrap();
        store.remove(&survey.over, now);

        assert_eq!(store.load(&session).unwrap(), Some(token()));
    }

    fn scene() -> (tempfile::TempDir, Folder, SessionKey) {
        let folder = tempfile::tempdir().unwrap();
        let store = Folder::new(folder.path().to_owned(), &SessionStoreKey::new([1; 32])).unwrap();
        (folder, store, session_key("a"))
    }

    fn sweep(store: &Folder, now: SystemTime) {
        store.remove(&store.survey(now).unwrap().over, now);
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|found| found.unwrap().path()).collect()
    }
}
