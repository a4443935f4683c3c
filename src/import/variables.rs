//! Variables of a service: settings, and those that are credentials, which no plan holds.

use crate::compose_file::Map;
use crate::import::draft::{Credential, Draft};
use crate::import::secrets::Secrets;
use crate::model::VariableName;
use crate::source::Written;

/// Takes the variables of a service.
pub(super) fn take(draft: &mut Draft<'_>, variables: &Map, secrets: &Secrets) {
    for (name, node) in variables {
        let Some(value) = node.text() else {
            draft.leave(
                &format!("environment.{name}"),
                node.place,
                "its value is that of the shell, which has none now",
            );
            continue;
        };
        if let Err(why) = VariableName::of_container(name) {
            draft.leave(
                &format!("environment.{name}"),
                node.place,
                format!("its name {why}, which many readers of env files refuse"),
            );
            continue;
        }
        if secrets.is_in(name, value) {
            draft.say_named(&["secret-settings"], name, Written::Flag(true));
            draft.credentials.push(Credential {
                component: draft.name.clone(),
                variable: name.to_string(),
                value: value.to_owned(),
                place: node.place,
            });
        } else if value.contains('\0') {
            draft.leave(
                &format!("environment.{name}"),
                node.place,
                "no variable can hold a zero byte",
            );
        } else {
            draft.say_named(&["settings"], name, Written::Text(value.to_owned()));
        }
    }
}
