//! The steps that put the data of a service where the service is now, and look at it there.

use crate::generate::copies::{self, NO_INPUT, chained, quoted};
use crate::generate::left_behind::Item;
use crate::generate::left_behind::copying::{
    Copy, Ran, Tarred, is_same_kind, look, shared_network,
};
use crate::generate::left_behind::now::{Place, Run};
use crate::generate::left_behind::steps::{Phase, Steps, documentation, start};

impl Steps<'_> {
    /// What an environment with a new name may run already, on a host that was written before its data goes there.
    pub(super) fn begun(&mut self, item: &Item, place: &Place) {
        let (environment, host) = (place.environment, place.host);
        let file = self.now.written.file(environment, host);
        let is_begun = file.is_some_and(|file| file.before.contains_key(place.name));
        if environment == item.environment || !is_begun {
            return;
        }
        let text = format!(
            "Take down what runs of {environment} already, on {host}, in {}. It began without the data of before: where it holds nothing that you need, throw that away too, by the command that begins with a # that you take away:",
            self.folder(place)
        );
        let command = "docker compose down\n# docker compose down --volumes";
        self.push(Phase::Quiet, text, command.to_owned());
    }

    /// The service where it is now, with the data.
    pub(super) fn brought_in(&mut self, item: &Item, place: &Place, copy: &Copy) {
        let (name, host, folder) = (place.name, place.host, self.folder(place));
        let files = copy.files(item.name).join(", ");
        if host != item.host && !files.is_empty() && place.run == Run::Container {
            let text = format!(
                "Carry {files} from {} to {host}, into {folder} there.",
                item.host
            );
            self.push(Phase::Carry, text, None);
        }
        let failed = format!("{{ echo '{files} was not put back' >&2; false; }}");
        match (place.run, copy) {
            (Run::Container, Copy::Dumped(dump)) if is_same_kind(item, place) => {
                let text = format!("Start {name} on {host}, in {folder}, and put the data back:");
                let inside = format!("docker compose exec -T {name}");
                let [is_there, back] = copies::back(dump, &inside, item.name);
                let command = chained([is_there, start(name), back]);
                self.push(Phase::Start, text, format!("{command} ||\n{failed}"));
            }
            (Run::Container, Copy::Files(files)) if is_same_kind(item, place) => {
                let text = format!(
                    "Put the data back before {name} is first started on {host}, and start it, in {folder}:"
                );
                let are_there = files.iter().map(|it| format!("test -s {}.tar", it.name));
                let files = files
                    .iter()
                    .map(|volume| (volume.name.as_str(), path_now(item, place, volume)));
                let back = copies::files_in(name, files);
                let command = chained(are_there.chain(back).chain([start(name)]));
                self.push(Phase::Start, text, format!("{command} ||\n{failed}"));
            }
            (Run::Container, copy) => {
                self.push(
                    Phase::Start,
                    format!("Start {name} on {host}, in {folder}:"),
                    start(name),
                );
                self.filled(item, place, copy);
            }
            (Run::Provider, copy) => {
                self.ordered(place);
                if !matches!(copy, Copy::Client | Copy::Drained(_)) {
                    let text = format!("Put {files} into {name} at {host}, with a client of it.");
                    self.push(Phase::Fill, text, None);
                }
            }
            (Run::Process, _) => {
                let copy = if files.is_empty() { "the copy" } else { &files };
                let text = format!(
                    "Start {name} on {host}, where it is a process of the machine now, and put {copy} back with its own client."
                );
                self.push(Phase::Start, text, None);
            }
            (Run::Others, _) => {
                let text = format!(
                    "Start {name} on {host}, as whoever runs it there does, and put the copy back."
                );
                self.push(Phase::Start, text, None);
            }
        }
    }

    /// The data in a service that runs, by a way that is not known here.
    fn filled(&mut self, item: &Item, place: &Place, copy: &Copy) {
        let (name, host) = (place.name, place.host);
        let text = match (copy, &place.kind, &item.kind) {
            (Copy::Drained(_), ..) => return,
            (_, Some(is), Some(was)) if is.id != was.id => {
                let files = copy.files(item.name).join(", ");
                let copy = if files.is_empty() { "the copy" } else { &files };
                format!(
                    "Fill {name} on {host} with what {copy} holds, converted first, by a tool that knows both: {} does not read what {} has written.",
                    is.title, was.title
                )
            }
            _ => format!(
                "Put the data of {name} back on {host}, as {} says.",
                documentation(item)
            ),
        };
        self.push(Phase::Fill, text, None);
    }

    /// What the copy leaves out, from the old container to the new one while both run.
    pub(super) fn handed_over(&mut self, item: &Item, place: &Place, (ran, copy): (&Ran, &Copy)) {
        let Copy::Dumped(dump) = copy else { return };
        let network = shared_network(item, place);
        let (Some(left), Some(rest), Some(network)) = (&dump.leaves_out, &dump.rest, network)
        else {
            return;
        };
        let (name, host, old) = (place.name, place.host, &ran.name);
        let text = format!(
            "Where anything was left of {left}, on {host}, in {}: this starts the old {} again beside {name}, without its ports, has it hand them over, and stops it. It shows what is in the old one still.",
            ran.folder, item.name
        );
        let network = format!("{}_{network}", ran.project);
        let run = ran.old.run(&ran.again(Some(network)), &dump.reads());
        let hand_over = format!(
            "docker compose exec -T {name} sh -c {} {NO_INPUT} |\ndocker exec -i {old} sh -c \"$(cat <<'END'\n{}\nEND\n)\"",
            quoted(&rest.reached),
            rest.command.trim()
        );
        let wait = ran.old.waited_for(old);
        let before = [format!("docker rm --force {old}"), run];
        let after = [hand_over, format!("docker stop {old}")];
        let command = chained(before.into_iter().chain(wait).chain(after));
        self.push(Phase::Fill, text, command);
    }

    /// Nothing of before goes until somebody has seen what came of it.
    pub(super) fn looked_at(&mut self, item: &Item, place: &Place) {
        let (name, host, old) = (place.name, place.host, item.name);
        let look = match (place.run, &place.seen) {
            (Run::Container, Some(seen)) => look(place.kind.as_deref(), seen),
            _ => None,
        };
        let Some(look) = look else {
            let text = format!("Look whether {name} on {host} has all that the old {old} had.");
            return self.push(Phase::Look, text, None);
        };
        let text = format!(
            "On {host}, in {}, look whether {name} has all that the old {old} had:",
            self.folder(place)
        );
        let look = quoted(&look);
        let command = format!("docker compose exec -T {name} sh -c {look} {NO_INPUT}");
        self.push(Phase::Look, text, command);
    }
}

/// Where the new container has what a volume of the old one held: the volume that is called the same, but for the name
/// of its service.
fn path_now<'a>(item: &Item, place: &'a Place, volume: &Tarred<'a>) -> &'a str {
    let of_old = volume.name.strip_prefix(item.name);
    let volumes = place.seen.iter().flat_map(|seen| &seen.volumes);
    let mut same = volumes.filter(|it| it.name.strip_prefix(place.name) == of_old);
    same.next().map_or(volume.path, |it| it.path)
}
