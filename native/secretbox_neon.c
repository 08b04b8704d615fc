/* Four packets at once with NEON, which every ARM64 has: the vector operations that the lane code is written in. */
#include "secretbox_lanes.h"

#include <arm_neon.h>
#include <sodium.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "words of packets are read as they lie: little endian only"
#endif

#define LANES NEON_LANES
#define SEAL_LANES seal_lanes_neon
#define OPEN_LANES open_lanes_neon

/* LANES words of 32 bits. */
typedef uint32x4_t vector;

/* By bytes: packets begin anywhere. */
static inline vector load(const void *from) { return vreinterpretq_u32_u8(vld1q_u8(from)); }
static inline void store(void *into, vector a) { vst1q_u8(into, vreinterpretq_u8_u32(a)); }
static inline vector xor(vector a, vector b) { return veorq_u32(a, b); }

static inline vector all32(uint32_t value) { return vdupq_n_u32(value); }
static inline vector add32(vector a, vector b) { return vaddq_u32(a, b); }
/* Shifted left, and what that pushed out inserted below: two instructions, without an OR. */
#define ROTATE32(a, bits) vsriq_n_u32(vshlq_n_u32(a, bits), a, 32 - (bits))

/* Four words of each lane become four vectors, one for each lane. */
static inline __attribute__((always_inline)) void transpose4(vector words[4]) {
  uint64x2_t low_a = vreinterpretq_u64_u32(vzip1q_u32(words[0], words[1]));
  uint64x2_t high_a = vreinterpretq_u64_u32(vzip2q_u32(words[0], words[1]));
  uint64x2_t low_b = vreinterpretq_u64_u32(vzip1q_u32(words[2], words[3]));
  uint64x2_t high_b = vreinterpretq_u64_u32(vzip2q_u32(words[2], words[3]));
  words[0] = vreinterpretq_u32_u64(vzip1q_u64(low_a, low_b));
  words[1] = vreinterpretq_u32_u64(vzip2q_u64(low_a, low_b));
  words[2] = vreinterpretq_u32_u64(vzip1q_u64(high_a, high_b));
  words[3] = vreinterpretq_u32_u64(vzip2q_u64(high_a, high_b));
}

/* The quarters of lane `lane`'s block are afterwards in vectors `lane`, `lane + 4`, `lane + 8` and `lane + 12`. */
static inline __attribute__((always_inline)) void transpose(vector words[16]) {
  transpose4(words);
  transpose4(words + 4);
  transpose4(words + 8);
  transpose4(words + 12);
}

static inline void store_block(uint8_t *into, const vector blocks[16], int lane) {
  for (int quarter = 0; quarter < 4; quarter++) store(into + 16 * quarter, blocks[lane + 4 * quarter]);
}

static inline __attribute__((always_inline)) void xor_into(uint8_t *data, const vector blocks[16], int lane) {
  store(data, xor(load(data), blocks[lane]));
  store(data + 16, xor(load(data + 16), blocks[lane + 4]));
  store(data + 32, xor(load(data + 32), blocks[lane + 8]));
  store(data + 48, xor(load(data + 48), blocks[lane + 12]));
}

/* XORs a lane's block into the first `length` (1 to 64) bytes of `data`. */
static inline void xor_block(uint8_t *data, size_t length, const vector blocks[16], int lane) {
  if (length == 64) return xor_into(data, blocks, lane);
  uint8_t keystream[64];
  store_block(keystream, blocks, lane);
  for (size_t byte = 0; byte < length; byte++) data[byte] ^= keystream[byte];
}

/* XORs each lane's block into its data from byte `start` on. */
static inline __attribute__((always_inline)) void xor_blocks(uint8_t *const data[LANES], size_t start, const vector blocks[16]) {
  xor_into(data[0] + start, blocks, 0);
  xor_into(data[1] + start, blocks, 1);
  xor_into(data[2] + start, blocks, 2);
  xor_into(data[3] + start, blocks, 3);
}

#include "lanes_salsa20.h"
#include "lanes_beside.h"
#include "lanes_secretbox.h"
