/*
 * Salsa20/20 and HSalsa20 for LANES packets at once. Included by secretbox_avx2.c and secretbox_avx512.c, which define
 * `vector` and its operations: vector i of a state holds word i of every packet.
 * Source: D. J. Bernstein, "Salsa20 specification" (sections 2 to 9) and "Extending the Salsa20 nonce" (HSalsa20).
 */

#define DOUBLE_ROUNDS 10

/* "expand 32-byte k": words 0, 5, 10 and 15 of the state. */
static const uint32_t SIGMA[4] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

/* Specification, section 3. */
static inline __attribute__((always_inline)) void quarter_round(vector *a, vector *b, vector *c, vector *d) {
  vector sum = add32(*a, *d);
  *b = xor(*b, ROTATE32(sum, 7));
  sum = add32(*b, *a);
  *c = xor(*c, ROTATE32(sum, 9));
  sum = add32(*c, *b);
  *d = xor(*d, ROTATE32(sum, 13));
  sum = add32(*d, *c);
  *a = xor(*a, ROTATE32(sum, 18));
}

/* Specification, sections 4 to 6: columns, then rows, ten times. */
static inline __attribute__((always_inline)) void salsa20_rounds(vector x[16]) {
  for (int round = 0; round < DOUBLE_ROUNDS; round++) {
    quarter_round(&x[0], &x[4], &x[8], &x[12]);
    quarter_round(&x[5], &x[9], &x[13], &x[1]);
    quarter_round(&x[10], &x[14], &x[2], &x[6]);
    quarter_round(&x[15], &x[3], &x[7], &x[11]);
    quarter_round(&x[0], &x[1], &x[2], &x[3]);
    quarter_round(&x[5], &x[6], &x[7], &x[4]);
    quarter_round(&x[10], &x[11], &x[8], &x[9]);
    quarter_round(&x[15], &x[12], &x[13], &x[14]);
  }
}

/* The state of the specification, section 9: constants, key, and the four words between the halves of the key. */
static inline void salsa20_state(vector x[16], const vector key[8], const vector middle[4]) {
  for (int word = 0; word < 4; word++) {
    x[5 * word] = all32(SIGMA[word]);
    x[1 + word] = key[word];
    x[6 + word] = middle[word];
    x[11 + word] = key[4 + word];
  }
}

/* HSalsa20(key, first 16 bytes of the nonce): the key of the stream. */
static inline void hsalsa20(const vector key[8], const vector nonce[4], vector subkey[8]) {
  vector x[16];
  salsa20_state(x, key, nonce);
  salsa20_rounds(x);
  for (int word = 0; word < 4; word++) {
    subkey[word] = x[5 * word];
    subkey[4 + word] = x[6 + word];
  }
}

/*
 * Block `number` of each packet's key stream, transposed (see `store_block`). The last eight bytes of the box nonce,
 * which are the stream's nonce, are 0 in our frames; the upper half of the block's number too.
 */
static inline void salsa20_block(const vector subkey[8], uint32_t number, vector blocks[16]) {
  vector state[16], x[16];
  const vector middle[4] = { all32(0), all32(0), all32(number), all32(0) };
  salsa20_state(state, subkey, middle);
  for (int word = 0; word < 16; word++) x[word] = state[word];
  salsa20_rounds(x);
  for (int word = 0; word < 16; word++) blocks[word] = add32(x[word], state[word]);
  transpose(blocks);
}
