/** What the modules of this folder share. */

/** Bytes of `count` words (i32, f32). */
export function bytes(count: i32): usize {
  return (<usize>count) << 2;
}

/** The upper two of four floats as float64. */
export function upper(floats: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(floats, floats, 2, 3, 2, 3));
}
