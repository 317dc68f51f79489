//! A note in `target/` that the tree is what these descriptions become, so that a run over unchanged
//! input generates nothing. It vouches for nothing that is on the disk: every file of the tree is read
//! and held against the manifest. Must not be asked by `--check`.

use std::fs;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use etiquette_codegen::Source;
use sha2::{Digest, Sha256};

use crate::editor;
use crate::project::Project;
use crate::tree;

/// Its name in `target/`.
const NAME: &str = "etiquette-generate.stamp";

/// Where the note of a project lies, and what it has to say about this input.
#[derive(Debug)]
pub(crate) struct Stamp {
    path: PathBuf,
    input: String,
}

impl Stamp {
    /// Nothing where no cargo has made a `target/`, or where this program cannot be told from another.
    pub(crate) fn of(project: &Project, sources: &[Source]) -> Option<Stamp> {
        let target = project.root.join("target");
        if !target.is_dir() {
            return None;
        }
        let mut hash = Sha256::new();
        for part in identity()? {
            add(&mut hash, part.as_bytes());
        }
        for folder in [&project.schema, &project.out] {
            add(&mut hash, folder.as_os_str().as_encoded_bytes());
        }
        for source in sources {
            add(&mut hash, source.path.as_bytes());
            add(&mut hash, &source.text);
        }
        Some(Stamp {
            path: target.join(NAME),
            input: hex(hash),
        })
    }

    /// How many files there are, if the last run wrote them from this input and all are as it wrote them.
    pub(crate) fn vouches(&self, project: &Project) -> Option<usize> {
        let note = fs::read_to_string(&self.path).ok()?;
        let written = tree::as_recorded(&project.out).ok()??;
        (note == self.text(&written.manifest, project)?).then_some(written.files)
    }

    /// Notes that the tree has just been written or found fresh.
    pub(crate) fn write(&self, project: &Project) {
        let written = tree::as_recorded(&project.out);
        let text = written.ok().flatten();
        let text = text.and_then(|written| self.text(&written.manifest, project));
        // Without a note the next run only takes longer.
        let _ = match text {
            Some(text) => fs::write(&self.path, text),
            None => fs::remove_file(&self.path),
        };
    }

    /// The next run has something to say, such as a warning, and has to generate for that.
    pub(crate) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }

    /// The input, the manifest that names all files of the tree, and what editors know.
    fn text(&self, manifest: &[u8], project: &Project) -> Option<String> {
        let schema = fs::read(project.schema.join(editor::NAME)).ok()?;
        let (mut of_tree, mut of_schema) = (Sha256::new(), Sha256::new());
        of_tree.update(manifest);
        of_schema.update(schema);
        let (tree, schema) = (hex(of_tree), hex(of_schema));
        Some(format!("{}\n{tree}\n{schema}\n", self.input))
    }
}

/// Which build of the generator this is: another one may write something else.
fn identity() -> Option<[String; 3]> {
    let path = std::env::current_exe().ok()?;
    let metadata = fs::metadata(&path).ok()?;
    let built = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let name = path.to_string_lossy().into_owned();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Some([
        version,
        name,
        format!("{}-{}", metadata.len(), built.as_nanos()),
    ])
}

/// With its length before it, so that no two inputs are one.
fn add(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn hex(hash: Sha256) -> String {
    tree::hex(&hash.finalize())
}
