/* Sixteen packets at once with AVX-512 (F, BW, VL): the vector operations that the lane code is written in. */
#include "secretbox_lanes.h"

#include <immintrin.h>
#include <sodium.h>
#include <string.h>

#define LANES AVX512_LANES
#define HALF (LANES / 2)
#define SEAL_LANES seal_lanes_avx512
#define OPEN_LANES open_lanes_avx512

/* LANES words of 32 bits, or HALF limbs of 64 bits. */
typedef __m512i vector;

static inline vector load(const void *from) { return _mm512_loadu_si512(from); }
static inline void store(void *into, vector a) { _mm512_storeu_si512(into, a); }
static inline vector xor(vector a, vector b) { return _mm512_xor_si512(a, b); }
static inline vector and(vector a, vector b) { return _mm512_and_si512(a, b); }
static inline vector or(vector a, vector b) { return _mm512_or_si512(a, b); }

static inline vector all32(uint32_t value) { return _mm512_set1_epi32((int)value); }
static inline vector add32(vector a, vector b) { return _mm512_add_epi32(a, b); }
#define ROTATE32(a, bits) _mm512_rol_epi32(a, bits)

static inline vector all64(uint64_t value) { return _mm512_set1_epi64((long long)value); }
static inline vector add64(vector a, vector b) { return _mm512_add_epi64(a, b); }
/* Products of the lower 32 bits of each limb. */
static inline vector mul64(vector a, vector b) { return _mm512_mul_epu32(a, b); }
#define SHIFT_LEFT64(a, bits) _mm512_slli_epi64(a, bits)
#define SHIFT_RIGHT64(a, bits) _mm512_srli_epi64(a, bits)
/* `a` where the mask's limb is all ones, `b` where it is 0. */
static inline vector select64(vector mask, vector a, vector b) {
  return _mm512_mask_blend_epi64(_mm512_test_epi64_mask(mask, mask), b, a);
}

/* Sixteen bytes from each of four places, every second one, side by side. */
static inline vector load_every_second(const uint8_t *const *from, size_t offset) {
  __m128i block[4];
  for (int lane = 0; lane < 4; lane++) block[lane] = _mm_loadu_si128((const __m128i *)(from[2 * lane] + offset));
  vector blocks = _mm512_inserti32x4(_mm512_castsi128_si512(block[0]), block[1], 1);
  return _mm512_inserti32x4(_mm512_inserti32x4(blocks, block[2], 2), block[3], 3);
}

/* Sixteen bytes from each of HALF places: their first and second halves. */
static inline void load_blocks(const uint8_t *const from[HALF], size_t offset, vector *low, vector *high) {
  vector even = load_every_second(from, offset);
  vector odd = load_every_second(from + 1, offset);
  *low = _mm512_unpacklo_epi64(even, odd);
  *high = _mm512_unpackhi_epi64(even, odd);
}

/* The block of lane `lane` is afterwards in vector `lane`. */
static inline void transpose(vector words[16]) {
  vector quads[16];
  for (int row = 0; row < 16; row += 4) {
    vector low_a = _mm512_unpacklo_epi32(words[row], words[row + 1]);
    vector high_a = _mm512_unpackhi_epi32(words[row], words[row + 1]);
    vector low_b = _mm512_unpacklo_epi32(words[row + 2], words[row + 3]);
    vector high_b = _mm512_unpackhi_epi32(words[row + 2], words[row + 3]);
    quads[row] = _mm512_unpacklo_epi64(low_a, low_b);
    quads[row + 1] = _mm512_unpackhi_epi64(low_a, low_b);
    quads[row + 2] = _mm512_unpacklo_epi64(high_a, high_b);
    quads[row + 3] = _mm512_unpackhi_epi64(high_a, high_b);
  }
  /* Quarter k of quads[4 q + row] holds words 4 q to 4 q + 3 of lane 4 k + row. */
  for (int row = 0; row < 4; row++) {
    vector even_a = _mm512_shuffle_i32x4(quads[row], quads[row + 4], 0x88);
    vector odd_a = _mm512_shuffle_i32x4(quads[row], quads[row + 4], 0xdd);
    vector even_b = _mm512_shuffle_i32x4(quads[row + 8], quads[row + 12], 0x88);
    vector odd_b = _mm512_shuffle_i32x4(quads[row + 8], quads[row + 12], 0xdd);
    words[row] = _mm512_shuffle_i32x4(even_a, even_b, 0x88);
    words[row + 4] = _mm512_shuffle_i32x4(odd_a, odd_b, 0x88);
    words[row + 8] = _mm512_shuffle_i32x4(even_a, even_b, 0xdd);
    words[row + 12] = _mm512_shuffle_i32x4(odd_a, odd_b, 0xdd);
  }
}

static inline void store_block(uint8_t *into, const vector blocks[16], int lane) { store(into, blocks[lane]); }

/* XORs a lane's block into the first `length` (1 to 64) bytes of `data`. */
static inline void xor_block(uint8_t *data, size_t length, const vector blocks[16], int lane) {
  __mmask64 mask = ~(__mmask64)0 >> (64 - length);
  _mm512_mask_storeu_epi8(data, mask, xor(_mm512_maskz_loadu_epi8(mask, data), blocks[lane]));
}

/* XORs each lane's block into its data from byte `start` on. */
static inline void xor_blocks(uint8_t *const data[LANES], size_t start, const vector blocks[16]) {
  for (int lane = 0; lane < LANES; lane++) store(data[lane] + start, xor(load(data[lane] + start), blocks[lane]));
}

#include "lanes_salsa20.h"
#include "lanes_poly1305.h"
#include "lanes_secretbox.h"
