/*
 * Poly1305 for HALF packets at once, in radix 2^26: limb i of every packet in vector i, products of 64 bits.
 * Included by secretbox_avx2.c and secretbox_avx512.c.
 * Source: D. J. Bernstein, "The Poly1305-AES message-authentication code"; RFC 8439 section 2.5.
 */

#define LIMBS 5
#define LIMB_BITS 26
#define LIMB_MASK ((uint64_t)0x3ffffff)
/* 2^128 in the highest limb, which begins at 2^104: the bit behind a whole block. */
#define BLOCK_BIT ((uint64_t)1 << 24)
#define BLOCK_BYTES 16

struct poly1305 {
  vector h[LIMBS];  /* the sum so far, limbs of little more than 26 bits */
  vector r[LIMBS];  /* the multiplier */
  vector r5[LIMBS]; /* 5 r: 2^130 is 5 modulo 2^130 - 5 */
};

static inline uint64_t read64(const uint8_t *from) {
  uint64_t value;
  memcpy(&value, from, sizeof value); /* little endian: this file is for x86-64 */
  return value;
}

/* Clamps r (RFC 8439 section 2.5.1) and cuts it into limbs; `keys` are the 32-byte one-time keys (r, s). */
static inline void poly1305_init(struct poly1305 *state, const uint8_t *const keys[HALF]) {
  uint64_t limbs[LIMBS][HALF];
  for (int lane = 0; lane < HALF; lane++) {
    uint64_t low = read64(keys[lane]) & 0x0ffffffc0fffffff;
    uint64_t high = read64(keys[lane] + 8) & 0x0ffffffc0ffffffc;
    limbs[0][lane] = low & LIMB_MASK;
    limbs[1][lane] = (low >> 26) & LIMB_MASK;
    limbs[2][lane] = (low >> 52 | high << 12) & LIMB_MASK;
    limbs[3][lane] = (high >> 14) & LIMB_MASK;
    limbs[4][lane] = high >> 40;
  }
  for (int limb = 0; limb < LIMBS; limb++) {
    state->h[limb] = all64(0);
    state->r[limb] = load(limbs[limb]);
    state->r5[limb] = add64(state->r[limb], SHIFT_LEFT64(state->r[limb], 2));
  }
  sodium_memzero(limbs, sizeof limbs);
}

/* One row of the schoolbook product: a sum of five. */
static inline vector row(const vector h[LIMBS], vector a, vector b, vector c, vector d, vector e) {
  vector front = add64(mul64(h[0], a), mul64(h[1], b));
  vector back = add64(mul64(h[2], c), mul64(h[3], d));
  return add64(add64(front, back), mul64(h[4], e));
}

/* Moves what limb `from` has too much into limb `into`. */
static inline void carry(vector d[LIMBS], int from, int into) {
  vector over = SHIFT_RIGHT64(d[from], LIMB_BITS);
  d[from] = and(d[from], all64(LIMB_MASK));
  /* Out of the highest limb 2^130 comes back as 5. */
  if (into == 0) over = add64(over, SHIFT_LEFT64(over, 2));
  d[into] = add64(d[into], over);
}

/*
 * h = (h + block) r modulo 2^130 - 5. `last_bit` is BLOCK_BIT for whole blocks. Limbs of h stay below 2^27, so that
 * the sum of five products with 5 r (below 2^29) stays below 2^64; two chains of carries run side by side.
 */
static inline __attribute__((always_inline)) void poly1305_block(struct poly1305 *state, vector low, vector high,
                                                                 vector last_bit) {
  const vector mask = all64(LIMB_MASK);
  const vector *r = state->r, *r5 = state->r5;
  vector h[LIMBS], d[LIMBS];
  h[0] = add64(state->h[0], and(low, mask));
  h[1] = add64(state->h[1], and(SHIFT_RIGHT64(low, 26), mask));
  h[2] = add64(state->h[2], and(or(SHIFT_RIGHT64(low, 52), SHIFT_LEFT64(high, 12)), mask));
  h[3] = add64(state->h[3], and(SHIFT_RIGHT64(high, 14), mask));
  h[4] = add64(state->h[4], or(SHIFT_RIGHT64(high, 40), last_bit));
  d[0] = row(h, r[0], r5[4], r5[3], r5[2], r5[1]);
  d[1] = row(h, r[1], r[0], r5[4], r5[3], r5[2]);
  d[2] = row(h, r[2], r[1], r[0], r5[4], r5[3]);
  d[3] = row(h, r[3], r[2], r[1], r[0], r5[4]);
  d[4] = row(h, r[4], r[3], r[2], r[1], r[0]);
  carry(d, 0, 1);
  carry(d, 3, 4);
  carry(d, 1, 2);
  carry(d, 4, 0);
  carry(d, 2, 3);
  carry(d, 0, 1);
  carry(d, 3, 4);
  for (int limb = 0; limb < LIMBS; limb++) state->h[limb] = d[limb];
}

/* One packet's sum, carried and reduced modulo 2^130 - 5, plus s: its tag. */
static inline void poly1305_tag(uint64_t h[LIMBS], const uint8_t s[16], uint8_t tag[TAG_BYTES]) {
  uint64_t over = 0, g[LIMBS];
  /* Twice round leaves every limb below 2^26: the second carry out of the top is at most 1. */
  for (int step = 0; step <= 2 * LIMBS; step++) {
    int limb = step % LIMBS;
    h[limb] += limb == 0 ? 5 * over : over;
    over = h[limb] >> LIMB_BITS;
    h[limb] &= LIMB_MASK;
  }
  h[1] += over;
  /* g = h - (2^130 - 5) = h + 5 - 2^130; taken where it is not negative. */
  over = 5;
  for (int limb = 0; limb < LIMBS; limb++) {
    g[limb] = h[limb] + over;
    over = g[limb] >> LIMB_BITS;
    g[limb] &= LIMB_MASK;
  }
  uint64_t take = 0 - over; /* all ones when h + 5 reached 2^130 */
  for (int limb = 0; limb < LIMBS; limb++) h[limb] = (h[limb] & ~take) | (g[limb] & take);
  uint64_t low = h[0] | h[1] << 26 | h[2] << 52;
  uint64_t high = h[2] >> 12 | h[3] << 14 | h[4] << 40;
  uint64_t sum = low + read64(s);
  uint64_t top = high + read64(s + 8) + (sum < low);
  memcpy(tag, &sum, 8);
  memcpy(tag + 8, &top, 8);
}
