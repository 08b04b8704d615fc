/*
 * Salsa20/20 and HSalsa20 for LANES packets at once. Included by the files that define `vector` and its operations:
 * vector i of a state holds word i of every packet.
 * Source: D. J. Bernstein, "Salsa20 specification" (sections 2 to 9) and "Extending the Salsa20 nonce" (HSalsa20).
 */

/* Half of the ten double rounds. */
#define HALF_ROUNDS 10

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

/* Specification, section 5. */
static inline __attribute__((always_inline)) void columns(vector x[16]) {
  quarter_round(&x[0], &x[4], &x[8], &x[12]);
  quarter_round(&x[5], &x[9], &x[13], &x[1]);
  quarter_round(&x[10], &x[14], &x[2], &x[6]);
  quarter_round(&x[15], &x[3], &x[7], &x[11]);
}

/* Specification, section 4. */
static inline __attribute__((always_inline)) void rows(vector x[16]) {
  quarter_round(&x[0], &x[1], &x[2], &x[3]);
  quarter_round(&x[5], &x[6], &x[7], &x[4]);
  quarter_round(&x[10], &x[11], &x[8], &x[9]);
  quarter_round(&x[15], &x[12], &x[13], &x[14]);
}

/* Bytes of packets that are hashed between the rounds. */
struct beside {
  struct lanes *lanes;
  size_t done;
};
/* The part after round `round` of half `half`. */
static inline void hash_beside(const struct beside *beside, int half, int round);

/*
 * Specification, section 6: columns and rows by turns. `beside` may be NULL. Not unrolled further: with all rounds in a
 * row the processor runs out of room for decoded instructions and takes a third longer.
 */
static inline __attribute__((always_inline)) void salsa20_rounds(vector x[16], const struct beside *beside) {
  for (int half = 0; half < 2; half++) {
#pragma GCC unroll 1
    for (int round = 0; round < HALF_ROUNDS; round += 2) {
      columns(x);
      if (beside != NULL) hash_beside(beside, half, round);
      rows(x);
      if (beside != NULL) hash_beside(beside, half, round + 1);
    }
  }
}

/* Section 9: constants and key, each of the words 6 to 9 is for the caller. Word by word: compilers copy arrays badly. */
static inline __attribute__((always_inline)) void salsa20_begin(vector x[16], const vector key[8]) {
  x[0] = all32(SIGMA[0]);
  x[1] = key[0];
  x[2] = key[1];
  x[3] = key[2];
  x[4] = key[3];
  x[5] = all32(SIGMA[1]);
  x[10] = all32(SIGMA[2]);
  x[11] = key[4];
  x[12] = key[5];
  x[13] = key[6];
  x[14] = key[7];
  x[15] = all32(SIGMA[3]);
}

/* HSalsa20(key, first 16 bytes of the nonce): the key of the stream. */
static inline void hsalsa20(const vector key[8], const vector nonce[4], vector subkey[8]) {
  vector x[16];
  salsa20_begin(x, key);
  for (int word = 0; word < 4; word++) x[6 + word] = nonce[word];
  salsa20_rounds(x, NULL);
  for (int word = 0; word < 4; word++) {
    subkey[word] = x[5 * word];
    subkey[4 + word] = x[6 + word];
  }
}

/*
 * Block `number` of each packet's key stream, transposed (see `store_block`). The last eight bytes of the box nonce,
 * which are the stream's nonce, are 0 in our frames; the upper half of the block's number too.
 */
static inline __attribute__((always_inline)) void salsa20_block(const vector subkey[8], uint32_t number, vector x[16],
                                                                const struct beside *beside) {
  salsa20_begin(x, subkey);
  x[6] = x[7] = x[9] = all32(0);
  x[8] = all32(number);
  salsa20_rounds(x, beside);
  x[0] = add32(x[0], all32(SIGMA[0]));
  x[1] = add32(x[1], subkey[0]);
  x[2] = add32(x[2], subkey[1]);
  x[3] = add32(x[3], subkey[2]);
  x[4] = add32(x[4], subkey[3]);
  x[5] = add32(x[5], all32(SIGMA[1]));
  x[8] = add32(x[8], all32(number));
  x[10] = add32(x[10], all32(SIGMA[2]));
  x[11] = add32(x[11], subkey[4]);
  x[12] = add32(x[12], subkey[5]);
  x[13] = add32(x[13], subkey[6]);
  x[14] = add32(x[14], subkey[7]);
  x[15] = add32(x[15], all32(SIGMA[3]));
  transpose(x);
}
