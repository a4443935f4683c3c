//! What would be generated: the files of the environment, and the text of the selected one or its diff.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::finding::printed;
use crate::tui::state::State;
use crate::tui::view::wrap::wrap;
use crate::tui::view::{list, mark_cut, paragraph, span};
use crate::tui::world::{FilePreview, FileState};

/// Draws the list.
pub fn draw_list(state: &State, area: Rect, frame: &mut Frame) {
    let files = state.listed_files();
    if files.is_empty() {
        let said = match &state.files {
            Some(files) => match &files.result {
                Err(why) => why.clone(),
                Ok(_) => "nothing is generated for this environment".to_owned(),
            },
            None => "working the files out …".to_owned(),
        };
        super::wrapped(
            vec![Line::from(format!(" {}", printed(&said)))],
            0,
            area,
            frame,
        );
        return;
    }
    let mut lines = files.iter().map(|file| line(state, file));
    list(
        &mut lines,
        state.lists.file,
        files.len(),
        area,
        state,
        frame,
    );
}

fn line(state: &State, file: &FilePreview) -> Line<'static> {
    let theme = state.theme;
    let (word, style) = match file.state {
        FileState::New => ("new", theme.added()),
        FileState::Changed => ("changed", theme.accent()),
        FileState::Conflict => ("conflict", theme.removed()),
        FileState::Removed => ("removed", theme.removed()),
        FileState::Current => ("current", theme.dim()),
    };
    Line::from(vec![
        span(format!(" {word:<9}"), style),
        Span::raw(printed(&file.path)),
    ])
}

/// How far the text of the selected file can be moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The first line that is shown when the last one is.
    pub most_scroll: usize,
    /// The first column that is shown when the last one is.
    pub most_shift: usize,
}

/// How far the text of the selected file can be moved in its side of the screen.
pub fn extent(state: &State, side: Rect) -> Extent {
    let inner = super::inside(state, side);
    let lines = lines(state);
    let widest = lines.iter().map(Line::width).max().unwrap_or_default();
    let above = title(state, inner.width).len();
    Extent {
        most_scroll: (lines.len() + above).saturating_sub(usize::from(inner.height)),
        most_shift: widest.saturating_sub(usize::from(inner.width)),
    }
}

/// Draws the whole path of the selected file, and below it its text.
pub fn draw_text(state: &State, area: Rect, frame: &mut Frame) {
    let title = title(state, area.width);
    let above = (title.len() as u16).min(area.height);
    paragraph(
        title,
        Rect {
            height: above,
            ..area
        },
        frame,
    );
    let area = Rect::new(area.x, area.y + above, area.width, area.height - above);
    let shift = state.lists.file_shift;
    let shown = lines(state).into_iter().skip(state.lists.file_scroll);
    for (row, line) in shown.take(usize::from(area.height)).enumerate() {
        let place = Rect::new(area.x, area.y + row as u16, area.width, 1);
        let width = line.width();
        let text = Paragraph::new(line).scroll((0, u16::try_from(shift).unwrap_or(u16::MAX)));
        frame.render_widget(text, place);
        if shift > 0 && width > 0 {
            mark_cut(state, place.left(), place, frame);
        }
        if width > shift + usize::from(area.width) {
            mark_cut(state, place.right().saturating_sub(1), place, frame);
        }
    }
}

/// The path of the selected file, in as many rows as it takes.
fn title(state: &State, width: u16) -> Vec<Line<'static>> {
    let file = state.listed_files().get(state.lists.file);
    let path = file.map(|file| format!("deploy/{}", printed(&file.path)));
    let path = path.map(|path| Line::styled(path, state.theme.strong()));
    path.map_or_else(Vec::new, |path| wrap(&[path], usize::from(width)))
}

fn lines(state: &State) -> Vec<Line<'static>> {
    let Some(file) = state.listed_files().get(state.lists.file) else {
        return Vec::new();
    };
    if state.shows_diff {
        return diff(state, file);
    }
    file.new
        .lines()
        .map(|line| coloured(state, &file.path, line))
        .collect()
}

fn diff(state: &State, file: &FilePreview) -> Vec<Line<'static>> {
    let theme = state.theme;
    if file.old == file.new {
        return vec![Line::styled(
            "the file on the disk is the same",
            theme.dim(),
        )];
    }
    let patch = diffy::create_patch(&file.old, &file.new);
    let mut lines = Vec::new();
    for hunk in patch.hunks() {
        let place = format!("@@ -{} +{} @@", hunk.old_range(), hunk.new_range());
        lines.push(Line::styled(place, theme.dim()));
        for line in hunk.lines() {
            let (mark, style, line) = match line {
                diffy::Line::Context(line) => (' ', Style::new(), line),
                diffy::Line::Delete(line) => ('-', theme.removed(), line),
                diffy::Line::Insert(line) => ('+', theme.added(), line),
            };
            lines.push(Line::styled(
                format!("{mark}{}", printed(line.trim_end())),
                style,
            ));
        }
    }
    lines
}

/// A line of a generated file: comments stand back, keys stand out.
fn coloured(state: &State, path: &str, line: &str) -> Line<'static> {
    let theme = state.theme;
    let line = printed(line);
    let content = line.trim_start();
    if content.starts_with('#') && !path.ends_with(".md") {
        return Line::styled(line, theme.dim());
    }
    if path.ends_with(".md") {
        let style = if content.starts_with('#') {
            theme.strong()
        } else {
            Style::new()
        };
        return Line::styled(line, style);
    }
    let separator = if path.ends_with(".yaml") { ':' } else { '=' };
    match line.split_once(separator) {
        Some((key, value)) if !key.contains('"') => Line::from(vec![
            span(key.to_owned(), theme.accent()),
            Span::raw(format!("{separator}{value}")),
        ]),
        _ => Line::from(line),
    }
}
