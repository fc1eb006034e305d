// inflate reads what zlib wrote, for browsers without DecompressionStream (RFC 1950, 1951).
function inflate(input) {
  const lengthBase = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
  const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
  const farBase = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
  const farBits = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
  const codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  let at = 2, hold = 0, held = 0; // after the header of two bytes
  let out = new Uint8Array(input.length * 8), end = 0;

  function bits(n) {
    while (held < n) {
      if (at >= input.length) throw new Error("the data ends too early");
      hold |= input[at++] << held;
      held += 8;
    }
    const v = hold & ((1 << n) - 1);
    hold >>>= n;
    held -= n;
    return v;
  }
  // A code is how many symbols there are of each length, and the symbols in order.
  function codeOf(lengths) {
    const counts = new Uint16Array(16), next = new Uint16Array(16), symbols = new Uint16Array(lengths.length);
    for (const l of lengths) counts[l]++;
    counts[0] = 0;
    for (let i = 1; i < 16; i++) next[i] = next[i - 1] + counts[i - 1];
    lengths.forEach(function (l, symbol) { if (l) symbols[next[l]++] = symbol; });
    return { counts: counts, symbols: symbols };
  }
  function symbol(code) {
    let value = 0, first = 0, index = 0;
    for (let length = 1; length < 16; length++) {
      value |= bits(1);
      const n = code.counts[length];
      if (value - n < first) return code.symbols[index + value - first];
      index += n;
      first = (first + n) << 1;
      value <<= 1;
    }
    throw new Error("the data is damaged");
  }
  function room(n) {
    if (end + n <= out.length) return;
    const more = new Uint8Array(Math.max(out.length * 2, end + n));
    more.set(out.subarray(0, end));
    out = more;
  }
  function block(literals, distances) {
    for (;;) {
      const s = symbol(literals);
      if (s === 256) return;
      if (s < 256) {
        room(1);
        out[end++] = s;
        continue;
      }
      const length = lengthBase[s - 257] + bits(lengthBits[s - 257]);
      const d = symbol(distances);
      const from = end - farBase[d] - bits(farBits[d]);
      room(length);
      for (let i = 0; i < length; i++) out[end + i] = out[from + i];
      end += length;
    }
  }
  function dynamic() {
    const literals = bits(5) + 257, distances = bits(5) + 1, codes = bits(4) + 4;
    const lengths = new Array(19).fill(0);
    for (let i = 0; i < codes; i++) lengths[codeOrder[i]] = bits(3);
    const code = codeOf(lengths), all = [];
    while (all.length < literals + distances) {
      const s = symbol(code);
      if (s < 16) {
        all.push(s);
        continue;
      }
      const value = s === 16 ? all[all.length - 1] : 0;
      for (let n = s === 16 ? 3 + bits(2) : s === 17 ? 3 + bits(3) : 11 + bits(7); n > 0; n--) all.push(value);
    }
    block(codeOf(all.slice(0, literals)), codeOf(all.slice(literals)));
  }
  function stored() {
    hold = held = 0;
    const n = input[at] | (input[at + 1] << 8);
    at += 4;
    room(n);
    out.set(input.subarray(at, at + n), end);
    at += n;
    end += n;
  }
  for (let last = 0; !last;) {
    last = bits(1);
    const kind = bits(2);
    if (kind === 0) stored();
    else if (kind === 2) dynamic();
    else {
      const lengths = [];
      for (let i = 0; i < 288; i++) lengths.push(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
      block(codeOf(lengths), codeOf(new Array(30).fill(5)));
    }
  }
  return out.subarray(0, end);
}
