/* Eight packets at once with AVX2: the vector operations that the lane code is written in. */
#include "secretbox_lanes.h"

#include <immintrin.h>
#include <sodium.h>
#include <string.h>

#define LANES AVX2_LANES
#define SEAL_LANES seal_lanes_avx2
#define OPEN_LANES open_lanes_avx2

/* LANES words of 32 bits. */
typedef __m256i vector;

static inline vector load(const void *from) { return _mm256_loadu_si256((const __m256i *)from); }
static inline void store(void *into, vector a) { _mm256_storeu_si256((__m256i *)into, a); }
static inline vector xor(vector a, vector b) { return _mm256_xor_si256(a, b); }
static inline vector or(vector a, vector b) { return _mm256_or_si256(a, b); }

static inline vector all32(uint32_t value) { return _mm256_set1_epi32((int)value); }
static inline vector add32(vector a, vector b) { return _mm256_add_epi32(a, b); }
#define ROTATE32(a, bits) or(_mm256_slli_epi32(a, bits), _mm256_srli_epi32(a, 32 - (bits)))

/* Eight words of each lane become eight vectors, one for each lane. */
static inline void transpose8(vector words[8]) {
  vector pairs[8], quads[8];
  for (int row = 0; row < 8; row += 2) {
    pairs[row] = _mm256_unpacklo_epi32(words[row], words[row + 1]);
    pairs[row + 1] = _mm256_unpackhi_epi32(words[row], words[row + 1]);
  }
  for (int row = 0; row < 8; row += 4) {
    quads[row] = _mm256_unpacklo_epi64(pairs[row], pairs[row + 2]);
    quads[row + 1] = _mm256_unpackhi_epi64(pairs[row], pairs[row + 2]);
    quads[row + 2] = _mm256_unpacklo_epi64(pairs[row + 1], pairs[row + 3]);
    quads[row + 3] = _mm256_unpackhi_epi64(pairs[row + 1], pairs[row + 3]);
  }
  for (int row = 0; row < 4; row++) {
    words[row] = _mm256_permute2x128_si256(quads[row], quads[row + 4], 0x20);
    words[row + 4] = _mm256_permute2x128_si256(quads[row], quads[row + 4], 0x31);
  }
}

/* The block of lane `lane` is afterwards in vectors `lane` (first half) and `lane + 8`. */
static inline void transpose(vector words[16]) {
  transpose8(words);
  transpose8(words + 8);
}

static inline void store_block(uint8_t *into, const vector blocks[16], int lane) {
  store(into, blocks[lane]);
  store(into + 32, blocks[lane + 8]);
}

static inline void xor_into(uint8_t *data, vector first, vector second) {
  store(data, xor(load(data), first));
  store(data + 32, xor(load(data + 32), second));
}

/* XORs a lane's block into the first `length` (1 to 64) bytes of `data`. */
static inline void xor_block(uint8_t *data, size_t length, const vector blocks[16], int lane) {
  if (length == 64) return xor_into(data, blocks[lane], blocks[lane + 8]);
  uint8_t keystream[64];
  store_block(keystream, blocks, lane);
  for (size_t byte = 0; byte < length; byte++) data[byte] ^= keystream[byte];
}

/* XORs each lane's block into its data from byte `start` on. */
static inline __attribute__((always_inline)) void xor_blocks(uint8_t *const data[LANES], size_t start, const vector blocks[16]) {
  xor_into(data[0] + start, blocks[0], blocks[8]);
  xor_into(data[1] + start, blocks[1], blocks[9]);
  xor_into(data[2] + start, blocks[2], blocks[10]);
  xor_into(data[3] + start, blocks[3], blocks[11]);
  xor_into(data[4] + start, blocks[4], blocks[12]);
  xor_into(data[5] + start, blocks[5], blocks[13]);
  xor_into(data[6] + start, blocks[6], blocks[14]);
  xor_into(data[7] + start, blocks[7], blocks[15]);
}

#include "lanes_salsa20.h"
#include "lanes_beside.h"
#include "lanes_secretbox.h"
