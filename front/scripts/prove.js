// In a flood the server asks a form for a little work before it takes it (access/proving.py): a number so that SHA-256 of
// challenge and number begins with so many zero bits. This finds one and sends the form; or sends it when the wait is
// over, whichever comes first. Without this script the person waits and sends it with the button.
// A few lines of our own, because the browser's digest is asked one by one, which is ten times as slow as the hash.
const form = document.getElementById("wait");
const said = document.getElementById("wait-status");
const hasFile = form.querySelector("input[type=file]") !== null;
const BATCH = 5_000; // hashes between two looks at what the person does
const W = new Int32Array(64);
const K = [];
const START = [];
let isDone = false;
constants();

if (!hasFile) {
  said.textContent = said.dataset.sending;
  document.getElementById("wait-by-hand").hidden = true;
}
const waited = setTimeout(() => done(""), (Number(form.dataset.seconds) + 1) * 1000);
search(0);

function search(from) {
  const { challenge, bits } = form.dataset;
  for (let number = from; number < from + BATCH; number++) {
    if (Math.clz32(firstWord(`${challenge}:${number}`)) >= Number(bits)) return done(String(number));
  }
  setTimeout(search, 0, from + BATCH);
}

function done(number) {
  if (isDone) return;
  isDone = true;
  clearTimeout(waited);
  form.elements.work.value = number;
  if (hasFile) said.textContent = said.dataset.ready;
  else form.requestSubmit();
}

// The first 32 bits of SHA-256 (FIPS 180-4) of at most 55 characters of ASCII: one block.
function firstWord(text) {
  const w = W.fill(0);
  for (let at = 0; at < text.length; at++) w[at >> 2] |= text.charCodeAt(at) << (24 - 8 * (at & 3));
  w[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  w[15] = text.length * 8;
  for (let at = 16; at < 64; at++) {
    const [x, y] = [w[at - 15], w[at - 2]];
    const small = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const large = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    w[at] = w[at - 16] + small + w[at - 7] + large;
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let at = 0; at < 64; at++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[at] + w[at]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  return (START[0] + a) | 0;
}

function turn(word, by) {
  return (word >>> by) | (word << (32 - by));
}

// The first bits behind the point of the square roots of the first 8 primes, and of the cube roots of the first 64.
function constants() {
  const bits = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  for (let number = 2; K.length < 64; number++) {
    let divisor = 2;
    while (number % divisor) divisor++;
    if (divisor < number) continue;
    if (START.length < 8) START.push(bits(Math.sqrt(number)));
    K.push(bits(Math.cbrt(number)));
  }
}
