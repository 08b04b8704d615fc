/* A small seeded generator (xorshift64*), so that a failing run can be repeated. */
#ifndef FCMESH_TEST_RANDOM_H
#define FCMESH_TEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
  uint64_t state; /* never 0 */
};

static inline uint64_t random_next(struct random *random) {
  random->state ^= random->state >> 12;
  random->state ^= random->state << 25;
  random->state ^= random->state >> 27;
  return random->state * 0x2545f4914f6cdd1d;
}

/* 0 to `limit` - 1. */
static inline uint32_t random_below(struct random *random, uint32_t limit) {
  return (uint32_t)((random_next(random) >> 32) * limit >> 32);
}

static inline void random_fill(struct random *random, uint8_t *into, size_t length) {
  for (size_t at = 0; at < length; at++) {
    if (at % 8 == 0) random_next(random);
    into[at] = (uint8_t)(random->state >> (8 * (at % 8)));
  }
}

#endif
