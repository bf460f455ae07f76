// Where the rows of a long list lie when only those in sight are drawn: heights as they are known.

export class RowHeights {
  private heights: Float64Array;
  private offsets: Float64Array;
  /** Rows before this one have the right offset. */
  private clean = 0;

  constructor(
    readonly count: number,
    estimate: number,
    known?: (index: number) => number | undefined,
  ) {
    this.heights = new Float64Array(count).fill(estimate);
    if (known) for (let i = 0; i < count; i++) this.heights[i] = known(i) ?? estimate;
    this.offsets = new Float64Array(count + 1);
  }

  /** Notes a height; says whether it is another one. */
  set(index: number, height: number): boolean {
    if (Math.abs((this.heights[index] ?? 0) - height) < 0.5) return false;
    this.heights[index] = height;
    this.clean = Math.min(this.clean, index);
    return true;
  }

  /** Where a row begins; of the count: the height of all. */
  offset(index: number): number {
    for (let i = this.clean; i < index; i++) this.offsets[i + 1] = (this.offsets[i] ?? 0) + (this.heights[i] ?? 0);
    this.clean = Math.max(this.clean, index);
    return this.offsets[index] ?? 0;
  }

  /** The row that lies at a height. */
  at(y: number): number {
    this.offset(this.count);
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.offsets[middle] ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }
}
