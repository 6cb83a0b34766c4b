/** What the modules of this folder share. */

/** Bytes of `count` words (i32, f32). */
export function bytes(count: i32): usize {
  return (<usize>count) << 2;
}

/** Word `index` behind an address. */
export function word(at: usize, index: i32): i32 {
  return load<i32>(at + bytes(index));
}

/** Bytes of `count` float64. */
export function doubles(count: i32): usize {
  return (<usize>count) << 3;
}

/** Bytes of `count` int16. */
export function shorts(count: i32): usize {
  return (<usize>count) << 1;
}

/** Sum of four integers. */
export function sumOf(lanes: v128): i32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}

/** The upper two of four floats as float64. */
export function upper(floats: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(floats, floats, 2, 3, 2, 3));
}

/** Two and two float64 as four floats. */
export function floatsOf(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** Four interpolations. */
export function lerp4(a: v128, b: v128, fraction: v128): v128 {
  return f32x4.add(a, f32x4.mul(fraction, f32x4.sub(b, a)));
}

/** The floats at four addresses, each interpolated to the one after it. */
export function between4(a: usize, b: usize, c: usize, d: usize, fraction: v128): v128 {
  let near = v128.load_zero<i64>(a);
  near = v128.load_lane<i64>(b, near, 1);
  let far = v128.load_zero<i64>(c);
  far = v128.load_lane<i64>(d, far, 1);
  const left = v128.shuffle<f32>(near, far, 0, 2, 4, 6);
  const right = v128.shuffle<f32>(near, far, 1, 3, 5, 7);
  return lerp4(left, right, fraction);
}
