/* Eight packets at once with AVX2: the vector operations that the lane code is written in. */
#include "secretbox_lanes.h"

#include <immintrin.h>
#include <sodium.h>
#include <string.h>

#define LANES AVX2_LANES
#define HALF (LANES / 2)
#define SEAL_LANES seal_lanes_avx2
#define OPEN_LANES open_lanes_avx2

/* LANES words of 32 bits, or HALF limbs of 64 bits. */
typedef __m256i vector;

static inline vector load(const void *from) { return _mm256_loadu_si256((const __m256i *)from); }
static inline void store(void *into, vector a) { _mm256_storeu_si256((__m256i *)into, a); }
static inline vector xor(vector a, vector b) { return _mm256_xor_si256(a, b); }
static inline vector and(vector a, vector b) { return _mm256_and_si256(a, b); }
static inline vector or(vector a, vector b) { return _mm256_or_si256(a, b); }

static inline vector all32(uint32_t value) { return _mm256_set1_epi32((int)value); }
static inline vector add32(vector a, vector b) { return _mm256_add_epi32(a, b); }
#define ROTATE32(a, bits) or(_mm256_slli_epi32(a, bits), _mm256_srli_epi32(a, 32 - (bits)))

static inline vector all64(uint64_t value) { return _mm256_set1_epi64x((long long)value); }
static inline vector add64(vector a, vector b) { return _mm256_add_epi64(a, b); }
/* Products of the lower 32 bits of each limb. */
static inline vector mul64(vector a, vector b) { return _mm256_mul_epu32(a, b); }
#define SHIFT_LEFT64(a, bits) _mm256_slli_epi64(a, bits)
#define SHIFT_RIGHT64(a, bits) _mm256_srli_epi64(a, bits)
/* `a` where the mask's limb is all ones, `b` where it is 0. */
static inline vector select64(vector mask, vector a, vector b) { return _mm256_blendv_epi8(b, a, mask); }

/* Sixteen bytes from each of HALF places: their first and second halves. */
static inline void load_blocks(const uint8_t *const from[HALF], size_t offset, vector *low, vector *high) {
  __m128i block[HALF];
  for (int lane = 0; lane < HALF; lane++) block[lane] = _mm_loadu_si128((const __m128i *)(from[lane] + offset));
  vector even = _mm256_inserti128_si256(_mm256_castsi128_si256(block[0]), block[2], 1);
  vector odd = _mm256_inserti128_si256(_mm256_castsi128_si256(block[1]), block[3], 1);
  *low = _mm256_unpacklo_epi64(even, odd);
  *high = _mm256_unpackhi_epi64(even, odd);
}

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

/* XORs a lane's block into the first `length` (1 to 64) bytes of `data`. */
static inline void xor_block(uint8_t *data, size_t length, const vector blocks[16], int lane) {
  if (length == 64) {
    store(data, xor(load(data), blocks[lane]));
    store(data + 32, xor(load(data + 32), blocks[lane + 8]));
    return;
  }
  uint8_t keystream[64];
  store_block(keystream, blocks, lane);
  for (size_t byte = 0; byte < length; byte++) data[byte] ^= keystream[byte];
}

#include "lanes_salsa20.h"
#include "lanes_poly1305.h"
#include "lanes_secretbox.h"
