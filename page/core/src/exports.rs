//! The functions that JavaScript calls.
//!
//! Arguments are written to the buffer at [`buffer`], results are found there. Every function
//! returns how many there are, or −1; then [`message`] has the reason, one sentence of UTF-8.
//! The only thing here that Rust calls unsafe is an unmangled name.

use std::cell::RefCell;

use isomoment::Result;

use crate::constants::{constants, schemes};
use crate::depth::Stack;
use crate::gain::gains;
use crate::question::Question;

/// Doubles that the buffer holds.
const CAPACITY: usize = 2048;

struct State {
    buffer: Vec<f64>,
    message: String,
    stack: Option<Stack>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State {
        buffer: vec![0.0; CAPACITY],
        message: String::new(),
        stack: None,
    });
}

/// Where the numbers are.
#[unsafe(no_mangle)]
pub extern "C" fn buffer() -> *mut f64 {
    STATE.with_borrow_mut(|state| state.buffer.as_mut_ptr())
}

/// Where the last error's sentence is.
#[unsafe(no_mangle)]
pub extern "C" fn message() -> *const u8 {
    STATE.with_borrow(|state| state.message.as_ptr())
}

/// Its number of bytes.
#[unsafe(no_mangle)]
pub extern "C" fn message_length() -> usize {
    STATE.with_borrow(|state| state.message.len())
}

/// The constants of the question in the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn layer_constants() -> i32 {
    answer(|state| constants(&Question::read(&numbers(&state.buffer))?))
}

/// σ and μ of every scheme, for the question in the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn layer_schemes() -> i32 {
    answer(|state| schemes(&Question::read(&numbers(&state.buffer))?))
}

/// Gains: kind, α, fan-in, fan-out, order and level in the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn level_gains() -> i32 {
    answer(|state| gains(numbers(&state.buffer)))
}

/// Makes the law of the question in the buffer at a depth the one that is asked about, and
/// summarises it.
#[unsafe(no_mangle)]
pub extern "C" fn stack(depth: f64) -> i32 {
    answer(|state| {
        let stack = Stack::new(state.stack.take(), numbers(&state.buffer), depth)?;
        Ok(state.stack.insert(stack).summary())
    })
}

/// Distribution function and density at the first `count` numbers of the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn stack_values(count: usize) -> i32 {
    answer(|state| made(state).values(&state.buffer[..count]))
}

/// Quantiles of the first `count` numbers of the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn stack_quantiles(count: usize) -> i32 {
    answer(|state| made(state).quantiles(&state.buffer[..count]))
}

/// The chance of an output below ε, for each of the first `count` shifts in the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn stack_below(epsilon: f64, count: usize) -> i32 {
    answer(|state| made(state).below(epsilon, &state.buffer[..count]))
}

fn made(state: &State) -> &Stack {
    state.stack.as_ref().expect("the page makes a stack first")
}

/// The first numbers of the buffer.
fn numbers<const N: usize>(buffer: &[f64]) -> [f64; N] {
    buffer[..N].try_into().expect("the buffer is longer")
}

fn answer(of: impl FnOnce(&mut State) -> Result<Vec<f64>>) -> i32 {
    STATE.with_borrow_mut(|state| match of(state) {
        Ok(numbers) => {
            state.buffer[..numbers.len()].copy_from_slice(&numbers);
            numbers.len() as i32
        }
        Err(error) => {
            state.message = error.to_string();
            -1
        }
    })
}
