//! Which crate may depend on which, as the architecture lists it, read from cargo's metadata.
//! Normal, build and test dependencies all count. Assumes the workspace at the root; the
//! workspaces of their own below `tests/` are users like any other. Must not build anything.

use std::fs;
use std::path::Path;

use cargo_metadata::{Dependency, Metadata, MetadataCommand, Package, TargetKind};

use super::Finding;

/// What the generated crate may depend on.
const GENERATED_NEEDS: [&str; 2] = ["etiquette-runtime", "serde"];

pub(super) fn check(root: &Path) -> Vec<Finding> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec();
    let metadata = match metadata {
        Ok(metadata) => metadata,
        Err(cause) => {
            return vec![Finding {
                path: "Cargo.toml".to_owned(),
                line: None,
                message: format!("cargo cannot read the workspace: {cause}"),
            }];
        }
    };
    let mut findings = Vec::new();
    for package in &metadata.packages {
        check_package(&metadata, package, &mut findings);
    }
    findings
}

fn check_package(metadata: &Metadata, package: &Package, findings: &mut Vec<Finding>) {
    let manifest = fs::read_to_string(&package.manifest_path).unwrap_or_default();
    let path = package
        .manifest_path
        .strip_prefix(&metadata.workspace_root)
        .unwrap_or(&package.manifest_path)
        .as_str()
        .replace('\\', "/");
    let room = path.strip_suffix("/Cargo.toml").unwrap_or("");
    let key = |dependency: &Dependency| -> String {
        let renamed = dependency.rename.as_ref();
        renamed.unwrap_or(&dependency.name).clone()
    };
    let mut report = |name: &str, message: String| {
        findings.push(Finding {
            path: path.clone(),
            line: line_of(&manifest, name),
            message,
        });
    };
    for dependency in &package.dependencies {
        let inside = dependency
            .path
            .as_ref()
            .and_then(|path| path.strip_prefix(&metadata.workspace_root).ok());
        let Some(target) = inside.map(|path| path.as_str().replace('\\', "/")) else {
            continue;
        };
        if !may_depend(room, &target) {
            report(
                &key(dependency),
                format!(
                    "`{room}` must not depend on `{target}`: the architecture has no such arrow"
                ),
            );
        }
    }
    if room != "generated" {
        return;
    }
    for dependency in &package.dependencies {
        if !GENERATED_NEEDS.contains(&dependency.name.as_str()) {
            report(
                &key(dependency),
                format!(
                    "the generated crate must not depend on `{}`: only on the runtime and serde",
                    dependency.name
                ),
            );
        }
    }
    for target in &package.targets {
        for kind in &target.kind {
            let what = match kind {
                TargetKind::CustomBuild => "a build script",
                TargetKind::ProcMacro => "a proc macro",
                _ => continue,
            };
            report(
                &target.name,
                format!("the generated crate must not have {what}: it would run code in builds"),
            );
        }
    }
}

/// The complete list of arrows.
fn may_depend(room: &str, target: &str) -> bool {
    // A package tests itself with other features by depending on itself.
    if room == target {
        return true;
    }
    let is_runtime = target == "runtime" || target.starts_with("runtime/");
    match room {
        "generated" => target == "runtime",
        "xtask" => target == "codegen",
        _ if room.starts_with("runtime/") => target == "runtime",
        _ if room == "tests" || room.starts_with("tests/") => {
            let ours = ["codegen", "generated", "xtask"];
            is_runtime || ours.contains(&target) || target.starts_with("tests/")
        }
        // `codegen`, `runtime` and whatever has no room yet.
        _ => false,
    }
}

fn line_of(manifest: &str, name: &str) -> Option<usize> {
    let is_key = |line: &str| {
        line.trim_start()
            .trim_start_matches('"')
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with([' ', '.', '=', '"']))
    };
    manifest.lines().position(is_key).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::{line_of, may_depend};

    #[test]
    fn the_arrows_are_those_of_the_architecture() {
        for (room, target) in [
            ("generated", "runtime"),
            ("runtime", "runtime"),
            ("runtime/redis", "runtime"),
            ("xtask", "codegen"),
            ("tests", "codegen"),
            ("tests", "generated"),
            ("tests", "runtime"),
            ("tests", "runtime/redis"),
            ("tests", "xtask"),
            ("tests", "tests/standins"),
        ] {
            assert!(may_depend(room, target), "{room} → {target}");
        }
        for (room, target) in [
            ("codegen", "runtime"),
            ("codegen", "xtask"),
            ("runtime", "codegen"),
            ("runtime", "runtime/redis"),
            ("runtime/redis", "runtime/reqwest"),
            ("generated", "codegen"),
            ("generated", "runtime/redis"),
            ("xtask", "runtime"),
            ("xtask", "generated"),
            ("elsewhere", "runtime"),
        ] {
            assert!(!may_depend(room, target), "{room} → {target}");
        }
    }

    #[test]
    fn a_finding_points_at_the_dependency() {
        let manifest = "[dependencies]\nserde_json = \"1\"\nserde.workspace = true\n";
        assert_eq!(line_of(manifest, "serde"), Some(3));
        assert_eq!(line_of(manifest, "syn"), None);
    }
}
