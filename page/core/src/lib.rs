//! What the page asks of the library, as functions from numbers to numbers.
//!
//! The page is JavaScript, the numbers are doubles: `exports` carries them across in a buffer,
//! `question` reads a layer from it, and each file besides has one kind of answer.

mod constants;
mod depth;
mod exports;
mod gain;
mod question;
