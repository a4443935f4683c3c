//! What a plan is made of, as plain values: no serialisation, no graph, no files.
//!
//! `Plan` says what the user declared and nothing more. What follows from it (addresses, stand-ins,
//! locality) is worked out in `topology`.

mod choice;
mod container;
mod date;
mod edit;
mod host_word;
mod image;
mod name;
mod path;
mod plan;
mod secret_word;
mod size;
mod time_span;

pub use choice::{
    Aspect, Choice, Expose, HostKind, Level, Protocol, Quoting, Requirement, Role, RunsAs, Tier,
    Wait,
};
pub use container::{
    Build, Capability, Container, FILES_LABEL, FurtherPort, Healthcheck, Mount, Restart,
};
pub use date::Date;
pub use edit::{Edit, EditValue};
pub use host_word::{
    about, holds_a_host, is_host_word, is_short_for, ports_behind, speaks_of_hosts,
};
pub use image::ImageName;
pub use name::{
    Address, ComponentName, EnvironmentName, HostName, LabelName, NameError, PlanName, PortName,
    SecretName, VariableName, VolumeName,
};
pub use path::{PlanPath, Step};
pub use plan::{
    App, Demand, Environment, Host, LevelSetting, Plan, SecretSource, Service, SizeHint, Use,
};
pub use secret_word::{WordPart, secret_word, word_parts};
pub use size::{ByteSize, Period};
pub use time_span::TimeSpan;
