/*
 * Poly1305 in lanes with keys and data of our choice, against libsodium: sums beside 2^130 - 5 and carries through all
 * limbs, which random frames never meet. Built once with each of the files that have the lanes:
 *   gcc -DLANES_FILE='"../secretbox_avx2.c"' ...        poly1305_test ROUNDS SEED
 */
#include LANES_FILE
#include "random.h"

#include <stdio.h>
#include <stdlib.h>

#define BLOCKS 6

/* RFC 8439 appendix A.3, number 7 to 11: r, s, data, tag. */
struct known {
  const char *r, *s, *data, *tag;
};

static const struct known KNOWN[] = {
  { "02000000000000000000000000000000", "00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff",
    "03000000000000000000000000000000" },
  { "02000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "02000000000000000000000000000000",
    "03000000000000000000000000000000" },
  { "01000000000000000000000000000000", "00000000000000000000000000000000",
    "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000",
    "05000000000000000000000000000000" },
  { "01000000000000000000000000000000", "00000000000000000000000000000000",
    "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101",
    "00000000000000000000000000000000" },
  { "02000000000000000000000000000000", "00000000000000000000000000000000", "fdffffffffffffffffffffffffffffff",
    "faffffffffffffffffffffffffffffff" },
};

/* One message per lane, all of `blocks` whole blocks; returns false where a tag is not libsodium's. */
static bool agree(uint8_t keys[LANES][32], uint8_t data[LANES][BLOCKS * BLOCK_BYTES], size_t blocks) {
  struct lanes lanes;
  memset(&lanes, 0, sizeof lanes);
  lanes.count = LANES;
  lanes.shortest = lanes.longest = blocks * BLOCK_BYTES;
  for (int lane = 0; lane < LANES; lane++) {
    lanes.data[lane] = data[lane];
    lanes.length[lane] = lanes.longest;
    memcpy(lanes.first_block[lane], keys[lane], 32);
  }
  hash_begin(&lanes);
  hash_rest(&lanes, 0);
  hash_tags(&lanes);
  for (int lane = 0; lane < LANES; lane++) {
    uint8_t tag[TAG_BYTES];
    crypto_onetimeauth(tag, data[lane], lanes.longest, keys[lane]);
    if (memcmp(tag, lanes.tags[lane], TAG_BYTES) != 0) return false;
  }
  return true;
}

static size_t from_hex(const char *text, uint8_t *into) {
  size_t length = 0;
  sodium_hex2bin(into, BLOCKS * BLOCK_BYTES, text, strlen(text), NULL, &length, NULL);
  return length;
}

static void test_known(void) {
  static uint8_t keys[LANES][32], data[LANES][BLOCKS * BLOCK_BYTES];
  for (size_t number = 0; number < sizeof KNOWN / sizeof KNOWN[0]; number++) {
    uint8_t tag[BLOCKS * BLOCK_BYTES], expected[TAG_BYTES];
    size_t length = 0;
    for (int lane = 0; lane < LANES; lane++) {
      from_hex(KNOWN[number].r, data[0]);
      memcpy(keys[lane], data[0], 16);
      from_hex(KNOWN[number].s, data[0]);
      memcpy(keys[lane] + 16, data[0], 16);
    }
    for (int lane = 0; lane < LANES; lane++) length = from_hex(KNOWN[number].data, data[lane]);
    from_hex(KNOWN[number].tag, tag);
    crypto_onetimeauth(expected, data[0], length, keys[0]);
    if (memcmp(tag, expected, TAG_BYTES) != 0 || !agree(keys, data, length / BLOCK_BYTES)) {
      fprintf(stderr, "poly1305: known answer %zu\n", number);
      exit(1);
    }
  }
}

int main(int count, char **arguments) {
  static const uint8_t edges[] = { 0, 1, 2, 3, 4, 5, 0x0f, 0xf0, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 0xff, 0xff, 0 };
  static uint8_t keys[LANES][32], data[LANES][BLOCKS * BLOCK_BYTES];
  if (count != 3 || sodium_init() < 0) return 2;
  struct random random = { strtoull(arguments[2], NULL, 10) | 1 };
  uint32_t rounds = (uint32_t)strtoul(arguments[1], NULL, 10);
  test_known();
  for (uint32_t round = 0; round < rounds; round++) {
    /* Mostly runs of one byte, which make long carries. */
    uint32_t change = 1 + random_below(&random, 40);
    uint8_t byte = 0xff;
    for (uint32_t at = 0; at < sizeof keys + sizeof data; at++) {
      if (random_below(&random, change) == 0) byte = edges[random_below(&random, sizeof edges)];
      if (at < sizeof keys) ((uint8_t *)keys)[at] = byte;
      else ((uint8_t *)data)[at - sizeof keys] = byte;
    }
    if (!agree(keys, data, 1 + round % BLOCKS)) {
      fprintf(stderr, "poly1305: round %u\n", round);
      return 1;
    }
  }
  printf("poly1305 in %d lanes: %u rounds\n", LANES, rounds);
  return 0;
}
