/*
 * crypto_secretbox for LANES packets at once: bytes 0 to 31 of the key stream are the Poly1305 key, the data is XORed
 * with what follows, the tag is over the encrypted data. Included by secretbox_avx2.c and secretbox_avx512.c.
 *
 * Lanes go in step as far as the shortest packet reaches; behind it those that are through are masked. A lane without a
 * packet reads another's bytes and writes nothing.
 */

#define STREAM_BLOCK 64
/* Bytes of the first block that encrypt data. */
#define FIRST_DATA 32

struct lanes {
  vector subkey[8];
  struct poly1305 poly[2];
  uint8_t first_block[LANES][STREAM_BLOCK];
  uint8_t tags[LANES][TAG_BYTES];
  uint8_t *data[LANES];
  size_t length[LANES]; /* 0 = none of this lane's bytes is touched */
  size_t shortest;
  size_t longest;
  uint32_t count;
};

/* Keys and nonces of all lanes, word by word. */
static void derive_subkeys(struct lanes *lanes, struct frame **frames) {
  uint32_t words[8][LANES], nonces[4][LANES];
  vector key[8], nonce[4];
  memset(nonces, 0, sizeof nonces);
  for (uint32_t lane = 0; lane < LANES; lane++) {
    const struct frame *frame = frames[lane < lanes->count ? lane : 0];
    uint64_t number = frame_nonce(frame);
    for (int word = 0; word < 8; word++) memcpy(&words[word][lane], frame->key + 4 * word, 4);
    nonces[0][lane] = (uint32_t)number;
    nonces[1][lane] = (uint32_t)(number >> 32);
  }
  for (int word = 0; word < 8; word++) key[word] = load(words[word]);
  for (int word = 0; word < 4; word++) nonce[word] = load(nonces[word]);
  hsalsa20(key, nonce, lanes->subkey);
  sodium_memzero(words, sizeof words);
}

static void derive_first_blocks(struct lanes *lanes) {
  vector blocks[16];
  const uint8_t *keys[LANES];
  salsa20_block(lanes->subkey, 0, blocks);
  for (int lane = 0; lane < LANES; lane++) {
    store_block(lanes->first_block[lane], blocks, lane);
    keys[lane] = lanes->first_block[lane];
  }
  poly1305_init(&lanes->poly[0], keys);
  poly1305_init(&lanes->poly[1], keys + HALF);
}

static void begin(struct lanes *lanes, struct frame **frames, uint32_t count) {
  lanes->count = count;
  lanes->shortest = SIZE_MAX;
  lanes->longest = 0;
  for (uint32_t lane = 0; lane < LANES; lane++) {
    const struct frame *frame = frames[lane < count ? lane : 0];
    lanes->data[lane] = frame->bytes + OVERHEAD;
    lanes->length[lane] = lane < count ? frame->data_length : 0;
    if (frame->data_length < lanes->shortest) lanes->shortest = frame->data_length;
    if (frame->data_length > lanes->longest) lanes->longest = frame->data_length;
  }
  derive_subkeys(lanes, frames);
  derive_first_blocks(lanes);
}

/* Adds whole blocks that every packet has, up to byte `end`; returns where it stopped. */
static inline size_t hash_together(struct lanes *lanes, size_t done, size_t end) {
  const vector bit = all64(BLOCK_BIT);
  const uint8_t *const *data = (const uint8_t *const *)lanes->data;
  vector low, high;
  if (end > lanes->shortest) end = lanes->shortest;
  for (; done + BLOCK_BYTES <= end; done += BLOCK_BYTES) {
    load_blocks(data, done, &low, &high);
    poly1305_block(&lanes->poly[0], low, high, bit);
    load_blocks(data + HALF, done, &low, &high);
    poly1305_block(&lanes->poly[1], low, high, bit);
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
    struct poly1305 *poly = &lanes->poly[half], before = *poly;
    vector low, high, mask = load(masks + half * HALF);
    load_blocks(from + half * HALF, 0, &low, &high);
    poly1305_block(poly, low, high, load(bits + half * HALF));
    for (int limb = 0; limb < LIMBS; limb++) poly->h[limb] = select64(mask, poly->h[limb], before.h[limb]);
  }
}

static void finish_tags(struct lanes *lanes) {
  uint64_t limbs[LIMBS][LANES], h[LIMBS];
  for (int limb = 0; limb < LIMBS; limb++) {
    store(limbs[limb], lanes->poly[0].h[limb]);
    store(limbs[limb] + HALF, lanes->poly[1].h[limb]);
  }
  for (uint32_t lane = 0; lane < lanes->count; lane++) {
    for (int limb = 0; limb < LIMBS; limb++) h[limb] = limbs[limb][lane];
    poly1305_tag(h, lanes->first_block[lane] + 16, lanes->tags[lane]);
  }
}

/* Data that the first block's second half encrypts. */
static void xor_first(struct lanes *lanes) {
  for (uint32_t lane = 0; lane < lanes->count; lane++) {
    size_t length = lanes->length[lane] < FIRST_DATA ? lanes->length[lane] : FIRST_DATA;
    uint8_t *data = lanes->data[lane];
    const uint8_t *stream = lanes->first_block[lane] + STREAM_BLOCK - FIRST_DATA;
    if (length == FIRST_DATA) {
      for (size_t byte = 0; byte < FIRST_DATA; byte++) data[byte] ^= stream[byte];
    } else {
      for (size_t byte = 0; byte < length; byte++) data[byte] ^= stream[byte];
    }
  }
}

/* Data from byte `start` on, with the block of the key stream that belongs there. */
static inline void xor_next(struct lanes *lanes, size_t start) {
  vector blocks[16];
  salsa20_block(lanes->subkey, (uint32_t)((start + FIRST_DATA) / STREAM_BLOCK), blocks);
  for (uint32_t lane = 0; lane < lanes->count; lane++) {
    if (lanes->length[lane] <= start) continue;
    size_t left = lanes->length[lane] - start;
    xor_block(lanes->data[lane] + start, left < STREAM_BLOCK ? left : STREAM_BLOCK, blocks, (int)lane);
  }
}

void SEAL_LANES(struct frame **frames, uint32_t count) {
  struct lanes lanes;
  size_t hashed = 0;
  begin(&lanes, frames, count);
  xor_first(&lanes);
  for (size_t start = FIRST_DATA; start < lanes.longest; start += STREAM_BLOCK) {
    xor_next(&lanes, start);
    hashed = hash_together(&lanes, hashed, start); /* a block behind: both can run at the same time */
  }
  hashed = hash_together(&lanes, hashed, lanes.shortest);
  for (; hashed < lanes.longest; hashed += BLOCK_BYTES) hash_one_each(&lanes, hashed);
  finish_tags(&lanes);
  for (uint32_t lane = 0; lane < count; lane++) {
    memcpy(frames[lane]->bytes + COUNTER_BYTES, lanes.tags[lane], TAG_BYTES);
  }
  sodium_memzero(&lanes, sizeof lanes);
}

void OPEN_LANES(struct frame **frames, uint32_t count) {
  struct lanes lanes;
  begin(&lanes, frames, count);
  size_t hashed = hash_together(&lanes, 0, lanes.shortest);
  for (; hashed < lanes.longest; hashed += BLOCK_BYTES) hash_one_each(&lanes, hashed);
  finish_tags(&lanes);
  for (uint32_t lane = 0; lane < count; lane++) {
    frames[lane]->is_good = crypto_verify_16(lanes.tags[lane], frames[lane]->bytes + COUNTER_BYTES) == 0;
    if (!frames[lane]->is_good) lanes.length[lane] = 0;
  }
  xor_first(&lanes);
  for (size_t start = FIRST_DATA; start < lanes.longest; start += STREAM_BLOCK) xor_next(&lanes, start);
  sodium_memzero(&lanes, sizeof lanes);
}
