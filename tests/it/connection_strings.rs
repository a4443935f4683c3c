//! Readers of connection strings, each strict and written from what the real ones do.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use fluent_uri::Uri;
use fluent_uri::pct_enc::{EStr, Encoder};

/// What a connection string says, by where it stands in it.
#[derive(Debug, Default)]
pub struct Parts(BTreeMap<String, String>);

impl Parts {
    /// Whether some part is exactly `value`.
    pub fn holds(&self, value: &str) -> bool {
        self.0.values().any(|part| part == value)
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a part; a second one of its name is a fault.
    fn add(&mut self, name: &str, value: impl Into<String>) -> Result<(), String> {
        match self.0.insert(name.to_owned(), value.into()) {
            None => Ok(()),
            Some(_) => Err(format!("{name} stands twice")),
        }
    }

    /// Adds what the URL under `key` says.
    fn add_url(&mut self, key: &str, url: &str) -> Result<(), String> {
        for (name, part) in read_uri(url)?.0 {
            self.add(&format!("{key} {name}"), part)?;
        }
        Ok(())
    }

    /// Adds a host with its port, which are one value in some strings.
    fn add_address(&mut self, address: &str, between: char) -> Result<(), String> {
        if let Some((host, port)) = address.rsplit_once(between) {
            self.add("host of the address", host.trim_matches(['[', ']']))?;
            self.add("port of the address", port)?;
        }
        Ok(())
    }
}

/// A URL by RFC 3986, after `jdbc:` or `r2dbc:` if that is before it.
pub fn read_uri(text: &str) -> Result<Parts, String> {
    let text = text.strip_prefix("jdbc:").unwrap_or(text);
    let text = text.strip_prefix("r2dbc:").unwrap_or(text);
    if !text.contains("://") {
        return read_list(text, ',');
    }
    let uri = Uri::parse(text).map_err(|error| error.to_string())?;
    let mut parts = Parts::default();
    let authority = uri.authority().ok_or("it has no host")?;
    parts.add("host", authority.host().trim_matches(['[', ']']))?;
    let usual = match uri.scheme().as_str() {
        "https" => Some("443"),
        "http" => Some("80"),
        _ => None,
    };
    if let Some(port) = authority.port().map(|port| port.as_str()).or(usual) {
        parts.add("port", port)?;
    }
    if let Some(userinfo) = authority.userinfo() {
        let (user, password) = userinfo.split_once(':').ok_or("it has no password")?;
        parts.add("user", decoded(user)?)?;
        parts.add("password", decoded(password)?)?;
    }
    for (index, segment) in uri.path().split('/').enumerate() {
        parts.add(&format!("segment {index}"), decoded(segment)?)?;
    }
    for pair in uri.query().into_iter().flat_map(|query| query.split('&')) {
        let (key, value) = pair.split_once('=').ok_or("a query without `=`")?;
        parts.add(&format!("?{}", decoded(key)?), decoded(value)?)?;
    }
    Ok(parts)
}

fn decoded<E: Encoder>(text: &EStr<E>) -> Result<String, String> {
    let decoded = text.decode().to_string();
    decoded
        .map(|text| text.into_owned())
        .map_err(|_| "it is not UTF-8".to_owned())
}

/// Keywords of ADO.NET, as `DbConnectionStringBuilder` reads them.
pub fn read_ado(text: &str) -> Result<Parts, String> {
    let mut parts = Parts::default();
    let mut rest = text.chars().peekable();
    while rest.peek().is_some() {
        let key: String = rest.by_ref().take_while(|c| *c != '=').collect();
        let value = match rest.peek() {
            Some(quote @ ('"' | '\'')) => {
                let quote = *quote;
                rest.next();
                let value = until_doubled(&mut rest, quote)?;
                match rest.next() {
                    None | Some(';') => value,
                    other => return Err(format!("{other:?} behind {value:?}")),
                }
            }
            _ => {
                let value: String = rest.by_ref().take_while(|c| *c != ';').collect();
                if value.trim() != value || value.contains(['"', '\'', '=']) {
                    return Err(format!("{value:?} without quotes is not sure"));
                }
                value
            }
        };
        if key == "Endpoint" {
            parts.add_url(&key, &value)?;
        }
        if key == "Server" {
            parts.add_address(&value, ',')?;
        }
        parts.add(&key, value)?;
    }
    Ok(parts)
}

/// Text up to a mark that is not doubled.
fn until_doubled(rest: &mut Peekable<Chars>, mark: char) -> Result<String, String> {
    let mut value = String::new();
    loop {
        match rest.next().ok_or(format!("{mark} does not close"))? {
            c if c == mark => match rest.next_if_eq(&mark) {
                Some(_) => value.push(mark),
                None => return Ok(value),
            },
            c => value.push(c),
        }
    }
}

/// Keywords of libpq, as `conninfo_parse` reads them.
pub fn read_libpq(text: &str) -> Result<Parts, String> {
    let mut parts = Parts::default();
    let mut rest = text.chars().peekable();
    while rest.peek().is_some() {
        let key: String = rest.by_ref().take_while(|c| *c != '=').collect();
        let quoted = rest.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match rest.next() {
                Some('\\') => value.extend(rest.next()),
                Some('\'') if quoted => break,
                Some(c) if c.is_whitespace() && !quoted => break,
                Some(c) => value.push(c),
                None if quoted => return Err("the quote does not close".to_owned()),
                None => break,
            }
        }
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        parts.add(&key, value)?;
    }
    Ok(parts)
}

/// Keywords of ODBC and of SQL Server's JDBC driver, after an address if one is before them.
pub fn read_braces(text: &str) -> Result<Parts, String> {
    let mut parts = Parts::default();
    let keywords = match text.split_once("://") {
        Some((_, rest)) => {
            let (address, keywords) = rest.split_once(';').ok_or("it has no keywords")?;
            parts.add_address(address, ':')?;
            keywords
        }
        None => text,
    };
    let mut rest = keywords.chars().peekable();
    while rest.peek().is_some() {
        let key: String = rest.by_ref().take_while(|c| *c != '=').collect();
        let value = match rest.next_if_eq(&'{') {
            Some(_) => {
                let value = until_doubled(&mut rest, '}')?;
                match rest.next() {
                    None | Some(';') => value,
                    other => return Err(format!("{other:?} behind {value:?}")),
                }
            }
            None => rest.by_ref().take_while(|c| *c != ';').collect(),
        };
        if key == "Server" {
            parts.add_address(&value, ',')?;
        }
        parts.add(&key, value)?;
    }
    Ok(parts)
}

/// A list that knows no quotes: an address and keywords, as StackExchange.Redis or Azure Storage read them.
pub fn read_list(text: &str, between: char) -> Result<Parts, String> {
    let mut parts = Parts::default();
    for item in text.split(between).filter(|item| !item.is_empty()) {
        match item.split_once('=') {
            Some((key, value)) => {
                if value.contains("://") {
                    parts.add_url(key, value)?;
                }
                parts.add(key, value)?;
            }
            None => parts.add_address(item, ':')?,
        }
    }
    Ok(parts)
}

/// A DSN of go-sql-driver, as its `ParseDSN` reads it.
pub fn read_go_dsn(text: &str) -> Result<Parts, String> {
    let mut parts = Parts::default();
    let (before, after) = text.rsplit_once('/').ok_or("it has no slash")?;
    let (user_password, net) = before.rsplit_once('@').ok_or("it has no user")?;
    let (user, password) = user_password.split_once(':').ok_or("it has no password")?;
    let address = net
        .strip_prefix("tcp(")
        .and_then(|net| net.strip_suffix(')'));
    let (database, _) = after.split_once('?').ok_or("it has no parameters")?;
    let database =
        EStr::<fluent_uri::pct_enc::encoder::Path>::new(database).ok_or("a wrong name")?;
    parts.add("user", user)?;
    parts.add("password", password)?;
    parts.add_address(address.ok_or("it has no address")?, ':')?;
    parts.add("database", decoded(database)?)?;
    Ok(parts)
}
