/** Settings of {@link adam}; the decay rates are those of the paper. */
export interface AdamSettings {
  readonly learningRate: number;
  readonly steps: number;
}

const [FIRST_DECAY, SECOND_DECAY, EPSILON] = [0.9, 0.999, 1e-8] as const;

/**
 * Minimises a function by Adam (Kingma & Ba, ICLR 2015), in place.
 * @param gradientInto writes the gradient at `values`
 */
export function adam(
  values: Float32Array,
  { learningRate, steps }: AdamSettings,
  gradientInto: (values: Float32Array, gradient: Float32Array) => void,
): void {
  const gradient = new Float32Array(values.length);
  const [first, second] = [new Float32Array(values.length), new Float32Array(values.length)];
  for (let step = 1; step <= steps; step++) {
    gradient.fill(0);
    gradientInto(values, gradient);
    const [c1, c2] = [1 - FIRST_DECAY ** step, 1 - SECOND_DECAY ** step];
    for (let n = 0; n < values.length; n++) {
      const g = gradient[n] ?? NaN;
      const m = FIRST_DECAY * (first[n] ?? NaN) + (1 - FIRST_DECAY) * g;
      const v = SECOND_DECAY * (second[n] ?? NaN) + (1 - SECOND_DECAY) * g * g;
      first[n] = m;
      second[n] = v;
      values[n] = (values[n] ?? NaN) - (learningRate * (m / c1)) / (Math.sqrt(v / c2) + EPSILON);
    }
  }
}

/**
 * Adds the gradient of a diffusion penalty to `gradient`: `weight` times the mean over the three axes of the mean squared difference of
 * neighbouring nodes (three values per node).
 */
export function addDiffusion(
  dims: readonly [number, number, number],
  values: Float32Array,
  weight: number,
  gradient: Float32Array,
): void {
  const nodes = dims[0] * dims[1] * dims[2];
  const strides = [1, dims[0], dims[0] * dims[1]] as const;
  for (const [axis, stride] of strides.entries()) {
    const count = dims[axis] ?? 1;
    if (count < 2) continue;
    const factor = (2 * weight) / (3 * 3 * ((nodes / count) * (count - 1)));
    for (let node = 0; node < nodes; node++) {
      if (Math.floor(node / stride) % count === count - 1) continue;
      for (let c = 0; c < 3; c++) {
        const [a, b] = [3 * node + c, 3 * (node + stride) + c];
        const pull = factor * ((values[b] ?? NaN) - (values[a] ?? NaN));
        gradient[a] = (gradient[a] ?? NaN) - pull;
        gradient[b] = (gradient[b] ?? NaN) + pull;
      }
    }
  }
}
