//! Which characters the user's terminal can show, as the locale says.

use crate::cli::taken::variable;
use crate::layout::Charset;

/// ASCII where the locale says that there is nothing else.
pub fn charset() -> Charset {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).ok().filter(|value| !value.is_empty()));
    let is_other = said.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    });
    match is_other {
        true => Charset::Ascii,
        false => Charset::Unicode,
    }
}
