/*
 * crypto_secretbox for LANES packets at once: bytes 0 to 31 of the key stream are the Poly1305 key, the data is XORed
 * with what follows, the tag is over the encrypted data. Included by the files that define `vector`, behind Salsa20 and
 * one of the two ways to hash.
 *
 * Lanes go in step as far as the shortest packet reaches; behind it those that are through are left out. A lane without
 * a packet reads another's bytes and writes nothing.
 */

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
  salsa20_block(lanes->subkey, 0, blocks, NULL);
  for (int lane = 0; lane < LANES; lane++) store_block(lanes->first_block[lane], blocks, lane);
  hash_begin(lanes);
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

/* The end of some packets. Not inlined: `blocks` is in memory here, and shall be in registers where packets are whole. */
static __attribute__((noinline)) void xor_ends(const struct lanes *lanes, size_t start, const vector blocks[16]) {
  for (uint32_t lane = 0; lane < lanes->count; lane++) {
    if (lanes->length[lane] <= start) continue;
    size_t left = lanes->length[lane] - start;
    xor_block(lanes->data[lane] + start, left < STREAM_BLOCK ? left : STREAM_BLOCK, blocks, (int)lane);
  }
}

/* Data from byte `start` on, with the block of the key stream that belongs there. */
static inline __attribute__((always_inline)) void xor_next(struct lanes *lanes, size_t start, const struct beside *beside) {
  vector x[16];
  salsa20_block(lanes->subkey, (uint32_t)((start + FIRST_DATA) / STREAM_BLOCK), x, beside);
  if (lanes->count == LANES && start + STREAM_BLOCK <= lanes->shortest) {
    xor_blocks(lanes->data, start, x);
  } else {
    vector blocks[16];
    for (int word = 0; word < 16; word++) blocks[word] = x[word];
    xor_ends(lanes, start, blocks);
  }
}

/*
 * Encrypts or decrypts `lanes`, and meanwhile hashes `other`, which may be the same (as far as it is encrypted) or NULL.
 * Returns how many bytes of each packet are hashed.
 */
static size_t xor_all(struct lanes *lanes, struct lanes *other) {
  size_t hashed = 0;
  xor_first(lanes);
  for (size_t start = FIRST_DATA; start < lanes->longest; start += STREAM_BLOCK) {
    size_t end = other == NULL ? 0 : other->shortest;
    if (other == lanes && end > start) end = start;
    if (HASHES_BESIDE && hashed + STREAM_BLOCK <= end) {
      xor_next(lanes, start, &(struct beside){ other, hashed });
      hashed += STREAM_BLOCK;
    } else {
      xor_next(lanes, start, NULL);
      if (other != NULL) hashed = hash_together(other, hashed, end);
    }
  }
  return hashed;
}

static uint32_t group_of(uint32_t left) { return left < LANES ? left : LANES; }

void SEAL_LANES(struct frame **frames, uint32_t count) {
  struct lanes lanes;
  for (uint32_t done = 0; done < count; done += lanes.count) {
    begin(&lanes, frames + done, group_of(count - done));
    hash_rest(&lanes, xor_all(&lanes, &lanes));
    hash_tags(&lanes);
    for (uint32_t lane = 0; lane < lanes.count; lane++) {
      memcpy(frames[done + lane]->bytes + COUNTER_BYTES, lanes.tags[lane], TAG_BYTES);
    }
  }
  sodium_memzero(&lanes, sizeof lanes);
}

/* Nothing of a packet whose tag is wrong is decrypted. */
static void check_tags(struct lanes *lanes, struct frame **frames) {
  hash_tags(lanes);
  for (uint32_t lane = 0; lane < lanes->count; lane++) {
    frames[lane]->is_good = crypto_verify_16(lanes->tags[lane], frames[lane]->bytes + COUNTER_BYTES) == 0;
    if (frames[lane]->is_good) continue;
    lanes->length[lane] = 0;
    lanes->shortest = 0;
  }
}

/* A group is decrypted while the next one is hashed. */
void OPEN_LANES(struct frame **frames, uint32_t count) {
  struct lanes groups[2];
  struct lanes *present = &groups[0], *next = &groups[1];
  if (count == 0) return;
  memset(groups, 0, sizeof groups);
  begin(present, frames, group_of(count));
  hash_rest(present, 0);
  for (uint32_t done = 0; done < count;) {
    check_tags(present, frames + done);
    uint32_t left = count - done - present->count;
    if (left > 0) begin(next, frames + done + present->count, group_of(left));
    size_t hashed = xor_all(present, left > 0 ? next : NULL);
    if (left > 0) hash_rest(next, hashed);
    done += present->count;
    struct lanes *free_one = present;
    present = next;
    next = free_one;
  }
  sodium_memzero(groups, sizeof groups);
}
