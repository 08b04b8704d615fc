/*
 * Sealed frames [counter (4) | tag (16) | data], protocol 02 section 2.2, and who seals and opens them: libsodium, or
 * code that takes one packet per SIMD lane. Nothing in here knows Node.js.
 */
#ifndef FCMESH_FRAME_H
#define FCMESH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTER_BYTES 4
#define TAG_BYTES 16
#define OVERHEAD (COUNTER_BYTES + TAG_BYTES)
/* Frames that are sealed or opened together at most: a whole vector of the packet path. */
#define FRAME_BATCH 128

struct frame {
  uint8_t *bytes;
  size_t data_length;
  const uint8_t *key; /* 32 bytes */
  uint32_t counter;
  uint8_t nonce_offset; /* where the counter lies in the nonce, 0 to 4 */
  bool is_good;         /* set by open_frames */
  int32_t *descriptor;  /* the caller's */
};

/* Big endian in the packet, little endian inside the box nonce: its first eight bytes as a number; the others are 0. */
static inline uint64_t frame_nonce(const struct frame *frame) {
  return (uint64_t)frame->counter << (8 * frame->nonce_offset);
}

/* Everything there is anywhere, in no order: no machine has all of it. */
enum crypto { CRYPTO_LIBSODIUM, CRYPTO_AVX2, CRYPTO_AVX512, CRYPTO_NEON, CRYPTOS };
#define CRYPTO_NAMES "libsodium", "avx2", "avx512", "neon"

/* Whether this build contains it and this processor can run it. */
bool crypto_is_here(enum crypto crypto);
/* The fastest that is here. */
enum crypto crypto_best(void);

/*
 * Encrypts at most FRAME_BATCH frames in place and writes their counters and tags. `crypto` must be here. Returns how
 * many went through lanes.
 */
uint32_t seal_frames(enum crypto crypto, struct frame *frames, uint32_t count);
/* The reverse. A frame whose tag is wrong stays as it is, byte for byte. */
uint32_t open_frames(enum crypto crypto, struct frame *frames, uint32_t count);

#endif
