//! Reads a printed map as a person does: finds the cards, follows every line, and says who uses what.
//!
//! It knows the characters and nothing of how they came about.

use std::collections::{BTreeMap, BTreeSet};

use backstay::layout::Charset;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

type Cell = (i32, i32);

/// What a picture says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Each use once.
    pub uses: BTreeSet<ReadUse>,
    /// How many pins of uses there are.
    pub n_pins: usize,
    /// Every port with its host and component, as often as it stands there.
    pub ports: Vec<[String; 3]>,
    /// Hosts and what runs on them.
    pub components: BTreeSet<[String; 2]>,
    /// How often two nets cross.
    pub n_crossings: usize,
}

/// A use, as pin and arrowhead say it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadUse {
    /// Whose pin it is: host and component.
    pub user: [String; 2],
    /// What the pin names.
    pub named: String,
    /// Where the line ends: host, component and port.
    pub target: [String; 3],
}

const LEFT: usize = 0;
const RIGHT: usize = 1;
const UP: usize = 2;
const DOWN: usize = 3;
const STEPS: [Cell; 4] = [(-1, 0), (1, 0), (0, -1), (0, 1)];
const OPPOSITE: [usize; 4] = [RIGHT, LEFT, DOWN, UP];

struct Card {
    host: String,
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

/// Where a line of a use begins, or where one ends.
struct Pin {
    user: [String; 2],
    named: String,
    start: Cell,
    heading: usize,
}

struct Reader {
    cells: Vec<Vec<String>>,
    is_ascii: bool,
    cards: Vec<Card>,
    pins: Vec<Pin>,
    /// By the place of the arrowhead.
    heads: BTreeMap<Cell, [String; 3]>,
    reading: Reading,
}

/// Reads a picture; an error says what cannot be read.
pub fn read_back(text: &str, charset: Charset) -> Result<Reading, String> {
    let mut reader = Reader {
        cells: text.lines().map(cells).collect(),
        is_ascii: charset == Charset::Ascii,
        cards: Vec::new(),
        pins: Vec::new(),
        heads: BTreeMap::new(),
        reading: Reading::default(),
    };
    reader.find_cards()?;
    for at in 0..reader.cards.len() {
        reader.read_card(at)?;
    }
    reader.follow_lines()?;
    Ok(reader.reading)
}

/// A line cell by cell; the second half of a wide character is an empty text.
fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    for cluster in line.graphemes(true) {
        cells.push(cluster.to_owned());
        cells.extend((1..cluster.width()).map(|_| String::new()));
    }
    cells
}

impl Reader {
    fn at(&self, (x, y): Cell) -> &str {
        let row = usize::try_from(y).ok().and_then(|y| self.cells.get(y));
        let cell = row.and_then(|row| row.get(usize::try_from(x).ok()?));
        cell.map_or(" ", String::as_str)
    }

    fn is(&self, place: Cell, unicode: &str, ascii: &str) -> bool {
        let chars = if self.is_ascii { ascii } else { unicode };
        let cell = self.at(place);
        !cell.is_empty() && chars.contains(cell)
    }

    /// A card begins with a corner, a piece of its frame, and a blank before its title; a line has no blank.
    fn find_cards(&mut self) -> Result<(), String> {
        for y in 0..self.cells.len() as i32 {
            for x in 0..self.cells[y as usize].len() as i32 {
                let corner = self.is((x, y), "╭┏╔┌", "+#");
                if corner && self.is((x + 1, y), "─━═┄┅╌╍", "-=.~") && self.at((x + 2, y)) == " "
                {
                    let card = self.card((x, y))?;
                    self.cards.push(card);
                }
            }
        }
        for (nth, a) in self.cards.iter().enumerate() {
            for b in &self.cards[nth + 1..] {
                let apart =
                    a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
                if !apart {
                    return Err(format!("{} and {} overlap", a.host, b.host));
                }
            }
        }
        Ok(())
    }

    fn card(&self, (left, top): Cell) -> Result<Card, String> {
        let line = "─━═┄┅╌╍";
        let ascii_line = "-=.~";
        let mut bottom = top + 1;
        loop {
            let place = (left, bottom);
            let is_corner = self.is(place, "╰┗╚└", "+#")
                && self.is((left + 1, bottom), line, ascii_line)
                && self.is((left + 2, bottom), line, ascii_line);
            if is_corner {
                break;
            }
            if !self.is(place, "│┃║┆┇╎╏▶┤┨╢", "|:>+") {
                return Err(format!("a frame breaks at {place:?}: `{}`", self.at(place)));
            }
            bottom += 1;
        }
        let mut right = left + 1;
        while self.is((right, bottom), line, ascii_line) {
            right += 1;
        }
        let corners = self.is((right, bottom), "╯┛╝┘", "+#") && self.is((right, top), "╮┓╗┐", "+#");
        if !corners {
            return Err(format!("a frame has no corner at {:?}", (right, bottom)));
        }
        for y in top + 1..bottom {
            if !self.is((right, y), "│┃║┆┇╎╏├┠╟", "|:+") {
                return Err(format!("a frame breaks at {:?}", (right, y)));
            }
        }
        let title: String = (left + 3..right).map(|x| self.at((x, top))).collect();
        let mut words = title.split(' ').filter(|word| !is_mark(word));
        Ok(Card {
            host: words.next().unwrap_or_default().to_owned(),
            left,
            top,
            right,
            bottom,
        })
    }

    fn read_card(&mut self, at: usize) -> Result<(), String> {
        let Card {
            left,
            top,
            right,
            bottom,
            ..
        } = self.cards[at];
        let host = self.cards[at].host.clone();
        let mut component = String::new();
        // Where the lines of a card begin: all in one place.
        let mut line = None;
        for y in top + 1..bottom {
            // Where the text of a row ends: at the arrow of a use, at an arrowhead, or at the frame.
            let uses = (left + 3..right).find(|x| self.is((*x, y), "→", ">"));
            let head = (left + 3..right).find(|x| self.is((*x, y), "◀", "<"));
            let end = uses.or(head).unwrap_or(right);
            let leaves_left = self.is((left, y), "┤┨╢", "+");
            let text: String = (left + 1..end).map(|x| self.at((x, y))).collect();
            let mut words: Vec<&str> = text.split_whitespace().collect();
            words.retain(|word| !word.chars().all(|c| "│|┼".contains(c)));
            let mut port = None;
            if leaves_left {
                let begins = self.is((left + 1, y), "─", "-");
                if words.len() != 2 || !begins {
                    return Err(format!(
                        "a use to the left is not alone in {host}: {words:?}"
                    ));
                }
            } else {
                if words.first().is_some_and(|word| is_port(word)) {
                    port = Some(words.remove(0).to_owned());
                }
                words.retain(|word| !is_mark(word));
                if let Some(name) = words.first() {
                    component = (*name).to_owned();
                    self.reading
                        .components
                        .insert([host.clone(), component.clone()]);
                }
            }
            let user = [host.clone(), component.clone()];
            if leaves_left {
                self.pins.push(Pin {
                    user: user.clone(),
                    named: words[1].to_owned(),
                    start: (left, y),
                    heading: LEFT,
                });
            }
            if let Some(x) = uses {
                let mut end = x + 2;
                while self.at((end, y)) != " " && end < right {
                    end += 1;
                }
                let named: String = (x + 2..end).map(|x| self.at((x, y))).collect();
                let start = (end..right).find(|x| self.at((*x, y)) != " ");
                let start = start.ok_or_else(|| format!("{user:?} has no line to {named}"))?;
                if *line.get_or_insert(start) != start {
                    return Err(format!("the line of {user:?} to {named} begins late"));
                }
                self.pins.push(Pin {
                    user: user.clone(),
                    named,
                    start: (start, y),
                    heading: RIGHT,
                });
            }
            if let Some(port) = port {
                let place = [host.clone(), component.clone(), port];
                self.reading.ports.push(place.clone());
                if self.is((left, y), "▶", ">") {
                    self.heads.insert((left, y), place.clone());
                }
                if let Some(x) = head {
                    self.heads.insert((x, y), place);
                }
            } else if head.is_some() || self.is((left, y), "▶", ">") {
                return Err(format!(
                    "a line ends at {host} in row {y}, where no port is"
                ));
            }
        }
        Ok(())
    }

    /// Follows the line of each pin in all directions in which it goes on.
    fn follow_lines(&mut self) -> Result<(), String> {
        let mut owners: BTreeMap<(Cell, bool), [String; 3]> = BTreeMap::new();
        let starts: BTreeSet<(Cell, usize)> = self
            .pins
            .iter()
            .map(|pin| (pin.start, pin.heading))
            .collect();
        let mut found = BTreeSet::new();
        self.reading.n_pins = self.pins.len();
        for pin in &self.pins {
            let (ends, cells) = self.follow(pin, &starts)?;
            let [target] = ends.as_slice() else {
                return Err(format!(
                    "the line of {:?} to {} ends in {} places: {ends:?}",
                    pin.user,
                    pin.named,
                    ends.len()
                ));
            };
            for cell in cells {
                let owner = owners.entry(cell).or_insert_with(|| target.clone());
                if owner != target {
                    return Err(format!("{owner:?} and {target:?} share {cell:?}"));
                }
            }
            found.insert(ReadUse {
                user: pin.user.clone(),
                named: pin.named.clone(),
                target: target.clone(),
            });
        }
        self.reading.uses = found;
        let crossings = owners.keys().filter(|(place, upright)| {
            *upright && owners.contains_key(&(*place, false)) && self.is(*place, "┼", "|")
        });
        self.reading.n_crossings = crossings.count();
        self.no_line_is_loose(&owners)
    }

    /// The arrowheads that a line leads to, and the cells that it takes, each with whether upright.
    #[expect(clippy::type_complexity, reason = "two lists of a single caller")]
    fn follow(
        &self,
        pin: &Pin,
        starts: &BTreeSet<(Cell, usize)>,
    ) -> Result<(Vec<[String; 3]>, BTreeSet<(Cell, bool)>), String> {
        let mut ends = BTreeMap::new();
        let mut cells = BTreeSet::new();
        let mut to_do = vec![(pin.start, pin.heading)];
        while let Some((place, heading)) = to_do.pop() {
            let is_upright = heading == UP || heading == DOWN;
            if let Some(target) = self.heads.get(&place) {
                let enters = match self.card_edge(place) {
                    Some(_) => heading == RIGHT,
                    None => heading == LEFT,
                };
                if !enters {
                    return Err(format!(
                        "a line meets an arrowhead at {place:?} from behind"
                    ));
                }
                ends.insert(place, target.clone());
                continue;
            }
            if !cells.insert((place, is_upright)) {
                continue;
            }
            let arms = self.arms(place, heading).ok_or_else(|| {
                format!(
                    "the line of {:?} to {} breaks at {place:?}: `{}`",
                    pin.user,
                    pin.named,
                    self.at(place)
                )
            })?;
            for arm in (0..4).filter(|arm| arms[*arm]) {
                // The way back to a pin leads to no further cell.
                if starts.contains(&(place, OPPOSITE[arm])) {
                    continue;
                }
                if arm == OPPOSITE[heading] {
                    continue;
                }
                // A joint is one cell of both directions.
                if (arm == UP || arm == DOWN) != is_upright {
                    cells.insert((place, !is_upright));
                }
                let step = STEPS[arm];
                to_do.push(((place.0 + step.0, place.1 + step.1), arm));
            }
        }
        Ok((ends.into_values().collect(), cells))
    }

    /// Which edge of which card a cell is on, if it is neither a corner.
    fn card_edge(&self, (x, y): Cell) -> Option<&Card> {
        self.cards.iter().find(|card| {
            (x == card.left || x == card.right) && (card.top..=card.bottom).contains(&y)
        })
    }

    /// In which directions a line goes on from a cell that it enters with a heading; none if it cannot enter.
    fn arms(&self, place: Cell, heading: usize) -> Option<[bool; 4]> {
        let across = [true, true, false, false];
        let upright = [false, false, true, true];
        if self.card_edge(place).is_some() {
            let passes = self.is(place, "├┠╟┤┨╢", "+") && (heading == LEFT || heading == RIGHT);
            return passes.then_some(across);
        }
        let arms = match (self.is_ascii, self.at(place)) {
            (false, "┼") => return Some(if heading < UP { across } else { upright }),
            (true, "|") if heading < UP => return Some(across),
            (_, "─" | "-") => across,
            (_, "│" | "|") => upright,
            (false, "╯") => [true, false, true, false],
            (false, "╰") => [false, true, true, false],
            (false, "╮") => [true, false, false, true],
            (false, "╭") => [false, true, false, true],
            (false, "┴") => [true, true, true, false],
            (false, "┬") => [true, true, false, true],
            (false, "┤") => [true, false, true, true],
            (false, "├") => [false, true, true, true],
            (false, "╋") => [true; 4],
            (true, "+") => self.ascii_joint(place),
            _ => return None,
        };
        arms[OPPOSITE[heading]].then_some(arms)
    }

    /// A `+` joins whatever points at it.
    fn ascii_joint(&self, (x, y): Cell) -> [bool; 4] {
        [
            self.is((x - 1, y), "", "-"),
            self.is((x + 1, y), "", "-"),
            self.is((x, y - 1), "", "|+"),
            self.is((x, y + 1), "", "|+"),
        ]
    }

    /// Every piece of a line outside of cards has been followed.
    fn no_line_is_loose(&self, owners: &BTreeMap<(Cell, bool), [String; 3]>) -> Result<(), String> {
        for y in 0..self.cells.len() as i32 {
            let mut cards: Vec<&Card> = self
                .cards
                .iter()
                .filter(|card| (card.top..=card.bottom).contains(&y))
                .collect();
            cards.sort_by_key(|card| card.left);
            for x in 0..self.cells[y as usize].len() as i32 {
                let is_crossing = self.at((x, y)) == "┼";
                let ways = [true, false].map(|upright| owners.contains_key(&((x, y), upright)));
                if is_crossing && ways != [true; 2] {
                    return Err(format!("nothing crosses at {:?}", (x, y)));
                }
                if self.at((x, y)) == " "
                    || cards
                        .iter()
                        .any(|card| (card.left..=card.right).contains(&x))
                {
                    continue;
                }
                if !owners.contains_key(&((x, y), true)) && !owners.contains_key(&((x, y), false)) {
                    return Err(format!(
                        "nothing leads to `{}` at {:?}",
                        self.at((x, y)),
                        (x, y)
                    ));
                }
            }
        }
        Ok(())
    }
}

fn is_mark(word: &str) -> bool {
    matches!(word, "" | "✖" | "▲" | "●" | "x" | "!" | "*")
}

/// `5432/pg`, `:5432`, `?` or `?/pg`.
fn is_port(word: &str) -> bool {
    let number = word.split('/').next().unwrap_or_default();
    let plain = number.strip_prefix(':').unwrap_or(number);
    plain == "?" || (!plain.is_empty() && plain.chars().all(|c| c.is_ascii_digit()))
}
