//! What a secret looks like: keys of vendors by their beginnings, tokens and private keys by their parts, passwords in
//! urls, and something random behind a word that announces it.
//!
//! Reads one text and knows no description. Must stay quiet about words, hashes, placeholders and documented examples:
//! a check that cries wolf is switched off.

/// What a key consists of behind its beginning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Letters and digits.
    Plain,
    /// Also `-`, `_`, `.` and what base64 has.
    Wide,
    /// Sixteen capitals and digits.
    Amazon,
}

/// How keys of well-known vendors begin, how many characters follow at least, and of which kind.
const PREFIXES: &[(&str, usize, Rest)] = &[
    ("sk_live_", 16, Rest::Plain),
    ("sk_test_", 16, Rest::Plain),
    ("rk_live_", 16, Rest::Plain),
    ("rk_test_", 16, Rest::Plain),
    ("whsec_", 16, Rest::Wide),
    ("ghp_", 20, Rest::Plain),
    ("gho_", 20, Rest::Plain),
    ("ghu_", 20, Rest::Plain),
    ("ghs_", 20, Rest::Plain),
    ("ghr_", 20, Rest::Plain),
    ("github_pat_", 20, Rest::Wide),
    ("glpat-", 16, Rest::Wide),
    ("xoxb-", 16, Rest::Wide),
    ("xoxp-", 16, Rest::Wide),
    ("xoxa-", 16, Rest::Wide),
    ("xapp-", 16, Rest::Wide),
    ("AKIA", 16, Rest::Amazon),
    ("ASIA", 16, Rest::Amazon),
    ("AIza", 30, Rest::Wide),
    ("ya29.", 20, Rest::Wide),
    ("SG.", 30, Rest::Wide),
    ("shpat_", 20, Rest::Plain),
    ("npm_", 30, Rest::Plain),
    ("pypi-", 30, Rest::Wide),
    ("sk-ant-", 20, Rest::Wide),
    ("sk-proj-", 20, Rest::Wide),
    ("dop_v1_", 30, Rest::Plain),
    ("hf_", 30, Rest::Plain),
    ("lin_api_", 30, Rest::Plain),
];

/// Words that announce a secret when one of them stands just before something random.
const ANNOUNCING: &[&str] = &[
    "apikey",
    "authorization",
    "bearer",
    "credential",
    "key",
    "passwd",
    "password",
    "secret",
    "token",
];

/// The first secret in a text, and what it looks like.
pub(super) fn find(text: &str) -> Option<(&str, &'static str)> {
    private_key(text)
        .or_else(|| password(text))
        .or_else(|| basic(text))
        .or_else(|| word(text))
}

/// RFC 7468: the frame alone is talk about a format; what stands in it is the key.
fn private_key(text: &str) -> Option<(&str, &'static str)> {
    const FRAME: &str = "PRIVATE KEY-----";
    let begin = text.find("-----BEGIN ")?;
    let inside = begin + text[begin..].find(FRAME)? + FRAME.len();
    let material = text[inside..].replace("\\n", "");
    let material = material.chars().filter(|char| !char.is_whitespace());
    let is_digit = |char: &char| char.is_ascii_alphanumeric() || "+/=".contains(*char);
    let length = material.take_while(is_digit).count();
    (length >= 32).then(|| (&text[begin..], "a private key"))
}

/// `https://user:password@host`: RFC 3986, section 3.2.1.
fn password(text: &str) -> Option<(&str, &'static str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("://") {
        from += at + 3;
        let end =
            text[from..].find(|char: char| char.is_whitespace() || "/?#\"'`<>".contains(char));
        let authority = end.map_or(&text[from..], |end| &text[from..from + end]);
        let Some((_, secret)) = authority
            .rsplit_once('@')
            .and_then(|(user, _)| user.split_once(':'))
        else {
            continue;
        };
        if is_password(secret) {
            return Some((secret, "a password in a url"));
        }
    }
    None
}

/// `Basic` with a user and a password behind it (RFC 7617, section 2).
fn basic(text: &str) -> Option<(&str, &'static str)> {
    let mut words = text.split(|char: char| !char.is_ascii_alphanumeric() && !"+/=".contains(char));
    let mut before = "";
    words.find_map(|word| {
        let is_basic = before.eq_ignore_ascii_case("basic");
        before = if word.is_empty() { before } else { word };
        let pair = is_basic.then(|| unbase64(word))??;
        let (user, secret) = pair.split_once(':')?;
        (is_password(secret) || is_random(user)).then_some((word, "a user and a password"))
    })
}

/// A password that somebody uses, and no placeholder such as `password`, `$PASSWORD`, `{password}` or `***`.
fn is_password(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    text.len() >= 6
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !text.starts_with(['$', '{', '<', '['])
        && variety(text) >= 4
        && !is_example(text)
}

fn word(text: &str) -> Option<(&str, &'static str)> {
    let mut announced: u8 = 0;
    for word in text.split(|char: char| !char.is_ascii_alphanumeric() && !"-_.+/=".contains(char)) {
        let token = word
            .trim_matches(|char: char| ".=/-".contains(char) && char != '=')
            .trim_start_matches('=');
        if token.is_empty() {
            continue;
        }
        // `key=0123…` is one word; what stands behind the sign is the value.
        let (lead, value) = token
            .trim_end_matches('=')
            .rsplit_once('=')
            .unwrap_or(("", token));
        if announces(lead) {
            announced = 3;
        }
        if let Some(what) = look(value, announced > 0) {
            return Some((value, what));
        }
        // `-----BEGIN PUBLIC KEY-----` announces what everybody may know.
        announced = if announces(token) && !word.ends_with("-----") {
            3
        } else {
            announced.saturating_sub(1)
        };
    }
    None
}

fn announces(word: &str) -> bool {
    let bare: String = word
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|char| char.to_ascii_lowercase())
        .collect();
    ANNOUNCING
        .iter()
        .any(|announcing| bare.ends_with(announcing))
}

fn look(token: &str, announced: bool) -> Option<&'static str> {
    // A key may be the last part of a path.
    let last = token.rsplit('/').next().unwrap_or(token);
    let of_a_vendor = PREFIXES.iter().any(|(prefix, least, rest)| {
        let is_key = |text: &str| {
            text.strip_prefix(prefix)
                .is_some_and(|key| is_key(key, *least, *rest))
        };
        is_key(token) || is_key(last)
    });
    if of_a_vendor {
        return Some("a secret key");
    }
    if is_jwt(token) {
        return Some("a JSON Web Token");
    }
    (announced && is_random(token)).then_some("a secret")
}

/// What follows a vendor's beginning: long, and neither words nor `xxxxxxxx`.
fn is_key(key: &str, least: usize, rest: Rest) -> bool {
    let has = |is: fn(&u8) -> bool| key.bytes().any(|byte| is(&byte));
    let fits = match rest {
        Rest::Plain => key.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        Rest::Wide => true,
        Rest::Amazon => {
            key.len() == 16
                && key
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        }
    };
    let is_mixed =
        has(u8::is_ascii_digit) || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    fits && key.len() >= least && is_mixed && variety(key) >= 6 && !is_example(key)
}

/// RFC 7519: three base64url parts; the first two begin with `{"`.
fn is_jwt(token: &str) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    let base64url = |part: &&str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    parts.len() == 3
        && parts.iter().all(base64url)
        && parts[..2]
            .iter()
            .all(|part| part.starts_with("eyJ") && part.len() >= 12)
        && parts[2].len() >= 16
        && variety(parts[2]) >= 6
}

/// Long, of letters and digits, and not repetitive: no word, no placeholder such as `xxxxxxxx`.
fn is_random(token: &str) -> bool {
    let alphabet = token
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte));
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let letters = token.bytes().filter(u8::is_ascii_alphabetic).count();
    token.len() >= 32 && alphabet && digits >= 4 && letters >= 4 && variety(token) >= 10
}

/// Vendors write it into the keys of their documentation.
fn is_example(text: &str) -> bool {
    text.to_ascii_lowercase().contains("example")
}

/// RFC 4648, section 4, as text.
fn unbase64(text: &str) -> Option<String> {
    let digits = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.extend(u8::try_from(bits >> held & 0xff));
        }
    }
    String::from_utf8(bytes).ok()
}

/// How many different characters there are.
fn variety(text: &str) -> usize {
    let mut chars: Vec<char> = text.chars().collect();
    chars.sort_unstable();
    chars.dedup();
    chars.len()
}
