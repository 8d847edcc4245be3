//! A convolution with ReLU and 2×2 max-pooling, and its derivatives, of many images at once.
//!
//! Each lane of a vector has an image of its own, so that no step needs numbers of another lane:
//! neither copies of patches nor matrix products of 6 or 16 columns. What a lane computes does not
//! depend on how many there are, and sums over images are formed in [`IMAGES`] parts: every
//! instruction set gives the same bits.

use ndarray::{Array1, Array2};
use pulp::{Arch, Simd, WithSimd, bytemuck};

use crate::train::front::ImageShape;
use crate::train::planes::Planes;

/// Sums over the images of a batch that are formed side by side: the lanes of the widest vectors.
const IMAGES: usize = 16;

/// What is kept for an output that is 0 in the stead of the place in its window, from 0 to 3.
const DEAD: f32 = 4.0;

/// Channels of a window of four places, so that its sums stay in the 16 registers of AVX2.
const IN_WINDOW: usize = 2;

/// Channels and numbers of a patch whose derivatives stay in registers.
const OF_PLACE: usize = 4;
const OF_PATCH: usize = 3;

/// Channels of an image whose derivatives stay in registers.
const OF_PIXEL: usize = 6;

/// Images that a vector has lanes for.
pub(super) fn lanes(arch: Arch) -> usize {
    struct Lanes;
    impl WithSimd for Lanes {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F32_LANES
        }
    }
    arch.dispatch(Lanes)
}

/// Sizes of a convolution without padding, of stride 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Of the images.
    pub from: ImageShape,
    /// Of what is made of them, after the pooling.
    pub to: ImageShape,
    /// Of the square kernels.
    pub side: usize,
}

impl Sizes {
    /// Rows and columns before the pooling.
    fn places(self) -> (usize, usize) {
        let inner = |side: usize| side + 1 - self.side;
        (inner(self.from.rows), inner(self.from.columns))
    }

    /// Numbers of one row of a patch.
    fn run(self) -> usize {
        self.side * self.from.channels
    }

    /// Numbers of a patch.
    fn patch(self) -> usize {
        self.side * self.run()
    }

    /// Numbers of one row of an image.
    fn line(self) -> usize {
        self.from.columns * self.from.channels
    }

    /// Where the weights have what an image's patch has at (row, column, channel).
    fn weight(self, (y, x, channel): (usize, usize, usize)) -> usize {
        (channel * self.side + y) * self.side + x
    }

    /// Row, column and channel of a patch's numbers, in the images' order.
    fn numbers(self) -> impl Iterator<Item = (usize, usize, usize)> {
        let (run, channels) = (self.run(), self.from.channels);
        (0..self.patch()).map(move |at| (at / run, at % run / channels, at % channels))
    }
}

/// So many things in parts as equal as can be, none longer than `most`: first and count.
fn parts(all: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let parts = all.div_ceil(most);
    (0..parts).map(move |k| (k * all / parts, (k + 1) * all / parts - k * all / parts))
}

/// The largest of the four places of each window, at least 0, and which it was.
pub(super) struct Forward<'a> {
    pub sizes: Sizes,
    pub weights: &'a Array2<f32>,
    pub biases: &'a Array1<f32>,
    pub images: &'a Planes,
    pub outputs: &'a mut Planes,
    pub origins: &'a mut Planes,
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let sizes = self.sizes;
        let channels = sizes.to.channels;
        let mut weights = Vec::with_capacity(self.weights.len());
        for (first, count) in parts(channels, IN_WINDOW) {
            for number in sizes.numbers() {
                let of = sizes.weight(number);
                weights.extend((first..first + count).map(|c| self.weights[(of, c)]));
            }
        }
        let made = self.outputs.groups_mut().zip(self.origins.groups_mut());
        for (images, (outputs, origins)) in self.images.groups().zip(made) {
            let (images, _) = S::as_simd_f32s(images);
            let (outputs, _) = S::as_mut_simd_f32s(outputs);
            let (origins, _) = S::as_mut_simd_f32s(origins);
            for (first, count) in parts(channels, IN_WINDOW) {
                let weights = &weights[first * sizes.patch()..][..count * sizes.patch()];
                let biases = |k: usize| self.biases[first + k];
                let (outputs, origins) = (&mut outputs[first..], &mut origins[first..]);
                match count {
                    1 => {
                        let weights = weights.as_chunks::<1>().0;
                        windows(simd, sizes, images, weights, [biases(0)], outputs, origins);
                    }
                    _ => {
                        let (weights, biases) = (weights.as_chunks().0, [biases(0), biases(1)]);
                        windows::<S, 2>(simd, sizes, images, weights, biases, outputs, origins);
                    }
                }
            }
        }
    }
}

/// C channels of all windows of a group of images.
#[inline(always)]
fn windows<S: Simd, const C: usize>(
    simd: S,
    sizes: Sizes,
    images: &[S::f32s],
    weights: &[[f32; C]],
    biases: [f32; C],
    outputs: &mut [S::f32s],
    origins: &mut [S::f32s],
) {
    let zero = simd.splat_f32s(0.0);
    for y in 0..sizes.to.rows {
        for x in 0..sizes.to.columns {
            let corner = 2 * (y * sizes.line() + x * sizes.from.channels);
            let four = window(simd, sizes, &images[corner..], weights, biases);
            let at = (y * sizes.to.columns + x) * sizes.to.channels;
            let (outputs, origins) = (&mut outputs[at..][..C], &mut origins[at..][..C]);
            for k in 0..C {
                let (mut most, mut origin) = (four[0][k], zero);
                for (place, sums) in (0_u8..).zip(&four).skip(1) {
                    // what is no number stays: a network that diverged is to be seen
                    let stays = simd.or_m32s(
                        simd.less_than_or_equal_f32s(sums[k], most),
                        simd.not_m32s(simd.equal_f32s(most, most)),
                    );
                    most = simd.select_f32s(stays, most, sums[k]);
                    origin = simd.select_f32s(stays, origin, simd.splat_f32s(place.into()));
                }
                outputs[k] = simd.select_f32s(simd.less_than_f32s(most, zero), zero, most);
                let alive = simd.less_than_f32s(zero, most);
                origins[k] = simd.select_f32s(alive, origin, simd.splat_f32s(DEAD));
            }
        }
    }
}

/// W x + b at the four places of a window.
#[inline(always)]
fn window<S: Simd, const C: usize>(
    simd: S,
    sizes: Sizes,
    images: &[S::f32s],
    weights: &[[f32; C]],
    biases: [f32; C],
) -> [[S::f32s; C]; 4] {
    let (run, line, right) = (sizes.run(), sizes.line(), sizes.from.channels);
    let mut sums = [biases.map(|b| simd.splat_f32s(b)); 4];
    for (y, weights) in weights.chunks_exact(run).enumerate() {
        let images = &images[y * line..];
        let (a, b) = (&images[..run], &images[right..][..run]);
        let (c, d) = (&images[line..][..run], &images[line + right..][..run]);
        for ((((weights, &a), &b), &c), &d) in weights.iter().zip(a).zip(b).zip(c).zip(d) {
            for k in 0..C {
                let weight = simd.splat_f32s(weights[k]);
                sums[0][k] = simd.mul_add_f32s(a, weight, sums[0][k]);
                sums[1][k] = simd.mul_add_f32s(b, weight, sums[1][k]);
                sums[2][k] = simd.mul_add_f32s(c, weight, sums[2][k]);
                sums[3][k] = simd.mul_add_f32s(d, weight, sums[3][k]);
            }
        }
    }
    sums
}

/// Derivatives by weights and biases, and by the images where they are wanted, from those by the
/// outputs.
pub(super) struct Backward<'a> {
    pub sizes: Sizes,
    pub weights: &'a Array2<f32>,
    pub images: &'a Planes,
    pub origins: &'a Planes,
    pub delta: &'a Planes,
    pub by_images: Option<&'a mut Planes>,
}

impl WithSimd for Backward<'_> {
    type Output = (Array2<f32>, Array1<f32>);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let (sizes, channels) = (self.sizes, self.sizes.to.channels);
        let side_by_side = IMAGES.div_ceil(S::F32_LANES);
        let zeros = |count: usize| vec![simd.splat_f32s(0.0); count];
        let mut by_weights = vec![zeros(sizes.patch() * channels); side_by_side];
        let mut by_biases = vec![zeros(channels); side_by_side];
        let mut before = zeros(sizes.places().0 * sizes.places().1 * channels);
        let mut by_images = self.by_images.map(Planes::groups_mut);
        let weights = match by_images {
            Some(_) => turned(sizes, self.weights),
            None => Vec::new(),
        };
        let groups = self.images.groups().zip(self.origins.groups());
        for (k, ((images, origins), delta)) in groups.zip(self.delta.groups()).enumerate() {
            let (images, _) = S::as_simd_f32s(images);
            let (origins, _) = S::as_simd_f32s(origins);
            let (delta, _) = S::as_simd_f32s(delta);
            let part = k % side_by_side;
            spread(
                simd,
                sizes,
                delta,
                origins,
                &mut before,
                &mut by_biases[part],
            );
            add_by_weights(simd, sizes, images, &before, &mut by_weights[part]);
            if let Some(by_images) = by_images.as_mut().and_then(Iterator::next) {
                let (by_images, _) = S::as_mut_simd_f32s(by_images);
                set_by_images(simd, sizes, &before, &weights, by_images);
            }
        }
        let mut weights = Array2::zeros(self.weights.dim());
        for (at, number) in sizes.numbers().enumerate() {
            for channel in 0..channels {
                let sums = by_weights.iter().map(|part| part[at * channels + channel]);
                weights[(sizes.weight(number), channel)] = over_images(simd, sums);
            }
        }
        let sum = |c: usize| over_images(simd, by_biases.iter().map(|part| part[c]));
        (weights, Array1::from_shape_fn(channels, sum))
    }
}

/// The sum of all lanes, one after the other.
#[inline(always)]
fn over_images<S: Simd>(_: S, parts: impl Iterator<Item = S::f32s>) -> f32 {
    parts.fold(0.0, |sum, part| {
        let lanes = bytemuck::cast_slice::<_, f32>(std::slice::from_ref(&part));
        lanes.iter().fold(sum, |sum, lane| sum + lane)
    })
}

/// Derivatives by what was before the pooling, of a group of images; adds those by the biases.
#[inline(always)]
fn spread<S: Simd>(
    simd: S,
    sizes: Sizes,
    delta: &[S::f32s],
    origins: &[S::f32s],
    before: &mut [S::f32s],
    by_biases: &mut [S::f32s],
) {
    let (zero, channels) = (simd.splat_f32s(0.0), sizes.to.channels);
    let (_, columns) = sizes.places();
    let windows = delta
        .chunks_exact(channels)
        .zip(origins.chunks_exact(channels));
    for (window, (delta, origins)) in windows.enumerate() {
        let (y, x) = (window / sizes.to.columns, window % sizes.to.columns);
        for (place, number) in (0..4).zip(0_u8..) {
            let at = (2 * y + place / 2) * columns + 2 * x + place % 2;
            let number = simd.splat_f32s(number.into());
            let before = before[at * channels..][..channels].iter_mut();
            for ((to, &delta), &origin) in before.zip(delta).zip(origins) {
                // dead units pass nothing back
                *to = simd.select_f32s(simd.equal_f32s(origin, number), delta, zero);
            }
        }
        for ((sum, &delta), &origin) in by_biases.iter_mut().zip(delta).zip(origins) {
            let alive = simd.less_than_f32s(origin, simd.splat_f32s(DEAD));
            *sum = simd.add_f32s(*sum, simd.select_f32s(alive, delta, zero));
        }
    }
}

/// Adds a group's derivatives by the weights: for each number of a patch, those of all channels.
#[inline(always)]
fn add_by_weights<S: Simd>(
    simd: S,
    sizes: Sizes,
    images: &[S::f32s],
    before: &[S::f32s],
    sums: &mut [S::f32s],
) {
    let (channels, run) = (sizes.to.channels, sizes.run());
    let lines = before.chunks_exact(sizes.places().1 * channels);
    for (y, before) in lines.enumerate() {
        for row in 0..sizes.side {
            let images = &images[(y + row) * sizes.line()..][..sizes.line()];
            for (number, numbers) in parts(run, OF_PATCH) {
                for (channel, count) in parts(channels, OF_PLACE) {
                    let tile = Tile {
                        images: &images[number..],
                        step: sizes.from.channels,
                        before: &before[channel..],
                        channels,
                    };
                    let sums = &mut sums[(row * run + number) * channels + channel..];
                    match (numbers, count) {
                        (1, 1) => tile.add::<S, 1, 1>(simd, sums),
                        (1, 2) => tile.add::<S, 1, 2>(simd, sums),
                        (1, 3) => tile.add::<S, 1, 3>(simd, sums),
                        (1, _) => tile.add::<S, 1, OF_PLACE>(simd, sums),
                        (2, 1) => tile.add::<S, 2, 1>(simd, sums),
                        (2, 2) => tile.add::<S, 2, 2>(simd, sums),
                        (2, 3) => tile.add::<S, 2, 3>(simd, sums),
                        (2, _) => tile.add::<S, 2, OF_PLACE>(simd, sums),
                        (_, 1) => tile.add::<S, OF_PATCH, 1>(simd, sums),
                        (_, 2) => tile.add::<S, OF_PATCH, 2>(simd, sums),
                        (_, 3) => tile.add::<S, OF_PATCH, 3>(simd, sums),
                        (_, _) => tile.add::<S, OF_PATCH, OF_PLACE>(simd, sums),
                    }
                }
            }
        }
    }
}

/// One row of places: what some numbers of their patches, and some channels, have to do with each
/// other.
struct Tile<'a, V> {
    images: &'a [V],
    step: usize,
    before: &'a [V],
    channels: usize,
}

impl<V: Copy> Tile<'_, V> {
    /// Adds to the sums of N numbers of a patch with C channels.
    #[inline(always)]
    fn add<S: Simd<f32s = V>, const N: usize, const C: usize>(self, simd: S, sums: &mut [V]) {
        let mut own = [[simd.splat_f32s(0.0); C]; N];
        let patches = self.images.windows(N).step_by(self.step);
        for (before, patch) in self.before.chunks(self.channels).zip(patches) {
            let (Some(before), Some(patch)) = (before.first_chunk::<C>(), patch.first_chunk::<N>())
            else {
                break;
            };
            for n in 0..N {
                for c in 0..C {
                    own[n][c] = simd.mul_add_f32s(patch[n], before[c], own[n][c]);
                }
            }
        }
        for (own, sums) in own.iter().zip(sums.chunks_mut(self.channels)) {
            for (&own, sum) in own.iter().zip(sums) {
                *sum = simd.add_f32s(*sum, own);
            }
        }
    }
}

/// The weights as [`set_by_images`] takes them: for some channels of the images after the other,
/// row after row of the kernels, each from its end.
fn turned(sizes: Sizes, weights: &Array2<f32>) -> Vec<f32> {
    let mut turned = Vec::with_capacity(weights.len());
    for (first, count) in parts(sizes.from.channels, OF_PIXEL) {
        for y in 0..sizes.side {
            for x in (0..sizes.side).rev() {
                for channel in 0..sizes.to.channels {
                    let of = |k: usize| weights[(sizes.weight((y, x, k)), channel)];
                    turned.extend((first..first + count).map(of));
                }
            }
        }
    }
    turned
}

/// Derivatives of a group by its images.
#[inline(always)]
fn set_by_images<S: Simd>(
    simd: S,
    sizes: Sizes,
    before: &[S::f32s],
    weights: &[f32],
    by_images: &mut [S::f32s],
) {
    let each = sizes.side * sizes.side * sizes.to.channels;
    for (first, count) in parts(sizes.from.channels, OF_PIXEL) {
        let weights = &weights[first * each..][..count * each];
        let to = &mut by_images[first..];
        match count {
            1 => pixels::<S, 1>(simd, sizes, before, weights, to),
            2 => pixels::<S, 2>(simd, sizes, before, weights, to),
            3 => pixels::<S, 3>(simd, sizes, before, weights, to),
            4 => pixels::<S, 4>(simd, sizes, before, weights, to),
            5 => pixels::<S, 5>(simd, sizes, before, weights, to),
            _ => pixels::<S, OF_PIXEL>(simd, sizes, before, weights, to),
        }
    }
}

/// C channels of all pixels: the sums over the places whose patches they are in.
#[inline(always)]
fn pixels<S: Simd, const C: usize>(
    simd: S,
    sizes: Sizes,
    before: &[S::f32s],
    weights: &[f32],
    by_images: &mut [S::f32s],
) {
    let (weights, _) = weights.as_chunks::<C>();
    let (side, channels, (rows, columns)) = (sizes.side, sizes.to.channels, sizes.places());
    let patches =
        |pixel: usize, places: usize| (pixel + 1).saturating_sub(side)..places.min(pixel + 1);
    for y in 0..sizes.from.rows {
        for x in 0..sizes.from.columns {
            let mut sums = [simd.splat_f32s(0.0); C];
            let across = patches(x, columns);
            for row in patches(y, rows) {
                let before = &before[row * columns * channels..];
                let before = &before[across.start * channels..across.end * channels];
                // the place that is further left sees the pixel further right
                let kernel = (y - row) * side + side - 1 - (x - across.start);
                let weights = &weights[kernel * channels..][..before.len()];
                for (&by, weights) in before.iter().zip(weights) {
                    for k in 0..C {
                        sums[k] = simd.mul_add_f32s(by, simd.splat_f32s(weights[k]), sums[k]);
                    }
                }
            }
            let at = (y * sizes.from.columns + x) * sizes.from.channels;
            by_images[at..][..C].copy_from_slice(&sums);
        }
    }
}
