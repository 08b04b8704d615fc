/*
 * Poly1305 for HALF packets at once, in radix 2^26: limb i of every packet in vector i, products of 64 bits. For
 * vectors so wide that the integer multiplier (lanes_beside.h) could not keep up. Included by secretbox_avx512.c.
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

/* Half of the lanes each. */
struct hash {
  struct poly1305 poly[2];
};

#include "lanes.h"

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

/* Begins with the keys in the first blocks. */
static void hash_begin(struct lanes *lanes) {
  const uint8_t *keys[LANES];
  for (int lane = 0; lane < LANES; lane++) keys[lane] = lanes->first_block[lane];
  poly1305_init(&lanes->hash.poly[0], keys);
  poly1305_init(&lanes->hash.poly[1], keys + HALF);
}

/* Adds whole blocks that every packet has, up to byte `end`; returns where it stopped. */
static inline size_t hash_together(struct lanes *lanes, size_t done, size_t end) {
  const vector bit = all64(BLOCK_BIT);
  const uint8_t *const *data = (const uint8_t *const *)lanes->data;
  vector low, high;
  if (end > lanes->shortest) end = lanes->shortest;
  for (; done + BLOCK_BYTES <= end; done += BLOCK_BYTES) {
    load_blocks(data, done, &low, &high);
    poly1305_block(&lanes->hash.poly[0], low, high, bit);
    load_blocks(data + HALF, done, &low, &high);
    poly1305_block(&lanes->hash.poly[1], low, high, bit);
  }
  return done;
}

/* The next block of each packet from byte `done` on; a last short one gets its bit behind its last byte. */
static void hash_one_each(struct lanes *lanes, size_t done) {
  uint8_t blocks[LANES][BLOCK_BYTES];
  const uint8_t *from[LANES];
  uint64_t bits[LANES], masks[LANES];
  memset(blocks, 0, sizeof blocks);
  for (int lane = 0; lane < LANES; lane++) {
    size_t left = lanes->length[lane] > done ? lanes->length[lane] - done : 0;
    size_t taken = left < BLOCK_BYTES ? left : BLOCK_BYTES;
    from[lane] = blocks[lane];
    memcpy(blocks[lane], lanes->data[lane] + (taken > 0 ? done : 0), taken);
    if (taken < BLOCK_BYTES) blocks[lane][taken] = 1;
    bits[lane] = taken == BLOCK_BYTES ? BLOCK_BIT : 0;
    masks[lane] = taken > 0 ? UINT64_MAX : 0;
  }
  for (int half = 0; half < 2; half++) {
    struct poly1305 *poly = &lanes->hash.poly[half], before = *poly;
    vector low, high, mask = load(masks + half * HALF);
    load_blocks(from + half * HALF, 0, &low, &high);
    poly1305_block(poly, low, high, load(bits + half * HALF));
    for (int limb = 0; limb < LIMBS; limb++) poly->h[limb] = select64(mask, poly->h[limb], before.h[limb]);
  }
}

/* Adds what is left from byte `done` on. */
static void hash_rest(struct lanes *lanes, size_t done) {
  done = hash_together(lanes, done, lanes->shortest);
  for (; done < lanes->longest; done += BLOCK_BYTES) hash_one_each(lanes, done);
}

static void hash_tags(struct lanes *lanes) {
  uint64_t limbs[LIMBS][LANES], h[LIMBS];
  for (int limb = 0; limb < LIMBS; limb++) {
    store(limbs[limb], lanes->hash.poly[0].h[limb]);
    store(limbs[limb] + HALF, lanes->hash.poly[1].h[limb]);
  }
  for (uint32_t lane = 0; lane < lanes->count; lane++) {
    for (int limb = 0; limb < LIMBS; limb++) h[limb] = limbs[limb][lane];
    poly1305_tag(h, lanes->first_block[lane] + 16, lanes->tags[lane]);
  }
}

/* The vector units are busy with the rounds: nothing is hashed beside them, but behind each block. */
static inline void hash_beside(const struct beside *beside, int half, int round) {
  (void)beside;
  (void)half;
  (void)round;
}

#define HASHES_BESIDE false
