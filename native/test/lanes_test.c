/*
 * Seals and opens random frames in lanes and with libsodium, and compares all bytes.
 *   lanes_test KIND PACKETS SEED     KIND: one of CRYPTO_NAMES
 * Every frame has its own allocation of exactly its size, so that AddressSanitizer and valgrind see the first byte too
 * many. Exits 0 when all agree, 1 at the first difference, 77 when this machine lacks KIND.
 */
#include "../frame.h"
#include "random.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 1500
#define MOST 64
#define FORGERIES 8
#define PATTERNS 5

struct sample {
  uint8_t *ours;   /* goes through the code under test */
  uint8_t *theirs; /* goes through libsodium */
  uint8_t key[32];
  uint8_t nonce[24];
  size_t length; /* of the data */
};

static size_t length_of(struct random *random, uint32_t pattern, uint32_t batch) {
  static const size_t edges[] = { 0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 95, 96, 97, 1280, 1400, 1499, 1500, 4095, 4096, 9000 };
  if (pattern == 0) return batch / PATTERNS % (LONGEST + 1); /* each in turn, the same for all */
  if (pattern == 1) return (batch + random_below(random, 20)) % (LONGEST + 1);
  if (pattern == 2) return edges[random_below(random, sizeof edges / sizeof edges[0])];
  if (pattern == 3) return random_below(random, 4) == 0 ? LONGEST : random_below(random, 100);
  return random_below(random, LONGEST + 1);
}

static void fail(const char *what, uint32_t batch, uint32_t index, const struct sample *sample) {
  fprintf(stderr, "%s: batch %u, frame %u, %zu bytes\n", what, batch, index, sample->length);
  exit(1);
}

static void make(struct random *random, struct sample *sample, struct frame *frame, uint32_t pattern, uint32_t batch) {
  sample->length = length_of(random, pattern, batch);
  sample->ours = malloc(OVERHEAD + sample->length);
  sample->theirs = malloc(OVERHEAD + sample->length);
  if (sample->ours == NULL || sample->theirs == NULL) exit(2);
  random_fill(random, sample->key, sizeof sample->key);
  random_fill(random, sample->ours, OVERHEAD + sample->length);
  memcpy(sample->theirs, sample->ours, OVERHEAD + sample->length);
  uint32_t counter = random_below(random, 8) == 0 ? UINT32_MAX : (uint32_t)random_next(random);
  uint8_t offset = random_below(random, 2) == 0 ? 0 : 4;
  memset(sample->nonce, 0, sizeof sample->nonce);
  for (int byte = 0; byte < 4; byte++) sample->nonce[offset + byte] = (uint8_t)(counter >> (8 * byte));
  *frame = (struct frame){ sample->ours, sample->length, sample->key, counter, offset, false, NULL };
}

static void seal_theirs(struct sample *sample, const struct frame *frame) {
  uint8_t *data = sample->theirs + OVERHEAD;
  for (int byte = 0; byte < 4; byte++) sample->theirs[byte] = (uint8_t)(frame->counter >> (24 - 8 * byte));
  crypto_secretbox_detached(data, sample->theirs + 4, data, sample->length, sample->nonce, sample->key);
}

/* Spoils some frames in every kind of place; both copies alike. */
static void forge(struct random *random, struct sample *sample, struct frame *frame) {
  size_t length = sample->length;
  size_t at;
  switch (random_below(random, FORGERIES)) {
    case 0: at = 4; break;
    case 1: at = 4 + random_below(random, TAG_BYTES); break;
    case 2: at = 19; break;
    case 3: if (length == 0) return; at = OVERHEAD; break;
    case 4: if (length == 0) return; at = OVERHEAD + length - 1; break;
    case 5: if (length == 0) return; at = OVERHEAD + random_below(random, (uint32_t)length); break;
    case 6: sample->key[random_below(random, 32)] ^= (uint8_t)(1 << random_below(random, 8)); return;
    default:
      frame->counter ^= (uint32_t)1 << random_below(random, 32);
      for (int byte = 0; byte < 4; byte++) sample->nonce[frame->nonce_offset + byte] = (uint8_t)(frame->counter >> (8 * byte));
      return;
  }
  uint8_t bit = (uint8_t)(1 << random_below(random, 8));
  sample->ours[at] ^= bit;
  sample->theirs[at] ^= bit;
}

static void run_batch(enum crypto crypto, struct random *random, uint32_t batch, uint32_t count, uint64_t seen[3]) {
  struct sample samples[MOST];
  struct frame frames[MOST];
  uint32_t pattern = batch % PATTERNS;
  for (uint32_t index = 0; index < count; index++) make(random, &samples[index], &frames[index], pattern, batch);
  seen[0] += seal_frames(crypto, frames, count);
  for (uint32_t index = 0; index < count; index++) {
    struct sample *sample = &samples[index];
    seal_theirs(sample, &frames[index]);
    if (memcmp(sample->ours, sample->theirs, OVERHEAD + sample->length) != 0) fail("sealed otherwise", batch, index, sample);
    if (random_below(random, 4) == 0) forge(random, sample, &frames[index]);
  }
  seen[0] += open_frames(crypto, frames, count);
  for (uint32_t index = 0; index < count; index++) {
    struct sample *sample = &samples[index];
    uint8_t *data = sample->theirs + OVERHEAD;
    bool is_good = crypto_secretbox_open_detached(data, data, sample->theirs + 4, sample->length, sample->nonce, sample->key) == 0;
    if (is_good != frames[index].is_good) fail("opened otherwise", batch, index, sample);
    if (memcmp(sample->ours, sample->theirs, OVERHEAD + sample->length) != 0) fail("other bytes", batch, index, sample);
    seen[is_good ? 1 : 2]++;
    free(sample->ours);
    free(sample->theirs);
  }
}

int main(int count, char **arguments) {
  static const char *const names[CRYPTOS] = { CRYPTO_NAMES };
  if (count != 4 || sodium_init() < 0) return 2;
  int crypto = 0;
  while (crypto < CRYPTOS && strcmp(names[crypto], arguments[1]) != 0) crypto++;
  if (crypto == CRYPTOS) return 2;
  if (!crypto_is_here((enum crypto)crypto)) return 77;
  uint64_t packets = strtoull(arguments[2], NULL, 10);
  struct random random = { strtoull(arguments[3], NULL, 10) | 1 };
  uint64_t seen[3] = { 0 };
  for (uint32_t batch = 0; seen[1] + seen[2] < packets; batch++) {
    run_batch((enum crypto)crypto, &random, batch, 1 + batch % MOST, seen);
  }
  printf("%s: %llu good, %llu forged, %llu times in lanes\n", arguments[1], (unsigned long long)seen[1],
         (unsigned long long)seen[2], (unsigned long long)seen[0]);
  return 0;
}
