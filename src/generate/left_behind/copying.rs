//! The steps that copy the data of an old container out, whatever has become of it.

use crate::catalog::{Dump, Kind};
use crate::generate::copies::{self, chained, quoted};
use crate::generate::left_behind::container::{Again, OldContainer, path_of_host};
use crate::generate::left_behind::now::{Place, Run};
use crate::generate::left_behind::steps::{
    Phase, Steps, both, container, documentation, kept_in, volumes,
};
use crate::generate::left_behind::written::{Seen, SeenVolume};
use crate::generate::left_behind::{Item, RanBy, titled};
use crate::generate::secret_file::{previous_path, secrets_path};

/// How the data of a service comes out of its old container.
pub(super) enum Copy<'a> {
    /// By what the kind says.
    Dumped(Dump),
    /// As the files of its volumes and folders, of a container that is stopped.
    Files(Vec<Tarred<'a>>),
    /// By a client that reads there and writes here.
    Client,
    /// By those who use it, until none is left.
    Drained(Dump),
    /// By a way that is not known here.
    Unknown,
}

/// The files of a volume, or of a folder of the host, in one file.
pub(super) struct Tarred<'a> {
    /// The name of that file, without its ending.
    pub(super) name: String,
    /// Where the container has them.
    pub(super) path: &'a str,
}

impl Copy<'_> {
    /// The files that hold it, once it is out.
    pub(super) fn files(&self, name: &str) -> Vec<String> {
        match self {
            Copy::Dumped(_) => vec![format!("{name}.dump")],
            Copy::Files(files) => files.iter().map(|it| format!("{}.tar", it.name)).collect(),
            Copy::Client | Copy::Drained(_) | Copy::Unknown => Vec::new(),
        }
    }

    /// The files that hold all of it, once it is out; none if anything would be lost with what was before.
    pub(super) fn whole(&self, name: &str) -> Vec<String> {
        match self.leaves_out() {
            Some(_) => Vec::new(),
            None => self.files(name),
        }
    }

    /// What it leaves out.
    fn leaves_out(&self) -> Option<&str> {
        match self {
            Copy::Dumped(dump) | Copy::Drained(dump) => dump.leaves_out.as_deref(),
            Copy::Files(_) | Copy::Client | Copy::Unknown => None,
        }
    }
}

/// A container that ran, and what it was made from.
pub(super) struct Ran<'a> {
    pub(super) name: String,
    pub(super) project: &'a str,
    was: &'a Seen<'a>,
    pub(super) old: OldContainer<'a>,
    /// Where its data is copied to.
    pub(super) folder: String,
    /// The way from there to the folder of its host.
    way: String,
}

impl Ran<'_> {
    pub(super) fn again(&self, network: Option<String>) -> Again<'_> {
        Again {
            container: &self.name,
            project: self.project,
            way: &self.way,
            network,
            indent: "",
        }
    }

    /// The command that goes no further where its data is not: the engine makes what it does not find.
    fn found(&self) -> String {
        let volumes = volumes(self.project, self.was);
        let volumes = (!volumes.is_empty()).then(|| {
            let names = volumes.join(" ");
            format!("docker volume inspect --format 'found {{{{.Name}}}}' {names}")
        });
        let folders = self.was.folders.iter();
        let folders = folders.map(|it| format!("test -d {}", path_of_host(it.name, &self.way)));
        let found: Vec<String> = volumes.into_iter().chain(folders).collect();
        found.join(" && ")
    }

    /// The command that takes away the container that Compose has put in its place, if it has: a copy of that one would
    /// hold nothing, and pass for a copy.
    fn unmasked(&self, item: &Item) -> String {
        if !is_replaced(item) {
            return String::new();
        }
        let name = &self.name;
        let folder = |folder: &SeenVolume| {
            format!(" $(cd {} && pwd) ", path_of_host(folder.name, &self.way))
        };
        let kept_in = volumes(self.project, self.was);
        let kept_in = kept_in.first().map(|volume| format!(" {volume} "));
        let kept_in = kept_in.or_else(|| self.was.folders.first().map(folder));
        format!(
            "case \"$(docker inspect --format ' {{{{.Config.Image}}}} {{{{range .Mounts}}}} {{{{.Name}}}} {{{{.Source}}}} {{{{end}}}}' {name} 2>/dev/null)\" in
\"\" | *\" {} \"*\"{}\"*) ;;
*) docker stop {name} && docker rm {name} ;;
esac &&\n",
            self.old.image,
            kept_in.unwrap_or_default()
        )
    }

    /// What its data is in: a word for it.
    fn keeper(&self) -> &str {
        match self.was.volumes.is_empty() {
            true => "folder",
            false => "volume",
        }
    }

    fn exec(&self) -> String {
        format!("docker exec {}", self.name)
    }
}

impl Steps<'_> {
    /// A container with data that is copied out, and goes in where the service is now.
    pub(super) fn copied(&mut self, item: &Item, (project, was): (&str, &Seen)) {
        let RanBy::Container { file, .. } = &item.ran_by else {
            return;
        };
        let ran = Ran {
            name: container(project, item.name),
            project,
            was,
            old: OldContainer::of(file.text, item.name),
            folder: self.copies_folder(item),
            way: way(item),
        };
        let copy = copy_of(item, was);
        self.seen_to_run(item, &ran, &copy);
        self.drained(item, &ran, &copy);
        self.copied_out(item, &ran, &copy);
        self.stopped(item, &ran, &copy);
        if is_replaced(item) {
            self.cleared(item, (project, was), &copy);
        }
        for place in item.to.iter().filter(|place| !place.is_old) {
            self.brought_in(item, place, &copy);
            self.handed_over(item, place, (&ran, &copy));
            self.looked_at(item, place);
        }
    }

    /// Where copies of an item are put: where they are put back, if that is on the same host.
    pub(super) fn copies_folder(&self, item: &Item) -> String {
        let here = item.to.iter().find(|place| place.host == item.host);
        match here {
            Some(place) => self.folder(place),
            None => format!("{}/{}/{}", self.output, item.environment, item.host),
        }
    }

    /// Data comes out of a container that runs; the old one may be stopped, or gone.
    fn seen_to_run(&mut self, item: &Item, ran: &Ran, copy: &Copy) {
        let (name, host, folder) = (item.name, item.host, &ran.folder);
        let (Copy::Dumped(dump) | Copy::Drained(dump)) = copy else {
            return;
        };
        let read = dump.reads();
        let mut text = format!(
            "See that the old {name} runs, on {host}, in {folder}; where its container is gone, this starts another one on its {}.",
            ran.keeper()
        );
        if let Some(held) = self.held(item, &ran.old) {
            text += &format!(" {held}.");
        }
        if !ran.old.interpolated(&read).is_empty() {
            text += &format!(
                " A credential is read from {}/{}: unless the host is this machine, that file goes there for it, and away again.",
                self.output,
                secrets_path(item.environment)
            );
        }
        let again = Again {
            indent: "  ",
            ..ran.again(None)
        };
        if is_replaced(item) {
            text += " A new one that is in its place already goes before.";
        }
        let started = format!(
            "{}{} && {{\n  docker start {} ||\n  {}\n}}",
            ran.unmasked(item),
            ran.found(),
            ran.name,
            ran.old.run(&again, &read)
        );
        let wait = ran.old.waited_for(&ran.name);
        let look = look(item.kind.as_deref(), ran.was);
        let look = look.map(|look| format!("{} sh -c {}", ran.exec(), quoted(&look)));
        self.push(
            Phase::See,
            text,
            chained([started].into_iter().chain(wait).chain(look)),
        );
    }

    /// What no copy holds is worked off before.
    fn drained(&mut self, item: &Item, ran: &Ran, copy: &Copy) {
        let Some(left) = copy.leaves_out() else {
            return;
        };
        let then = match item
            .to
            .iter()
            .any(|place| shared_network(item, place).is_some())
        {
            true => "; what is left then goes over in a step below",
            false => "",
        };
        let text = format!(
            "No copy of {} holds {left}: on {}, let nobody send any more, and those who work on them go on until this shows none{then}.",
            item.name, item.host
        );
        let look = look(item.kind.as_deref(), ran.was);
        let command = look.map(|look| format!("{} sh -c {}", ran.exec(), quoted(&look)));
        self.push(Phase::Drain, text, command);
    }

    /// The copy of what is in its volumes.
    fn copied_out(&mut self, item: &Item, ran: &Ran, copy: &Copy) {
        let (host, name, folder) = (item.host, item.name, &ran.folder);
        let kept_in = kept_in(ran.project, ran.was).unwrap_or_default();
        let stays = format!("it stays there, in {kept_in}");
        let quiet = "while the old container runs and nobody writes to it";
        match copy {
            Copy::Dumped(dump) => {
                let left = copy.leaves_out().map(|left| format!(", but {left}"));
                let left = left.unwrap_or_default();
                let text = format!(
                    "Copy the data of {name} out{left}, on {host}, in {folder}, {quiet}: {stays}."
                );
                let aside = [put_aside(name, "dump")].into_iter();
                let command = chained(aside.chain(copies::out(dump, (&ran.exec(), ""), name)));
                self.push(Phase::CopyRunning, text, command);
            }
            Copy::Files(files) => {
                let text = format!(
                    "Copy the data of {name} out, on {host}, in {folder}, now that it is stopped: {stays}."
                );
                let aside = files.iter().map(|volume| put_aside(&volume.name, "tar"));
                let files = files.iter();
                let files = files.map(|volume| (volume.name.as_str(), volume.path));
                let out = copies::files_out("docker", &ran.name, files);
                // Compose has the name for the next one, and knows none that it has not made.
                let removed = is_replaced(item).then(|| format!("docker rm {}", ran.name));
                let command = chained(aside.chain(out).chain(removed));
                self.push(Phase::CopyStopped, text, command);
            }
            Copy::Client => {
                let text = format!(
                    "Copy the data of {name} from the old container, on {host}, to the provider's, {quiet}, with a client that speaks to {}: {stays}. The credentials of the old one are in {}/{}.",
                    both(item),
                    self.output,
                    previous_path(item.environment)
                );
                self.push(Phase::CopyRunning, text, None);
            }
            Copy::Drained(_) => {}
            Copy::Unknown => {
                let text = format!(
                    "Copy the data of {name} out, on {host}, in {folder}, {quiet}: {stays}; {} says how.",
                    documentation(item)
                );
                self.push(Phase::CopyRunning, text, None);
            }
        }
    }

    fn stopped(&mut self, item: &Item, ran: &Ran, copy: &Copy) {
        let (name, host, container) = (item.name, item.host, &ran.name);
        let stop = format!("docker stop {container}");
        let command = match copy {
            // Files come out of a container that is only made, too.
            Copy::Files(_) => format!(
                "{}{} && {{\n  {stop} ||\n  {}\n}}",
                ran.unmasked(item),
                ran.found(),
                ran.old.create(&ran.again(None), &ran.was.folders)
            ),
            _ if is_replaced(item) => chained([stop, format!("docker rm {container}")]),
            _ => stop,
        };
        let text = match copy {
            Copy::Files(_) => format!(
                "Stop the old {name}, on {host}; where its container is gone, this makes another one on its {}",
                ran.keeper()
            ),
            _ => format!("Stop the old {name}, on {host}; it runs on until then"),
        };
        // What is seen to run first has kept its files then.
        let held = match copy {
            Copy::Dumped(_) | Copy::Drained(_) => None,
            Copy::Files(_) | Copy::Client | Copy::Unknown => self.held(item, &ran.old),
        };
        let held = held.map(|held| format!(". {held}")).unwrap_or_default();
        self.push(Phase::Stop, format!("{text}{held}:"), command);
    }

    /// The volume in which another kind would find what it does not read.
    fn cleared(&mut self, item: &Item, (project, was): (&str, &Seen), copy: &Copy) {
        let Some(Place {
            kind: Some(is),
            seen: Some(seen),
            ..
        }) = item.to.first()
        else {
            return;
        };
        let is_found = |volume: &&SeenVolume| seen.mounts(volume.name);
        // Of one kind, the versions tell them apart.
        let (old, new) = match &item.kind {
            Some(kind) if kind.id == is.id => (titled(Some(kind), was), titled(Some(is), seen)),
            Some(kind) => (kind.title.clone(), is.title.clone()),
            None => ("the old one".to_owned(), is.title.clone()),
        };
        let otherwise = format!("otherwise {new} starts on what {old} has left there");
        let folders = was.folders.iter();
        for folder in folders.filter(|folder| seen.has_folder(folder.name)) {
            let text = format!(
                "Once the copy is safe, empty the folder {}, on {}, seen from {}; {otherwise}.",
                folder.name,
                item.host,
                self.copies_folder(item)
            );
            self.push(Phase::Clear, text, None);
        }
        if !was.volumes.iter().any(|volume| is_found(&volume)) {
            return;
        }
        let own = item.own(was);
        if !own.volumes.is_empty() {
            let remove = format!("docker volume rm {}", volumes(project, &own).join(" "));
            let copies = copy.files(item.name);
            let (how, command) = match copies.is_empty() {
                true => (
                    "; take the # away once you have a copy",
                    format!("# {remove}"),
                ),
                false => {
                    let are_there = copies.iter().map(|file| format!("test -s {file}"));
                    ("", chained(are_there.chain([remove])))
                }
            };
            let text = format!(
                "Once the copy is safe, take away the data of before, on {}, in {}; {otherwise}{how}:",
                item.host,
                self.copies_folder(item)
            );
            self.push(Phase::Clear, text, command);
        }
        let RanBy::Container { file, .. } = &item.ran_by else {
            return;
        };
        // Docker takes away no volume that has a container, and others have theirs in it.
        let shared = was.volumes.iter().filter(is_found);
        for volume in shared.filter(|volume| !own.mounts(volume.name)) {
            let others = file.others(item.name);
            let others = others.filter(|(_, other)| other.mounts(volume.name));
            let others: Vec<&str> = others.map(|(name, _)| name).collect();
            let text = format!(
                "Once the copy is safe, delete what {old} has left in the volume {project}_{}, on {}, and not the volume, which {} mounts too; {otherwise}.",
                volume.name,
                item.host,
                others.join(", ")
            );
            self.push(Phase::Clear, text, None);
        }
    }
}

fn is_replaced(item: &Item) -> bool {
    matches!(
        item.ran_by,
        RanBy::Container {
            is_replaced: true,
            ..
        }
    )
}

/// What shows what a container keeps.
pub(super) fn look(kind: Option<&Kind>, seen: &Seen) -> Option<String> {
    let container = kind?.container.as_ref()?;
    container.look_in(|name| seen.variables.contains(&name))
}

pub(super) fn is_same_kind(item: &Item, place: &Place) -> bool {
    item.kind.as_ref().map(|kind| &kind.id) == place.kind.as_ref().map(|kind| &kind.id)
}

/// The command that makes room for a copy, and keeps each of another time: the first may be the only good one. None may
/// stay under this name, by which later steps know that there is a copy of now.
fn put_aside(name: &str, ending: &str) -> String {
    let whole = format!("{name}.{ending}");
    format!(
        "{{ test ! -e {whole} || mv {whole} \"{name}.before-$(date +%Y%m%d-%H%M%S).{ending}\"; }}"
    )
}

/// The way from where copies are put to the folder of the host that ran it.
fn way(item: &Item) -> String {
    let here = item.to.iter().find(|place| place.host == item.host);
    match here.is_some_and(|place| place.environment != item.environment) {
        true => format!("../../{}/{}/", item.environment, item.host),
        false => String::new(),
    }
}

/// A network in which both the old container and the new one can be.
pub(super) fn shared_network<'i>(item: &'i Item, place: &Place) -> Option<&'i str> {
    let RanBy::Container { file, .. } = &item.ran_by else {
        return None;
    };
    let is_here = place.host == item.host && file.project == file.project_now;
    let is = OldContainer::of(file.text_now, place.name);
    let networks = OldContainer::of(file.text, item.name).networks;
    let shared = networks.into_iter().find(|name| is.networks.contains(name));
    shared.filter(|_| is_here && is_same_kind(item, place))
}

/// The files of each volume and folder. Those of a folder are called as if the kind's own volume held them.
fn tarred<'a>(item: &Item, was: &Seen<'a>) -> Vec<Tarred<'a>> {
    let volumes = was.volumes.iter().map(|volume| Tarred {
        name: volume.name.to_owned(),
        path: volume.path,
    });
    let folders = was.folders.iter().map(|folder| Tarred {
        name: format!(
            "{}-{}",
            item.name,
            folder.path.rsplit('/').next().unwrap_or_default()
        ),
        path: folder.path,
    });
    volumes.chain(folders).collect()
}

/// How the data of a container comes out that a compose file knows.
pub(super) fn copy_of<'a>(item: &Item, was: &Seen<'a>) -> Copy<'a> {
    let container = item.kind.as_ref().and_then(|kind| kind.container.as_ref());
    let dump = container.and_then(|container| container.dump.as_ref());
    let dump = dump.and_then(|dump| dump.in_container(|name| was.variables.contains(&name)).ok());
    let is_whole = dump.as_ref().is_some_and(|dump| dump.leaves_out.is_none());
    // Files are read by the version alone that wrote them, and some under the name alone of their machine.
    let is_fixed = container.is_some_and(|container| container.fixed_hostname);
    let mut seen = item.to.iter().map(|place| place.seen.as_ref());
    let is_same = seen.all(|seen| {
        seen.is_none_or(|seen| {
            seen.image == was.image && (!is_fixed || seen.hostname == was.hostname)
        })
    });
    let has_files = container.is_some_and(|container| container.copied_stopped) && is_same;
    let is_at_provider = item.to.iter().any(|place| place.run == Run::Provider);
    let is_kind = item.to.iter().all(|place| is_same_kind(item, place));
    match dump {
        Some(dump) if is_whole => Copy::Dumped(dump),
        _ if has_files && !is_at_provider => Copy::Files(tarred(item, was)),
        Some(dump) if is_kind => Copy::Dumped(dump),
        Some(dump) => Copy::Drained(dump),
        None if is_at_provider => Copy::Client,
        None => Copy::Unknown,
    }
}
