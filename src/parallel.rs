//! Pure work on several processors: the same answers in the same order, only sooner.
//!
//! A thread takes about as long to start as a small plan takes to be looked at, so callers say whether
//! there is enough to do.

use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Most threads that work at a time; more would wait for memory, not for processors.
const MOST_THREADS: usize = 4;

/// How many threads work at a time: no more than there are processors. The answer is the same for as long
/// as the program runs, and asking takes a while.
fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        processors.min(MOST_THREADS)
    })
}

/// Whether there is enough to do for several threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// It is done sooner than a thread has started.
    Little,
    /// It is worth a few threads.
    Much,
}

/// The answers of two pieces of work.
pub fn both<A: Send, B>(
    amount: Amount,
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B,
) -> (A, B) {
    if amount == Amount::Little {
        return (first(), second());
    }
    thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        (finished(first.join()), second)
    })
}

/// The answer to each item, in the order of the items.
pub fn each<T: Sync, A: Send>(
    amount: Amount,
    items: &[T],
    work: impl Fn(&T) -> A + Sync,
) -> Vec<A> {
    if amount == Amount::Little {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    // Whoever is free takes the next item.
    let take = || {
        let mut answers = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match items.get(at) {
                Some(item) => answers.push((at, work(item))),
                None => return answers,
            }
        }
    };
    let mut answers = thread::scope(|scope| {
        let others: Vec<_> = (1..threads()).map(|_| scope.spawn(take)).collect();
        let mut answers = take();
        for other in others {
            answers.extend(finished(other.join()));
        }
        answers
    });
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// The answers to as many parts of the items as there are threads, in the order of the items: for work that
/// remembers what it met, and so is begun as seldom as can be.
pub fn parts<T: Sync, A: Send>(
    amount: Amount,
    items: &[T],
    work: impl Fn(&[T]) -> A + Sync,
) -> Vec<A> {
    let size = items.len().div_ceil(threads()).max(1);
    match amount {
        Amount::Little => vec![work(items)],
        Amount::Much => each(amount, &items.chunks(size).collect::<Vec<_>>(), |part| {
            work(part)
        }),
    }
}

/// How many items are handed over at a time, and how often that happens before somebody waits.
const HANDFUL: usize = 256;
const MOST_HANDFULS: usize = 16;

/// Takes items one by one, in their order, while another thread makes further ones; the first error ends both.
pub fn ahead<T: Send, E>(
    amount: Amount,
    mut items: impl Iterator<Item = T> + Send,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    if amount == Amount::Little {
        return items.try_for_each(take);
    }
    thread::scope(|scope| {
        let (sender, handfuls) = mpsc::sync_channel::<Vec<T>>(MOST_HANDFULS);
        let making = scope.spawn(move || {
            loop {
                let handful: Vec<T> = items.by_ref().take(HANDFUL).collect();
                // Nobody takes any more where something was wrong.
                if handful.is_empty() || sender.send(handful).is_err() {
                    return;
                }
            }
        });
        let taken = handfuls.iter().flatten().try_for_each(&mut take);
        drop(handfuls);
        finished(making.join());
        taken
    })
}

/// Lets go of something large without waiting for it: giving back what a plan of thousands of services takes
/// lasts for several milliseconds.
pub fn let_go<T: Send + 'static>(amount: Amount, value: T) {
    match amount {
        Amount::Little => drop(value),
        Amount::Much => drop(thread::spawn(move || drop(value))),
    }
}

/// What a thread answered; its panic is passed on as if the work had been done here.
fn finished<A>(joined: thread::Result<A>) -> A {
    joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_are_the_same_in_the_same_order() {
        let items: Vec<u32> = (0..1_000).collect();
        let squares = |amount| each(amount, &items, |item| item * item);
        assert_eq!(squares(Amount::Much), squares(Amount::Little));
        let copied = |amount| parts(amount, &items, <[u32]>::to_vec).concat();
        assert_eq!(copied(Amount::Much), copied(Amount::Little));
        for amount in [Amount::Little, Amount::Much] {
            assert_eq!(both(amount, || 1, || 2), (1, 2));
            for last in [0, 700, 5_000] {
                let mut taken = Vec::new();
                let ended = ahead(amount, 0..100_000, |item| {
                    taken.push(item);
                    if item == last { Err(item) } else { Ok(()) }
                });
                assert_eq!(ended, Err(last));
                assert_eq!(taken, (0..=last).collect::<Vec<_>>());
            }
            let mut sum = 0;
            let all = ahead(amount, items.iter(), |item| {
                sum += item;
                Ok::<(), ()>(())
            });
            assert_eq!((all, sum), (Ok(()), 499_500));
        }
    }
}
