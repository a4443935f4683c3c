//! What can be said on the command line. Help, completions and the man page come from here.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Plan where an application's backing services live, and generate each environment's files.
#[derive(Debug, Parser)]
#[command(
    name = "backstay",
    version,
    about,
    subcommand_precedence_over_arg = true,
    after_help = "Exit codes: 0 clean, 1 findings at or above the failing level (or stale files), 2 could not run.\n\
                  Without a plan here or above, `backstay` and `show` show an embedded example."
)]
pub struct Args {
    /// The plan to look at; `backstay.toml` here or above if not said
    #[arg(value_name = "PLAN")]
    pub path: Option<PathBuf>,
    /// The plan to work on; `backstay.toml` here or above if not said, `/dev/stdin` for what is piped in
    #[arg(short, long, global = true, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Judge ends of life on another day than today
    #[arg(long, global = true, value_name = "DATE")]
    pub today: Option<String>,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin a plan: asks for apps, needs and environments, or takes them as arguments
    New(NewArgs),
    /// Say what is wrong with the plan, and mend it
    Check(CheckArgs),
    /// Say which service answers which need, why, and what it grows into
    Suggest(SuggestArgs),
    /// Say what services can grow into and what changes with it, or add an environment that runs both
    Grow(GrowArgs),
    /// Show hosts, what runs on them, and who uses what where
    Show(ShowArgs),
    /// Say how two environments differ, and how much each difference matters
    Diff(DiffArgs),
    /// Print an environment as a picture or a graph for other programs
    Export(ExportArgs),
    /// Write compose files, env files and a runbook for each environment and host
    Generate(GenerateArgs),
    /// Make a plan of what a team has already
    Import(ImportArgs),
    /// List the credentials of environments, renew them, or set one
    Secrets(SecretsArgs),
    /// Explain a rule, a kind, a dialect or a variable; without a name, list the rules
    Explain(ExplainArgs),
    /// List the kinds of services and the dialects, or describe one
    Catalog {
        /// A kind or a dialect
        name: Option<String>,
    },
    /// Print the plan file's JSON Schema, for editors
    Schema,
    /// Print the example plan, to start from
    Example,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the man page
    Man,
}

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Apply the fixes of these rules to the plan, or of all; comments stay
    #[arg(long, value_name = "RULE,…", num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    pub fix: Option<Vec<String>>,
    /// With --fix, show the change and write nothing
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
    /// The level from which findings make the check fail
    #[arg(long, value_name = "LEVEL", default_value = "deny")]
    pub fail_on: FailOn,
    /// How to print the findings
    #[arg(long, default_value = "text")]
    pub format: CheckFormat,
}

/// Arguments of `new`.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// What the application is called; the folder's name if not said
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// An app, with its image and port; once for each
    #[arg(long = "app", value_name = "NAME[=IMAGE:TAG][:PORT]")]
    pub apps: Vec<String>,
    /// What the apps need, each with what is expected of it, and whose it is where not all of them have it:
    /// `files:5GiB`, `queue:redelivery@worker`
    #[arg(long, value_name = "ROLE[:EXPECTED][@APP+APP],…")]
    pub needs: Option<String>,
    /// Where the apps run; a tier where the name does not say it
    #[arg(long, value_name = "NAME[=TIER],…")]
    pub environments: Option<String>,
    /// The set of defaults that answers: default, aws, azure, gcp, self-hosted, or one of your own
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// Kinds that the team knows and runs already
    #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
    pub team: Vec<String>,
    /// The new file; `-` prints it. Nothing is overwritten
    #[arg(short, long, value_name = "FILE", default_value = "backstay.toml")]
    pub output: PathBuf,
    /// Write a decision record as well, in Markdown
    #[arg(long, value_name = "FILE")]
    pub adr: Option<PathBuf>,
    /// Ask for what is not said, even if standard input is no terminal
    #[arg(long)]
    pub ask: bool,
}

/// Arguments of `suggest`.
#[derive(Debug, clap::Args)]
pub struct SuggestArgs {
    /// Which needs, each with what is expected of it: `files:5GiB`, `queue:redelivery+dead-letters`; those of the
    /// plan that nothing answers if none is named
    #[arg(value_name = "NEED[:EXPECTED]")]
    pub needs: Vec<String>,
    /// The set of defaults that answers: default, aws, azure, gcp, self-hosted, or one of your own
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// Kinds that the team knows, besides those that the plan says
    #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
    pub team: Vec<String>,
    /// Every need of the plan, with what would be chosen for those that are answered
    #[arg(long, conflicts_with = "needs")]
    pub all: bool,
    /// Write the answers into the plan; comments stay
    #[arg(long)]
    pub apply: bool,
    /// With --apply, show the change and write nothing
    #[arg(long, requires = "apply")]
    pub dry_run: bool,
    /// How to print them
    #[arg(long, default_value = "text")]
    pub format: SuggestFormat,
}

/// Arguments of `grow`.
#[derive(Debug, clap::Args)]
pub struct GrowArgs {
    /// Which service; all if none is named
    #[arg(value_name = "SERVICE")]
    pub service: Option<String>,
    /// Into which kind
    #[arg(long, value_name = "KIND")]
    pub to: Option<String>,
    /// Add an environment like this one in which apps reach both the smaller and the larger service
    #[arg(long, value_name = "ENVIRONMENT")]
    pub overlay: Option<String>,
    /// With --overlay, show the change and write nothing
    #[arg(long, requires = "overlay")]
    pub dry_run: bool,
    /// How to print them
    #[arg(long, default_value = "text")]
    pub format: SuggestFormat,
}

/// How to print suggestions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SuggestFormat {
    /// For people
    Text,
    /// For scripts
    Json,
    /// For documents
    Markdown,
}

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Which environments; all if none is named
    #[arg(value_name = "ENVIRONMENT")]
    pub environments: Vec<String>,
    /// Every environment
    #[arg(long, conflicts_with = "environments")]
    pub all: bool,
    /// Say instead what it costs when this host or component fails, and what goes on
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', conflicts_with_all = ["all", "width", "ascii"])]
    pub without: Vec<String>,
    /// How wide a line may be; a map that is wider becomes a tree. The terminal's width if not said
    #[arg(long, value_name = "COLUMNS")]
    pub width: Option<usize>,
    /// Draw with ASCII characters alone
    #[arg(long)]
    pub ascii: bool,
    /// Whether to colour; `auto` colours on a terminal unless `NO_COLOR` is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Coloring,
    /// How to print them
    #[arg(long, default_value = "text")]
    pub format: Format,
}

/// Arguments of `diff`.
#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// The environment that is compared
    #[arg(value_name = "ENVIRONMENT")]
    pub first: String,
    /// The environment that it is compared with
    #[arg(value_name = "ENVIRONMENT")]
    pub second: Option<String>,
    /// Compare with the same environment in another version of the plan, which came before
    #[arg(long, value_name = "FILE", conflicts_with = "second")]
    pub against: Option<PathBuf>,
    /// How to print the differences
    #[arg(long, default_value = "text")]
    pub format: DiffFormat,
    /// How much a difference must matter to fail, unless `[differences]` in the plan accepts it
    #[arg(long, value_name = "WEIGHT", default_value = "much")]
    pub fail_on: DiffFailOn,
}

/// How to print differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    Text,
    /// For scripts
    Json,
    /// For a page or a comment
    Markdown,
}

/// From which weight a difference fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFailOn {
    /// Whatever differs
    Little,
    /// In what a fault can hide
    Some,
    /// Where one environment says little about the other
    Much,
    /// Nothing
    Never,
}

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// In which form
    #[arg(value_name = "FORMAT")]
    pub format: ExportFormat,
    /// Which environment; the only one, or the last by tier, if none is named
    #[arg(value_name = "ENVIRONMENT")]
    pub environment: Option<String>,
}

/// Forms of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// The map, with every cell where the screen has it
    Svg,
    /// A flowchart for Mermaid
    Mermaid,
    /// A graph for Graphviz
    Dot,
    /// A diagram for D2
    D2,
    /// Hosts, components and uses for scripts
    Json,
}

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// A rule, a kind, a dialect, ENVIRONMENT/APP for an app's variables, or ENVIRONMENT/APP/VARIABLE
    pub topic: Option<String>,
    /// How to print variables
    #[arg(long, default_value = "text")]
    pub format: Format,
}

/// Arguments of `generate`.
#[derive(Debug, Default, clap::Args)]
pub struct GenerateArgs {
    /// Which environments; all if none is named
    #[arg(value_name = "ENVIRONMENT")]
    pub environments: Vec<String>,
    /// Where to write; `deploy` beside the plan if not said
    #[arg(short, long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
    /// Show what would change and write nothing
    #[arg(long, conflicts_with = "check")]
    pub dry_run: bool,
    /// Write nothing, and fail if a committed file is not up to date
    #[arg(long)]
    pub check: bool,
    /// Where you and Backstay changed the same lines, take Backstay's and keep yours as NAME.orig
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// What is there already
    #[command(subcommand)]
    pub from: ImportFrom,
}

/// What a plan can be made of.
#[derive(Debug, Subcommand)]
pub enum ImportFrom {
    /// Compose files, read as Docker Compose reads them
    Compose(ImportComposeArgs),
}

/// Arguments of `import compose`.
#[derive(Debug, clap::Args)]
pub struct ImportComposeArgs {
    /// The files of one environment, each over the one before, `-` for standard input; those that Docker Compose
    /// would take here if not said
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The environment that the files describe
    #[arg(short, long, value_name = "NAME", default_value = "local")]
    pub environment: String,
    /// One of several environments of the plan, with its files
    #[arg(long = "as", value_name = "NAME=FILE,…", conflicts_with_all = ["files", "environment"])]
    pub as_: Vec<String>,
    /// A file with variables, instead of `.env` beside the first file
    #[arg(long, value_name = "FILE")]
    pub env_file: Vec<PathBuf>,
    /// Read files that lie outside of the folders of the compose files and of this one too
    #[arg(long)]
    pub outside: bool,
    /// Where to write the plan; `-` prints it
    #[arg(short, long, value_name = "FILE", default_value = "backstay.toml")]
    pub output: PathBuf,
    /// Write over a plan that is there
    #[arg(long)]
    pub force: bool,
    /// `json` prints what was read, as `docker compose config` does, and writes nothing
    #[arg(long, default_value = "text")]
    pub format: Format,
    /// With `--format json`, print credentials too
    #[arg(long)]
    pub reveal: bool,
}

/// Arguments of `secrets`.
#[derive(Debug, clap::Args)]
pub struct SecretsArgs {
    /// What to do with them
    #[command(subcommand)]
    pub command: SecretsCommand,
    /// Where the generated files are; `deploy` beside the plan if not said
    #[arg(short, long, global = true, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
}

/// What to do with credentials.
#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Say which there are, who makes them, where they are kept and which files carry them; never a value
    List(SecretsListArgs),
    /// Draw new ones, write them into every file, and say what is left to be done by hand
    Rotate(SecretsRotateArgs),
    /// Set one: its value comes from standard input, a variable or a file, never from an argument
    Set(SecretsSetArgs),
    /// Let an environment that was renamed go on with the credentials that it had, and write its files
    Move(SecretsMoveArgs),
}

/// Arguments of `secrets list`.
#[derive(Debug, clap::Args)]
pub struct SecretsListArgs {
    /// Which environments; all if none is named
    #[arg(value_name = "ENVIRONMENT")]
    pub environments: Vec<String>,
    /// How to print them
    #[arg(long, default_value = "text")]
    pub format: Format,
}

/// Arguments of `secrets rotate`.
#[derive(Debug, clap::Args)]
pub struct SecretsRotateArgs {
    /// Whose credentials
    #[arg(value_name = "ENVIRONMENT")]
    pub environment: String,
    /// Which: all of a service, or one; or a variable of a service that is gone, to forget it
    #[arg(value_name = "SERVICE[.NAME]")]
    pub which: Vec<String>,
    /// Every one that Backstay makes
    #[arg(long, conflicts_with = "which")]
    pub all: bool,
    /// Draw none, but take away the values of before: the change is made
    #[arg(long)]
    pub forget: bool,
    /// Say what would be done and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `secrets set`.
#[derive(Debug, clap::Args)]
pub struct SecretsSetArgs {
    /// Whose credential
    #[arg(value_name = "ENVIRONMENT")]
    pub environment: String,
    /// Which
    #[arg(value_name = "SERVICE.NAME")]
    pub which: String,
    /// Take the value from a variable instead of standard input
    #[arg(long, value_name = "VARIABLE", conflicts_with = "from_file")]
    pub from_env: Option<String>,
    /// Take the value from a file instead of standard input
    #[arg(long, value_name = "FILE")]
    pub from_file: Option<PathBuf>,
}

/// Arguments of `secrets move`.
#[derive(Debug, clap::Args)]
pub struct SecretsMoveArgs {
    /// What it was called before; the plan has it no more
    #[arg(value_name = "OLD")]
    pub from: String,
    /// What it is called now. Values that were drawn for it meanwhile are kept as earlier ones
    #[arg(value_name = "NEW")]
    pub to: String,
    /// Say what would be done and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For scripts
    Json,
}

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Coloring {
    /// On a terminal, unless the environment says otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to print findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people
    Text,
    /// For scripts
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// A level from which a check fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// At the least remark
    Note,
    /// At what is advised against
    Warn,
    /// At what is wrong
    Deny,
}
