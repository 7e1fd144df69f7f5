/** Keys one behind the other; `starts` has one more than there are. */
export interface Keys {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly count: number;
}

/** So many are sorted at once: some milliseconds. */
const RUN = 4_096;

/** The numbers of the keys in the order of their bytes. It stops after so many steps now and then. */
export function* sortKeys(keys: Keys, stepsATurn: number): Generator<undefined, Uint32Array> {
  const { bytes, starts, count } = keys;
  // The first four bytes as a number: most pairs are told apart by them.
  const heads = new Uint32Array(count);
  for (let n = 0; n < count; n += 1) heads[n] = headOf(bytes, starts[n] as number, starts[n + 1] as number);
  yield;
  const compare = (a: number, b: number): number => {
    const byHead = (heads[a] as number) - (heads[b] as number);
    return byHead === 0 ? compareKeys(keys, a, b) : byHead;
  };
  let order = new Uint32Array(count);
  for (let n = 0; n < count; n += 1) order[n] = n;
  for (let from = 0; from < count; from += RUN) {
    order.subarray(from, from + RUN).sort(compare);
    yield;
  }
  let spare = new Uint32Array(count);
  for (let width = RUN; width < count; width *= 2) {
    for (let from = 0; from < count; from += 2 * width) {
      const middle = Math.min(count, from + width);
      yield* merge(order, spare, from, middle, Math.min(count, from + 2 * width), compare, stepsATurn);
    }
    [order, spare] = [spare, order];
  }
  return order;
}

function* merge(
  source: Uint32Array,
  target: Uint32Array,
  from: number,
  middle: number,
  to: number,
  compare: (a: number, b: number) => number,
  stepsATurn: number,
): Generator<undefined, void> {
  let [left, right] = [from, middle];
  // What came in order stays as it is.
  const isInOrder =
    middle === to || middle === from || compare(source[middle - 1] as number, source[middle] as number) <= 0;
  if (isInOrder) {
    target.set(source.subarray(from, to), from);
    return;
  }
  for (let at = from; at < to; at += 1) {
    const takesLeft = left < middle && (right >= to || compare(source[left] as number, source[right] as number) <= 0);
    target[at] = takesLeft ? (source[left++] as number) : (source[right++] as number);
    if ((at - from) % stepsATurn === stepsATurn - 1) yield;
  }
}

function headOf(bytes: Uint8Array, start: number, end: number): number {
  let head = 0;
  for (let n = 0; n < 4; n += 1) head = head * 256 + (start + n < end ? (bytes[start + n] as number) : 0);
  return head;
}

function compareKeys({ bytes, starts }: Keys, a: number, b: number): number {
  let [x, y] = [starts[a] as number, starts[b] as number];
  const [endX, endY] = [starts[a + 1] as number, starts[b + 1] as number];
  while (x < endX && y < endY) {
    const difference = (bytes[x++] as number) - (bytes[y++] as number);
    if (difference !== 0) return difference;
  }
  return endX - x - (endY - y);
}
