//! What would be generated: the files of the environment, and the text of the selected one or its diff.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::finding::printed;
use crate::tui::state::State;
use crate::tui::view::{list, paragraph, span};
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

/// How many lines the selected file has as it is shown.
pub fn n_lines(state: &State) -> usize {
    lines(state).len()
}

/// Draws the text of the selected file.
pub fn draw_text(state: &State, area: Rect, frame: &mut Frame) {
    let lines = lines(state);
    let shown = lines.into_iter().skip(state.lists.file_scroll);
    paragraph(shown.take(usize::from(area.height)).collect(), area, frame);
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
