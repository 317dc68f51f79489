//! Plays the scenarios of the generated APIs and prints each: `--api NAME` those of one API, `--name TEXT` those whose
//! name has this in it. `cargo xtask scenarios` runs it.

use std::process::ExitCode;

use etiquette_apis::scenarios::ALL;

/// What is to be played.
#[derive(Default)]
struct Wish {
    api: Option<String>,
    name: Option<String>,
}

fn main() -> ExitCode {
    let wish = match wish(std::env::args().skip(1)) {
        Ok(wish) => wish,
        Err(mistake) => {
            eprintln!("{mistake}");
            return ExitCode::from(2);
        }
    };
    if let Some(api) = &wish.api
        && !ALL.iter().any(|(known, _)| known == api)
    {
        let known: Vec<&str> = ALL.iter().map(|(known, _)| *known).collect();
        eprintln!("there is no API `{api}`; there are {}", known.join(", "));
        return ExitCode::from(2);
    }
    let wanted = ALL
        .iter()
        .filter(|(api, _)| wish.api.as_deref().is_none_or(|one| one == *api));
    let all = wanted.flat_map(|(_, scenarios)| *scenarios);
    let wanted: Vec<_> = all
        .filter(|scenario| {
            wish.name
                .as_deref()
                .is_none_or(|text| scenario.name.contains(text))
        })
        .collect();
    let mut failed = 0;
    for scenario in &wanted {
        match scenario.run() {
            Ok(()) => println!("ok      {}: {}", scenario.operation.api.name, scenario.name),
            Err(failure) => {
                failed += 1;
                println!("FAILED  {failure}");
            }
        }
    }
    println!("{} scenarios, {failed} failed", wanted.len());
    if wanted.is_empty() || failed > 0 {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn wish(mut words: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut wish = Wish::default();
    while let Some(word) = words.next() {
        let target = match word.as_str() {
            "--api" => &mut wish.api,
            "--name" => &mut wish.name,
            _ => {
                return Err(format!(
                    "`{word}` is not known; there are `--api NAME` and `--name TEXT`"
                ));
            }
        };
        *target = Some(
            words
                .next()
                .ok_or_else(|| format!("`{word}` needs a value"))?,
        );
    }
    Ok(wish)
}
