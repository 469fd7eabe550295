//! The `homeline` program in a folder of its own, with a passcode from the credential store.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// What the program answered.
#[derive(Debug)]
pub struct Answer {
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub error: String,
}

impl Answer {
    /// The document on standard output.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).expect("one JSON document on standard output")
    }
}

/// A folder with a vault in it, and the passcode at hand.
pub struct Terminal {
    folder: TempDir,
}

impl Terminal {
    /// An empty folder; the passcode lies in the credential store.
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        fs::create_dir(folder.path().join("credentials")).expect("an empty folder");
        let terminal = Self { folder };
        terminal.set_passcode("a long one for this test");
        terminal
    }

    /// With a vault for a patient, and this file as its plan.
    pub fn with_plan(plan: &[u8]) -> Self {
        let terminal = Self::new();
        terminal.done(&["init", "--name", "Rosa"]);
        fs::write(terminal.path("plan.json"), plan).expect("a file in a temporary folder");
        terminal.done(&["plan", "import", "plan.json"]);
        terminal
    }

    /// What the credential store answers from now on.
    pub fn set_passcode(&self, passcode: &str) {
        fs::write(self.path("credentials").join("homeline-passcode"), passcode).expect("a file");
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        self.run_with(arguments, b"")
    }

    /// Runs the program with something on its standard input.
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Answer {
        let mut child = self.begin(arguments);
        if let Some(mut stdin) = child.stdin.take() {
            // A program that refuses early does not read to the end.
            let _ = stdin.write_all(input);
        }
        let output = child.wait_with_output().expect("the program ends");
        Answer {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            error: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Starts the program and leaves it running.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        Command::new(program())
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOMELINE_VAULT", self.path("vault"))
            .env("CREDENTIALS_DIRECTORY", self.path("credentials"))
            .env("TZ", "America/Chicago")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts")
    }

    /// Runs the program, which must succeed.
    pub fn done(&self, arguments: &[&str]) -> Answer {
        let answer = self.run(arguments);
        assert_eq!(answer.status, 0, "homeline {arguments:?}: {}", answer.error);
        answer
    }

    /// How many entries the journal has, by its export.
    pub fn entries(&self) -> u64 {
        let out = format!("count-{}", fs::read_dir(self.folder.path()).expect("the folder").count());
        let exported = self.done(&["export", "--out", &out, "--json"]).json();
        exported["entries"].as_u64().expect("a count")
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}

/// Every file under a folder with its bytes, in order.
pub fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(&folder).expect("a folder") {
            let path = item.expect("an item of a folder").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).expect("a file");
                files.push((path, bytes));
            }
        }
    }
    files.sort();
    files
}

/// The program: `HOMELINE_BIN`, or what cargo builds beside this test.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| match std::env::var_os("HOMELINE_BIN") {
        Some(program) => PathBuf::from(program),
        None => built(),
    })
}

/// `target/PROFILE/homeline`, built now: this test lies in `target/PROFILE/deps`.
fn built() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps");
    let target = profile.parent().expect("target/PROFILE");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--package", "homeline-cli", "--target-dir"]).arg(target);
    if profile.file_name() == Some(OsStr::new("release")) {
        cargo.arg("--release");
    }
    let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
    assert!(status.success(), "the program does not build: see above");
    profile.join("homeline")
}
