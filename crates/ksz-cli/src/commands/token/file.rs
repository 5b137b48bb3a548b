use crate::error::Error;
use crate::input::{FileName, Inputs};
use ksz::client::Random;
use ksz::wss::SamlToken;
use ksz::xml::Limits;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The largest token that is read, in octets. Those of the eHealth platform have about ten thousand.
const LARGEST: usize = 1024 * 1024;

/// The octets of a token, wiped when they are done with.
pub(super) fn read(name: &FileName, inputs: &Inputs) -> Result<Zeroizing<Vec<u8>>, Error> {
    inputs.read_up_to(name, LARGEST).map(Zeroizing::new)
}

/// A file that holds a token, or will.
#[derive(Debug)]
pub(super) struct TokenFile<'a> {
    name: &'a FileName,
    /// Where it truly lies.
    path: PathBuf,
}

impl<'a> TokenFile<'a> {
    /// A place for a token: nothing is there, or an empty file, or another token. Whatever else is there is kept.
    ///
    /// That something can be written there is tried, so that no token is asked for in vain.
    pub(super) fn place(name: &'a FileName) -> Result<Self, Error> {
        let file = Self { name, path: resolved(name)? };
        match fs::metadata(&file.path) {
            Ok(found) if found.is_dir() => return Err(file.unwritable(&io::ErrorKind::IsADirectory.into())),
            Ok(found) if !found.is_file() => return Err(file.refuse("it is no regular file")),
            Ok(found) if found.len() == 0 => {}
            Ok(_) => {
                let opened = File::open(&file.path).map_err(|error| file.unreadable(&error))?;
                file.require_token(opened)?;
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file.unwritable(&error)),
            Err(_) if !file.folder().is_dir() => return Err(Error::NoFolder { file: name.clone() }),
            Err(_) => {}
        }
        let beside = file.beside()?;
        new_private(&beside.0).map_err(|error| file.unwritable(&error))?;
        Ok(file)
    }

    /// The place of a token that is there.
    pub(super) fn existing(name: &'a FileName) -> Result<Self, Error> {
        let file = Self::place(name)?;
        match fs::metadata(&file.path) {
            Ok(_) => Ok(file),
            Err(error) => Err(file.unreadable(&error)),
        }
    }

    /// Writes a token that only the owner of the file reads, as a whole or not at all.
    pub(super) fn write(&self, token: &SamlToken) -> Result<(), Error> {
        let beside = self.beside()?;
        let written = new_private(&beside.0)
            .and_then(|mut file| file.write_all(token.as_xml().as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&beside.0, &self.path))
            .and_then(|()| sync_folder(self.folder()));
        written.map_err(|error| self.unwritable(&error))
    }

    /// Overwrites the file with zeros and removes it; gives how many octets it had.
    pub(super) fn forget(name: &'a FileName) -> Result<usize, Error> {
        let path = name.path().ok_or(Error::NotInFile)?;
        let file = Self { name, path: path.to_owned() };
        let opened = open_itself(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => file.unreadable(&error),
            io::ErrorKind::IsADirectory => file.refuse("it is no regular file"),
            _ => file.unwritable(&error),
        })?;
        let Some(mut opened) = opened else {
            return Err(file.refuse("it is a symbolic link: name the file that it leads to"));
        };
        let found = opened.metadata().map_err(|error| file.unreadable(&error))?;
        if !found.is_file() {
            return Err(file.refuse("it is no regular file"));
        }
        let length = file.require_token(&mut opened)?;
        let removed = opened
            .rewind()
            .and_then(|()| opened.write_all(&vec![0; length]))
            .and_then(|()| opened.sync_all())
            .and_then(|()| fs::remove_file(path))
            .and_then(|()| sync_folder(file.folder()));
        removed.map(|()| length).map_err(|error| file.unwritable(&error))
    }

    /// Refuses what is no token; gives how many octets it has.
    fn require_token(&self, file: impl Read) -> Result<usize, Error> {
        let mut octets = Zeroizing::new(Vec::new());
        let most = LARGEST as u64 + 1;
        file.take(most).read_to_end(&mut octets).map_err(|error| self.unreadable(&error))?;
        let text = str::from_utf8(&octets).ok().filter(|_| octets.len() <= LARGEST);
        match text.map(|text| SamlToken::from_xml(text, &Limits::default())) {
            Some(Ok(_)) => Ok(octets.len()),
            _ => Err(self.refuse("it holds no SAML assertion")),
        }
    }

    fn beside(&self) -> Result<Beside, Error> {
        Ok(Beside(self.folder().join(format!(".ksz-{}.new", Random::unique()?))))
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn refuse(&self, detail: &'static str) -> Error {
        Error::NotTokenFile { file: self.name.clone(), detail }
    }

    fn unreadable(&self, error: &io::Error) -> Error {
        Error::Unreadable { file: self.name.clone(), why: error.kind() }
    }

    fn unwritable(&self, error: &io::Error) -> Error {
        Error::Unwritable { file: self.name.clone(), why: error.kind() }
    }
}

/// Where a file truly lies: what replaces it goes there, not in the place of a link to it.
fn resolved(name: &FileName) -> Result<PathBuf, Error> {
    let path = name.path().ok_or(Error::NotInFile)?;
    Ok(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
}

/// A file on its way to its place. If it does not get there, it is removed.
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        // After the renaming it is gone; and where it cannot be removed, the error before is the one to tell.
        let _ = fs::remove_file(&self.0);
    }
}

fn new_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens a file to read and write, unless it is a symbolic link. Whoever looks first and opens then may open another file
/// than he looked at.
#[cfg(unix)]
fn open_itself(path: &Path) -> io::Result<Option<File>> {
    use rustix::fs::{Mode, OFlags};
    // What is no regular file must not make the opening wait.
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(opened) => Ok(Some(opened.into())),
        Err(rustix::io::Errno::LOOP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn open_itself(path: &Path) -> io::Result<Option<File>> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Ok(None);
    }
    OpenOptions::new().read(true).write(true).open(path).map(Some)
}

/// Makes a renaming or removal outlive a crash, where folders can be synchronized.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "<Assertion xmlns=\"urn:oasis:names:tc:SAML:1.0:assertion\" AssertionID=\"_1\"/>";

    fn token(text: &str) -> SamlToken {
        SamlToken::from_xml(text, &Limits::default()).unwrap()
    }

    fn name(path: &Path) -> FileName {
        path.as_os_str().to_owned().into()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_token_is_replaced_and_its_owner_alone_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.xml");
        let name = name(&path);

        for text in [TOKEN.to_owned(), TOKEN.replace("_1", "_2")] {
            TokenFile::place(&name).unwrap().write(&token(&text)).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }

        assert_eq!(names(folder.path()), ["token.xml"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn whatever_is_no_token_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("thesis.txt");
        for content in ["thesis", "<a/>", &TOKEN.replace("AssertionID", "ID"), &TOKEN.repeat(20_000)] {
            fs::write(&path, content).unwrap();

            let name = name(&path);
            let (place, forget) = (TokenFile::place(&name), TokenFile::forget(&name));

            for refusal in [place.unwrap_err(), forget.unwrap_err()] {
                let detail = "it holds no SAML assertion";
                assert_eq!(refusal, Error::NotTokenFile { file: name.clone(), detail });
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        fs::write(&path, "").unwrap();
        assert!(TokenFile::place(&name(&path)).is_ok());
    }

    #[test]
    fn a_token_is_overwritten_before_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, second) = (folder.path().join("token.xml"), folder.path().join("second name"));
        fs::write(&path, TOKEN).unwrap();
        fs::hard_link(&path, &second).unwrap();

        let length = TokenFile::forget(&name(&path)).unwrap();

        assert_eq!((length, names(folder.path())), (TOKEN.len(), vec!["second name".to_owned()]));
        assert_eq!(fs::read(&second).unwrap(), vec![0; TOKEN.len()]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_to_replace_and_not_to_forget() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("token.xml"), folder.path().join("link"));
        fs::write(&path, TOKEN).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();

        TokenFile::place(&name(&link)).unwrap().write(&token(&TOKEN.replace("_1", "_2"))).unwrap();
        let refusal = TokenFile::forget(&name(&link)).unwrap_err();

        assert!(fs::read_to_string(&path).unwrap().contains("_2"));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let detail = "it is a symbolic link: name the file that it leads to";
        assert_eq!(refusal, Error::NotTokenFile { file: name(&link), detail });
    }

    #[test]
    fn opening_alone_refuses_a_link_whatever_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.xml");
        fs::write(&path, TOKEN).unwrap();
        assert!(open_itself(&path).unwrap().is_some());

        #[cfg(unix)]
        for target in [&path, folder.path(), Path::new("absent.xml")] {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(target, &link).unwrap();
            assert!(open_itself(&link).unwrap().is_none(), "{}", target.display());
            fs::remove_file(&link).unwrap();
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_no_file_is_not_forgotten_and_does_not_make_us_wait() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        for path in [pipe.as_path(), folder.path()] {
            let refusal = TokenFile::forget(&name(path)).unwrap_err();
            assert_eq!(refusal, Error::NotTokenFile { file: name(path), detail: "it is no regular file" });
        }
        assert_eq!(names(folder.path()), ["pipe"]);
    }
}
