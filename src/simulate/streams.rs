//! Random streams: a seed and a trajectory's index determine every draw.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A trajectory's source of randomness.
pub type Stream = ChaCha8Rng;

/// The random stream of one trajectory.
///
/// ChaCha with 8 rounds, keyed by the seed, with the trajectory's index as the
/// stream number: 2⁶⁴ streams of 2⁶⁸ bytes each that never meet. Which thread
/// runs a trajectory, and in which order, therefore cannot change its draws. The bulk of a
/// simulation's numbers comes from faster generators that start at words of this stream
/// ([`numbers`](crate::simulate::numbers)).
///
/// ```
/// use isomoment::simulate::streams::trajectory_stream;
/// use rand_chacha::rand_core::Rng;
/// let first = trajectory_stream(1, 0).next_u64();
/// assert_eq!(first, trajectory_stream(1, 0).next_u64());
/// assert_ne!(first, trajectory_stream(1, 1).next_u64());
/// ```
pub fn trajectory_stream(seed: u64, trajectory: u64) -> Stream {
    let mut stream = Stream::seed_from_u64(seed);
    stream.set_stream(trajectory);
    stream
}

/// A seed for one of several experiments that share the run's seed: the
/// FNV-1a hash of the experiment's name, mixed into it.
///
/// ```
/// use isomoment::simulate::streams::experiment_seed;
/// assert_ne!(experiment_seed(1, "T1 relu"), experiment_seed(1, "T1 linear"));
/// ```
pub fn experiment_seed(seed: u64, experiment: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed.rotate_left(32);
    for byte in experiment.bytes().chain(seed.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}
