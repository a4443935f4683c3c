//! Colours by what they mean.

use ratatui::style::{Color, Modifier, Style};

use crate::finding::Severity;
use crate::topology::Locality;

/// Which colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The terminal's own sixteen colours, which suit whatever background it has.
    #[default]
    Terminal,
    /// Exact colours for dark backgrounds.
    Dark,
    /// Exact colours for light backgrounds.
    Light,
    /// None: bold, dim, underlined and reversed only.
    Plain,
}

/// What a colour says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Internal,
    External,
    Deny,
    Warn,
    Note,
    Added,
    Accent,
}

impl Theme {
    /// The names of themes.
    pub const NAMES: [(&'static str, Theme); 4] = [
        ("terminal", Theme::Terminal),
        ("dark", Theme::Dark),
        ("light", Theme::Light),
        ("plain", Theme::Plain),
    ];

    /// The theme of that name.
    pub fn find(name: &str) -> Option<Theme> {
        let mut names = Theme::NAMES.iter();
        names
            .find(|(known, _)| *known == name)
            .map(|(_, theme)| *theme)
    }

    /// Text that stands back.
    pub fn dim(self) -> Style {
        match self {
            Theme::Dark => Style::new().fg(Color::Rgb(0x8a, 0x90, 0x99)),
            Theme::Light => Style::new().fg(Color::Rgb(0x6a, 0x70, 0x78)),
            Theme::Terminal | Theme::Plain => Style::new().add_modifier(Modifier::DIM),
        }
    }

    /// Headings and names of hosts.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is selected.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What leads the eye: the panel and environment that are shown, keys.
    pub fn accent(self) -> Style {
        self.color(Meaning::Accent).add_modifier(Modifier::BOLD)
    }

    /// A locality.
    pub fn locality(self, locality: Locality) -> Style {
        self.color(match locality {
            Locality::Internal => Meaning::Internal,
            Locality::External => Meaning::External,
        })
    }

    /// A severity.
    pub fn severity(self, severity: Severity) -> Style {
        self.color(match severity {
            Severity::Deny => Meaning::Deny,
            Severity::Warn => Meaning::Warn,
            Severity::Note => Meaning::Note,
        })
    }

    /// A line of a diff that is added.
    pub fn added(self) -> Style {
        self.color(Meaning::Added)
    }

    /// A line of a diff that is removed, and errors.
    pub fn removed(self) -> Style {
        self.color(Meaning::Deny)
    }

    /// Colours that a red-green weakness does not confuse: those of Okabe and Ito, darkened for light backgrounds.
    fn color(self, meaning: Meaning) -> Style {
        let color = match (self, meaning) {
            (Theme::Plain, Meaning::Deny | Meaning::External) => {
                return Style::new().add_modifier(Modifier::BOLD);
            }
            (Theme::Plain, _) => return Style::new(),
            (Theme::Terminal, Meaning::Internal) => Color::Cyan,
            (Theme::Terminal, Meaning::External) => Color::Yellow,
            (Theme::Terminal, Meaning::Deny) => Color::Red,
            (Theme::Terminal, Meaning::Warn) => Color::Magenta,
            // Blue is hard to read on the black of most terminals.
            (Theme::Terminal, Meaning::Note) => return Style::new(),
            (Theme::Terminal, Meaning::Added) => Color::Green,
            (Theme::Terminal, Meaning::Accent) => Color::Cyan,
            (Theme::Dark, Meaning::Internal) => Color::Rgb(0x56, 0xb4, 0xe9),
            (Theme::Dark, Meaning::External) => Color::Rgb(0xe6, 0x9f, 0x00),
            (Theme::Dark, Meaning::Deny) => Color::Rgb(0xff, 0x6e, 0x4a),
            (Theme::Dark, Meaning::Warn) => Color::Rgb(0xdd, 0x8f, 0xbf),
            (Theme::Dark, Meaning::Note) => Color::Rgb(0x9a, 0xb8, 0xd8),
            (Theme::Dark, Meaning::Added) => Color::Rgb(0x2f, 0xc0, 0x92),
            (Theme::Dark, Meaning::Accent) => Color::Rgb(0x56, 0xb4, 0xe9),
            (Theme::Light, Meaning::Internal) => Color::Rgb(0x00, 0x5b, 0x94),
            (Theme::Light, Meaning::External) => Color::Rgb(0x96, 0x5a, 0x00),
            (Theme::Light, Meaning::Deny) => Color::Rgb(0xb0, 0x3a, 0x00),
            (Theme::Light, Meaning::Warn) => Color::Rgb(0x8f, 0x3d, 0x70),
            (Theme::Light, Meaning::Note) => Color::Rgb(0x3a, 0x5a, 0x80),
            (Theme::Light, Meaning::Added) => Color::Rgb(0x00, 0x6d, 0x4c),
            (Theme::Light, Meaning::Accent) => Color::Rgb(0x00, 0x5b, 0x94),
        };
        Style::new().fg(color)
    }
}
