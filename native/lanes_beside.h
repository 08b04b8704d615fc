/*
 * Poly1305 of each lane by itself, on the processor's integer units and between the rounds of Salsa20, which leave them
 * idle: beside encryption it costs next to nothing. Included by the files whose vectors have few lanes.
 */
#include "poly1305.h"

struct hash {
  struct poly1305 poly[LANES];
};

#include "lanes.h"

#define HASHES_BESIDE true
/* Blocks of one lane that are hashed after one round; all lanes have had STREAM_BLOCK bytes after the last one. */
#define BLOCKS_BESIDE (STREAM_BLOCK / BLOCK_BYTES / 2)

/* Begins with the keys in the first blocks. */
static void hash_begin(struct lanes *lanes) {
  for (int lane = 0; lane < LANES; lane++) poly1305_init(&lanes->hash.poly[lane], lanes->first_block[lane]);
}

static inline __attribute__((always_inline)) void hash_beside(const struct beside *beside, int half, int round) {
  if (round >= LANES) return;
  const uint8_t *data = beside->lanes->data[round] + beside->done + half * BLOCKS_BESIDE * BLOCK_BYTES;
  poly1305_blocks(&beside->lanes->hash.poly[round], data, BLOCKS_BESIDE);
}

/* Only beside the rounds. */
static inline size_t hash_together(struct lanes *lanes, size_t done, size_t end) {
  (void)lanes;
  (void)end;
  return done;
}

/* Adds what is left from byte `done` on: block by block of all lanes, which do not wait for each other, then their ends. */
static void hash_rest(struct lanes *lanes, size_t done) {
  for (; done + BLOCK_BYTES <= lanes->shortest; done += BLOCK_BYTES) {
    for (uint32_t lane = 0; lane < lanes->count; lane++) poly1305_blocks(&lanes->hash.poly[lane], lanes->data[lane] + done, 1);
  }
  for (uint32_t lane = 0; lane < lanes->count; lane++) {
    if (lanes->length[lane] > done) poly1305_rest(&lanes->hash.poly[lane], lanes->data[lane] + done, lanes->length[lane] - done);
  }
}

static void hash_tags(struct lanes *lanes) {
  for (uint32_t lane = 0; lane < lanes->count; lane++) {
    poly1305_tag(&lanes->hash.poly[lane], lanes->first_block[lane] + 16, lanes->tags[lane]);
  }
}
