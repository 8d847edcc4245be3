// The numeric core: the library as WebAssembly, called with numbers and answering with numbers.

/** Why there is no number: one sentence that begins with the argument's name. */
export class CoreError extends Error {
  get argument() {
    return this.message.split(" ")[0];
  }
}

/** The module's bytes, from what the page carries. */
export function unpack(base64) {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** The core's functions, from the bytes of the module; at once, so that no number waits for a thread. */
export function instantiate(bytes) {
  const wasm = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;

  // the address first: asking for it may move the memory
  const buffer = () => {
    const address = wasm.buffer();
    return new Float64Array(wasm.memory.buffer, address, 2048);
  };
  const message = () => {
    const [address, length] = [wasm.message(), wasm.message_length()];
    return new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, address, length));
  };
  const ask = (numbers, question) => {
    buffer().set(numbers);
    const count = question();
    if (count < 0) throw new CoreError(message());
    return Array.from(buffer().subarray(0, count));
  };

  return {
    constants(layer) {
      const names = ["sigmaOfNorm", "sigma", "gain", "growth", "variance", "dead"];
      const values = ask(layer, wasm.layer_constants);
      return Object.fromEntries(names.map((name, i) => [name, values[i]]));
    },
    /** [σ, μ] of each scheme, in the order of SCHEMES. */
    schemes: (layer) => groups(2, ask(layer, wasm.layer_schemes)),
    /** [σ, gain, stability] of each gain, for activation, α, fan-in, fan-out, order and level. */
    gains: (row) => groups(3, ask(row, wasm.level_gains)),
    /** The law of so many layers, with σ = 1, which the next three are asked about. */
    stack(layer, depth) {
      const [growth, mean, variance, dead, tabulated] = ask(layer, () => wasm.stack(depth));
      return { growth, mean, variance, dead, tabulated: tabulated === 1 };
    },
    /** [distribution function, density] at each point. */
    values: (points) => groups(2, ask(points, () => wasm.stack_values(points.length))),
    quantiles: (chances) => ask(chances, () => wasm.stack_quantiles(chances.length)),
    /** The chance of an output below ε, for each shift of the log-norm. */
    below: (epsilon, shifts) => ask(shifts, () => wasm.stack_below(epsilon, shifts.length)),
  };
}

function groups(size, numbers) {
  return Array.from({ length: numbers.length / size }, (_, i) => numbers.slice(size * i, size * (i + 1)));
}

/** In the core's order. */
export const SCHEMES = [
  { key: "fractional", name: "Order s" },
  { key: "lyapunov", name: "Lyapunov" },
  { key: "he", name: "He" },
  { key: "random-walk", name: "Random walk" },
  { key: "lecun", name: "LeCun" },
  { key: "glorot", name: "Glorot" },
  { key: "framework-default", name: "PyTorch default" },
];
