// A packed run, read: base64 to arrays, whole numbers to coordinates, steps to frames. Pure functions.

/** base64 as bytes. */
export function bytesOf(text = "") {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** What the map's setPoints takes. */
export function pointsIn({ labels, isTarget, vectors, sprites, ...names }) {
  return {
    width: 0, ...names, labels: new Int16Array(bytesOf(labels).buffer), isTarget: bytesOf(isTarget),
    vectors: new Float32Array(bytesOf(vectors).buffer), sprites: sprites ? bytesOf(sprites) : null,
  };
}

/** The run's frames: count, steps, and at(i), a frame as the map's setFrame takes it, with its numbers by name. */
export function framesIn(packed, n) {
  const places = new Uint16Array(bytesOf(packed.xy).buffer), { steps, boxes, names } = packed;
  const guesses = packed.bytes === 1 ? bytesOf(packed.predictions) : new Int16Array(bytesOf(packed.predictions).buffer);
  const at = (i) => ({
    step: steps[i], note: "",
    xy: unquantized(places.subarray(2 * n * i, 2 * n * (i + 1)), boxes[i]),
    predictions: Int16Array.from(guesses.subarray(n * i, n * (i + 1))),
    numbers: Object.fromEntries(names.map((name, k) => [name, packed.numbers[i][k]])),
  });
  return { count: steps.length, steps, at };
}

/** Coordinates from whole numbers 0..65535 within a box [left, bottom, width, height]. */
export function unquantized(places, [left, bottom, width, height]) {
  const xy = new Float32Array(places.length);
  for (let i = 0; i < places.length; i += 2) {
    xy[i] = left + (width * places[i]) / 65535;
    xy[i + 1] = bottom + (height * places[i + 1]) / 65535;
  }
  return xy;
}

/** The first frame that was computed with what changed at `step`; the last frame where none was. */
export function frameOfChange(steps, step) {
  const found = steps.findIndex((at) => at >= step);
  return found < 0 ? steps.length - 1 : found;
}

/** What was changed since the frame before frame i, in words. */
export function changedSince(changes, steps, i) {
  const after = i > 0 ? steps[i - 1] : -1;
  return changes.filter(([step]) => step > after && step <= steps[i]).map(([, text]) => text).join(", ");
}

/** Frames a second at which a run of so many frames takes about 25 seconds, within what an eye can follow. */
export function paceOf(count) {
  return Math.min(Math.max(count / 25, 3), 12);
}
