import { affineFromColumns } from './affine.ts';
import { clampToStack, locateInStack } from './gridGeometry.ts';
import { lpsPoint, voxelIndex } from './points.ts';

describe('locateInStack', () => {
  const axial = {
    dims: [100, 80, 20] as const,
    voxelToLps: affineFromColumns([0.5, 0, 0], [0, 0.5, 0], [0, 0, 5], [-20, -10, 300]),
  };

  it('gives slice, pixel and distances of a point inside', () => {
    const position = locateInStack(axial, lpsPoint(-14.75, 0, 311));
    expect(position.slice).toBe(2);
    expect(position.column).toBeCloseTo(10.5, 9);
    expect(position.row).toBeCloseTo(20, 9);
    expect(position.offPlaneMm).toBeCloseTo(1, 9);
    expect(position.outsideMm).toBe(0);
  });

  it('measures from the outer voxel faces: half a slice beyond the last centre is inside', () => {
    expect(locateInStack(axial, lpsPoint(0, 0, 397.4)).outsideMm).toBe(0);
    const beyond = locateInStack(axial, lpsPoint(0, 0, 400.5));
    expect(beyond.outsideMm).toBeCloseTo(3, 9);
    expect(beyond.slice).toBe(19);
    expect(beyond.offPlaneMm).toBeCloseTo(5.5, 9);
    // 3 mm and 4 mm off two faces: x from -20.25, y from -10.25.
    expect(locateInStack(axial, lpsPoint(-23.25, -14.25, 310)).outsideMm).toBeCloseTo(5, 9);
  });

  it('drops a perpendicular on a tilted slice instead of following the oblique slice axis', () => {
    // Rows tilted by 30 degrees (gantry), slices stacked along z every 5 mm.
    const [cos, sin] = [Math.sqrt(3) / 2, 0.5];
    const tilted = {
      dims: [10, 10, 10] as const,
      voxelToLps: affineFromColumns([1, 0, 0], [0, cos, sin], [0, 0, 5], [0, 0, 0]),
    };
    // Half a slice above pixel (4, 5) of slice 2 along z: height 2.4 cos 30°, foot 2.4 sin 30° further along the rows.
    const position = locateInStack(tilted, lpsPoint(4, 5 * cos, 10 + 5 * sin + 2.4));
    expect(position.slice).toBe(2);
    expect(position.offPlaneMm).toBeCloseTo(2.4 * cos, 9);
    expect(position.column).toBeCloseTo(4, 9);
    expect(position.row).toBeCloseTo(5 + 2.4 * sin, 9);
  });

  it('clamps an index to the outer voxel faces', () => {
    expect(clampToStack(axial, voxelIndex(-3, 79.2, 25))).toEqual([-0.5, 79.2, 19.5]);
    expect(clampToStack(axial, voxelIndex(4, 80.5, 3))).toEqual([4, 79.5, 3]);
  });
});
