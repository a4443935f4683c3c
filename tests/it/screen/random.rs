//! Whatever keys, clicks and sizes come, in whatever order: nothing panics, and nothing is written that
//! nobody asked for; whatever was edited can be undone.

use backstay::tui::{Effect, Key, Mouse, Msg};

use crate::screen::{EXAMPLE, Screen, files, read};

/// Steps of one run; `BACKSTAY_STEPS` asks for more.
const STEPS: u32 = 2_000;

/// As many edits are undone and done again now and then; all of them in the end.
const MOST_UNDONE: u32 = 500;

const KEYS: &[&str] = &[
    "up",
    "down",
    "left",
    "right",
    "tab",
    "shift-tab",
    "enter",
    "esc",
    "page-up",
    "page-down",
    "home",
    "end",
    "backspace",
    "ctrl-p",
    "ctrl-u",
    "space",
    "f1",
    "1",
    "2",
    "3",
    "4",
    "5",
    "+",
    "-",
    "f",
    "t",
    "m",
    "i",
    "0",
    "H",
    "J",
    "K",
    "L",
    "a",
    "d",
    "e",
    "n",
    "N",
    "]",
    "[",
    "/",
    ":",
    "?",
    "g",
    "G",
    "b",
    "p",
    "c",
    "C",
    "x",
    "u",
    "U",
    "s",
    "v",
    "o",
    "R",
    "F",
    "w",
    "A",
    "ctrl-n",
    "I",
    "delete",
    "y",
    "ü",
    "数",
];

const MICE: &[Mouse] = &[
    Mouse::Press,
    Mouse::DoublePress,
    Mouse::Drag,
    Mouse::Release,
    Mouse::WheelUp,
    Mouse::WheelDown,
    Mouse::WheelLeft,
    Mouse::WheelRight,
];

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

#[test]
fn random_keys_mouse_and_sizes_do_no_harm() {
    let steps = std::env::var("BACKSTAY_STEPS").ok();
    let steps = steps.and_then(|steps| steps.parse().ok()).unwrap_or(STEPS);
    let hosts: String = (0..12)
        .map(|at| format!("[environments.prod.hosts.h-{at}]\nruns = [\"s-{at}\", \"a-{at}\"]\n"))
        .collect();
    let services: String = (0..12)
        .map(|at| {
            let next = (at + 1) % 12;
            format!("[services.s-{at}]\nkind = \"redis\"\n[apps.a-{at}]\nport = 80\nuses.s-{at} = {{}}\nuses.a-{next} = {{}}\nuses.s-{next} = {{}}\n")
        })
        .collect();
    let many = format!("name = \"many\"\n{services}{hosts}");
    let plans = [EXAMPLE, many.as_str(), "name = \"x\"\n", "["];
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut screen = Screen::new(EXAMPLE, 120, 40);
    for step in 0..steps {
        let msg = match numbers.below(100) {
            0..70 => Msg::Key(Key::parse(numbers.one_of::<&str>(KEYS)).expect("a key")),
            70..90 => {
                let (x, y) = (numbers.below(220) as u16, numbers.below(70) as u16);
                Msg::Mouse(*numbers.one_of(MICE), x, y)
            }
            90..94 => Msg::Resize(numbers.below(240) as u16, numbers.below(80) as u16),
            94..97 => {
                let mut plan = read(numbers.one_of::<&str>(&plans));
                // A new plan is begun, or imported, where there is none.
                plan.path = plan.path.filter(|_| numbers.below(2) == 0);
                Msg::Plan(Ok(plan))
            }
            97 => Msg::Plan(Err("it is gone".to_owned())),
            98 => {
                let environment = screen.state.topology().map(|it| it.environment.clone());
                match environment {
                    Some(environment) => Msg::Files(environment, Ok(files())),
                    None => Msg::PlanChanged,
                }
            }
            _ => Msg::Paste("a\u{1b}[2J\nb".to_owned()),
        };
        screen.is_slow = numbers.below(3) == 0;
        screen = screen.msg(msg);
        let is_fine = screen.effects.drain(..).all(|effect| match effect {
            Effect::Edit(line) => line > 0 && !screen.state.is_edited(),
            // Whoever leaves has saved, or has said that the edits are to be lost.
            Effect::Quit | Effect::WriteFiles(..) => !screen.state.is_edited(),
            Effect::SaveAs(path) => !path.is_empty(),
            Effect::ReadPlan | Effect::Suspend => true,
            // Some files are never read to their end.
            Effect::Import(wanted, _) => !wanted.is_empty(),
            _ => false,
        });
        assert!(is_fine, "step {step}");
        if numbers.below(400) == 0 {
            screen = undone(screen, MOST_UNDONE);
        }
        if step % 4 == 0 {
            screen.drawn();
        }
    }
    undone(screen, u32::MAX);
}

/// Undoes everything, or the last `most` edits, does it all again, and arrives where it was.
fn undone(mut screen: Screen, most: u32) -> Screen {
    screen = screen.keys("<esc><esc>");
    let before = screen.state.plan.text.clone();
    let mut steps = 0;
    while steps < most && screen.state.history.undo_title().is_some() {
        screen = screen.keys("u");
        steps += 1;
        assert!(steps < 1_000_000, "undoing goes on for ever");
    }
    for _ in 0..steps {
        screen = screen.keys("U");
    }
    assert_eq!(screen.state.plan.text, before, "after {steps} steps");
    screen
}
