//! Rust source as words: enough of a lexer to see what a file imports, names and says.

/// A piece of source. Comments, doc comments and blanks are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name or keyword.
    Word(String),
    /// The content of a string, as written.
    Text(String),
    /// Any other character.
    Mark(char),
}

/// The tokens of `source` that are part of the program: without `#[cfg(test)]` items.
pub fn program_tokens(source: &str) -> Vec<Token> {
    let tokens = tokens(source);
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        match test_item_end(&tokens, at) {
            Some(end) => at = end,
            None => {
                kept.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    kept
}

/// The modules that `source` declares under `#[cfg(test)]` and keeps in files of their own.
pub fn test_modules(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let ends = (0..tokens.len()).filter_map(|at| Some((at, test_item_end(&tokens, at)?)));
    let declared = ends.filter_map(|(start, end)| match &tokens[start..end] {
        [
            ..,
            Token::Word(keyword),
            Token::Word(name),
            Token::Mark(';'),
        ] if keyword == "mod" => Some(name.clone()),
        _ => None,
    });
    declared.collect()
}

/// What follows `root::` in paths and imports: `finding` of `crate::finding::Finding`, both of `crate::{a, b}`.
pub fn path_heads(tokens: &[Token], root: &str) -> Vec<String> {
    let mut heads = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if *token != Token::Word(root.to_owned()) || !is_double_colon(tokens, at + 1) {
            continue;
        }
        match tokens.get(at + 3) {
            Some(Token::Word(head)) => heads.push(head.clone()),
            Some(Token::Mark('{')) => heads.extend(group_heads(&tokens[at + 4..])),
            _ => {}
        }
    }
    heads
}

/// Whether the source uses the crate `name`: as a path's root, in `use`, or in a derive's attribute.
pub fn mentions_crate(tokens: &[Token], name: &str) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let is_root = at == 0 || !is_double_colon(tokens, at.saturating_sub(2));
        let leads = is_double_colon(tokens, at + 1);
        let attribute =
            at >= 2 && tokens[at - 2] == Token::Mark('#') && tokens[at - 1] == Token::Mark('[');
        *token == Token::Word(name.to_owned()) && is_root && (leads || attribute)
    })
}

fn is_double_colon(tokens: &[Token], at: usize) -> bool {
    tokens.get(at..at + 2) == Some(&[Token::Mark(':'), Token::Mark(':')])
}

/// The first words of the entries of a `{ … }` group.
fn group_heads(tokens: &[Token]) -> Vec<String> {
    let (mut depth, mut expects, mut heads) = (0_usize, true, Vec::new());
    for token in tokens {
        match token {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') if depth == 0 => break,
            Token::Mark('}') => depth -= 1,
            Token::Mark(',') if depth == 0 => expects = true,
            Token::Word(word) if depth == 0 && expects => {
                heads.push(word.clone());
                expects = false;
            }
            _ => {}
        }
    }
    heads
}

/// Where the item that a `#[cfg(test)]` at `at` belongs to ends; `None` if there is no such attribute.
fn test_item_end(tokens: &[Token], at: usize) -> Option<usize> {
    let word = |text: &str| Token::Word(text.to_owned());
    let attribute = [
        Token::Mark('#'),
        Token::Mark('['),
        word("cfg"),
        Token::Mark('('),
        word("test"),
        Token::Mark(')'),
        Token::Mark(']'),
    ];
    if tokens.get(at..at + attribute.len())? != attribute {
        return None;
    }
    let mut depth = 0_usize;
    for (offset, token) in tokens.iter().enumerate().skip(at + attribute.len()) {
        match token {
            Token::Mark(';') if depth == 0 => return Some(offset + 1),
            Token::Mark('{') => depth += 1,
            Token::Mark('}') if depth <= 1 => return Some(offset + 1),
            Token::Mark('}') => depth -= 1,
            _ => {}
        }
    }
    Some(tokens.len())
}

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment_length(rest)
        } else if let Some((text, length)) = string_at(rest) {
            tokens.push(Token::Text(text.to_owned()));
            length
        } else if c == '\'' {
            character_length(rest)
        } else if c.is_alphanumeric() || c == '_' {
            let word = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..word].to_owned()));
            word
        } else {
            if !c.is_whitespace() {
                tokens.push(Token::Mark(c));
            }
            c.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

fn block_comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The content and the length of a string literal: plain, raw or of bytes.
fn string_at(text: &str) -> Option<(&str, usize)> {
    let unprefixed = text.strip_prefix('b').unwrap_or(text);
    let prefix = text.len() - unprefixed.len();
    if let Some(raw) = unprefixed.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if let Some(inner) = raw[hashes..].strip_prefix('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let content = inner.find(&end).unwrap_or(inner.len());
            let length = prefix + 1 + hashes + 1 + content + end.len();
            return Some((&inner[..content], length.min(text.len())));
        }
    }
    let inner = unprefixed.strip_prefix('"')?;
    let mut escaped = false;
    let close = inner.char_indices().find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    let content = close.map_or(inner.len(), |(at, _)| at);
    Some((
        &inner[..content],
        (prefix + 1 + content + 1).min(text.len()),
    ))
}

/// The length of a character literal, or of the tick of a lifetime.
fn character_length(text: &str) -> usize {
    let inner = &text[1..];
    if let Some(escape) = inner.strip_prefix('\\') {
        let skipped = escape.chars().next().map_or(0, char::len_utf8);
        return escape[skipped..]
            .find('\'')
            .map_or(1, |close| 2 + skipped + close + 1);
    }
    let first = inner.chars().next().map_or(0, char::len_utf8);
    if first > 0 && inner[first..].starts_with('\'') {
        return 1 + first + 1;
    }
    1
}

#[test]
fn comments_tests_and_strings_are_told_apart() {
    let source = r##"
//! crate::no
use crate::{a::{x, y}, b};
/* crate::no /* crate::no */ */
fn f<'a>(c: char) -> &'a str { let _ = ('"', '\'', b"crate::no"); crate::c::g(r#"in "here""#) }
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests { use crate::d; fn g() {} }
use petgraph::graph;
"##;
    let tokens = program_tokens(source);
    assert_eq!(path_heads(&tokens, "crate"), ["a", "b", "c"]);
    assert!(tokens.contains(&Token::Text("in \"here\"".into())));
    assert_eq!(test_modules(source), ["testing"]);
    assert!(mentions_crate(&tokens, "petgraph") && !mentions_crate(&tokens, "graph"));
}
