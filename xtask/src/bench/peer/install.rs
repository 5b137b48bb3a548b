use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Language;
use crate::interop::bergshamra;
use crate::process;

/// What the C and Java peers are made of on Debian.
const DEBIAN: [&str; 12] = [
    "gcc",
    "pkg-config",
    "libxmlsec1-dev",
    "openjdk-17-jdk-headless",
    "libwss4j-java",
    "libxml-security-java",
    "libwoodstox-java",
    "libjaxb-java",
    "libjaxb-api-java",
    "python3-venv",
    "python3-dev",
    "libltdl-dev",
];
const PYTHON: [&str; 5] = ["zeep==4.3.3", "signxml==5.2.0", "xmlsec==1.3.17", "lxml==6.1.3", "cryptography"];
const NODE: [&str; 2] = ["xml-crypto@6.3.2", "soap@1.13.0"];
/// The class path of the Java peers, as Debian names the archives.
const JAVA: [&str; 14] = [
    "wss4j",
    "xmlsec",
    "slf4j-api",
    "slf4j-nop",
    "commons-logging",
    "commons-codec",
    "woodstox-core",
    "stax2-api",
    "jaxb-api",
    "jaxb-core",
    "jaxb-runtime",
    "istack-commons-runtime",
    "txw2",
    "javax.activation",
];

/// Where the peers' programs are built.
pub(super) struct Workshop {
    folder: PathBuf,
    sources: PathBuf,
}

impl Workshop {
    pub(super) fn new(bench: &Path) -> Self {
        Self { folder: bench.join("peers"), sources: process::shared().join("peers") }
    }

    /// The modules of the Node peers.
    pub(super) fn node(&self) -> PathBuf {
        self.folder.join("node")
    }

    /// Installs what all peers need. What fails is told, and found missing afterwards.
    pub(super) fn install(&self) {
        let node = self.node();
        let python = self.folder.join("venv");
        let mut commands = vec![Command::new("apt-get"), Command::new("apt-get"), Command::new("python3")];
        commands[0].args(["-qq", "update"]);
        commands[1].args(["install", "--yes", "--no-install-recommends"]).args(DEBIAN);
        // A Node from elsewhere brings its own npm, and Debian's cannot stand beside it.
        if !process::succeeds(Command::new("npm").arg("--version")) {
            commands[1].args(["nodejs", "npm"]);
        }
        commands[1].env("DEBIAN_FRONTEND", "noninteractive");
        commands[2].args(["-m", "venv"]).arg(&python);
        let mut pip = Command::new(python.join("bin/pip"));
        pip.args(["install", "--quiet"]).args(PYTHON);
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--prefix"]).arg(&node).args(NODE);
        commands.extend([pip, npm]);
        if let Err(error) = fs::create_dir_all(&node) {
            println!("FAILED   {}: {error}", node.display());
        }
        for mut command in commands {
            if let Err(error) = process::run(&mut command) {
                println!("FAILED   {error}");
            }
        }
    }

    /// Builds the program of a language: its words, or why it cannot be run.
    pub(super) fn build(&self, language: Language) -> Result<Vec<PathBuf>, String> {
        if language != Language::Rust && !self.sources.is_dir() {
            return Err(format!("no {}", self.sources.display()));
        }
        fs::create_dir_all(&self.folder).map_err(|error| error.to_string())?;
        match language {
            Language::C => self.build_c(),
            Language::Rust => self.build_rust(),
            Language::Java => self.build_java(),
            Language::Python => self.find_python(),
            Language::Node => self.find_node(),
        }
    }

    fn build_c(&self) -> Result<Vec<PathBuf>, String> {
        let mut flags = Command::new("pkg-config");
        let flags = needed(flags.args(["--cflags", "--libs", "xmlsec1-openssl"]), "libxmlsec1-dev")?;
        let program = self.folder.join("xmlsec_bench");
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-D_GNU_SOURCE", "-Wno-deprecated-declarations"]);
        compiler.arg(self.sources.join("xmlsec_bench.c")).arg("-o").arg(&program);
        needed(compiler.args(flags.split_whitespace()).arg("-lcrypto"), "a C compiler")?;
        Ok(vec![program])
    }

    fn build_java(&self) -> Result<Vec<PathBuf>, String> {
        let archives: Vec<PathBuf> =
            JAVA.iter().map(|name| Path::new("/usr/share/java").join(format!("{name}.jar"))).collect();
        if let Some(absent) = archives.iter().find(|archive| !archive.exists()) {
            return Err(format!("no {}", absent.display()));
        }
        let classes = self.folder.join("classes");
        let path =
            env::join_paths([classes.clone()].into_iter().chain(archives)).map_err(|e| e.to_string())?;
        let mut sources: Vec<PathBuf> = fs::read_dir(&self.sources)
            .map_err(|error| error.to_string())?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "java"))
            .collect();
        sources.sort();
        let mut compiler = Command::new("javac");
        compiler.args(["-nowarn", "-cp"]).arg(&path).arg("-d").arg(&classes).args(sources);
        needed(&mut compiler, "a Java compiler")?;
        let words = ["java", "-XX:+UseSerialGC", "-Xmx4g", "-cp"].map(PathBuf::from);
        Ok(words.into_iter().chain([path.into(), "Wss4jBench".into()]).collect())
    }

    fn build_rust(&self) -> Result<Vec<PathBuf>, String> {
        let program = bergshamra::build(&self.folder.join("rust")).map_err(|error| error.to_string())?;
        Ok(vec![program])
    }

    fn find_python(&self) -> Result<Vec<PathBuf>, String> {
        let python = self.folder.join("venv/bin/python");
        needed(
            Command::new(&python).args(["-c", "import zeep, signxml, xmlsec"]),
            "zeep, signxml and xmlsec",
        )?;
        Ok(vec![python, self.sources.join("py_bench.py")])
    }

    fn find_node(&self) -> Result<Vec<PathBuf>, String> {
        needed(Command::new("node").arg("--version"), "node")?;
        if !self.node().join("node_modules/soap").is_dir() {
            return Err("xml-crypto and soap are absent (--install)".into());
        }
        Ok(vec!["node".into(), self.sources.join("node_bench.mjs")])
    }
}

/// What a command prints; if it fails, that this is absent.
fn needed(command: &mut Command, what: &str) -> Result<String, String> {
    process::stdout(command).map_err(|error| format!("{what} is absent (--install): {error}"))
}
