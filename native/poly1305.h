/*
 * Poly1305 of one packet in radix 2^64, with the processor's integer multiplier: it is idle while vectors encrypt.
 * Source: D. J. Bernstein, "The Poly1305-AES message-authentication code"; RFC 8439 section 2.5.
 */
#ifndef FCMESH_POLY1305_H
#define FCMESH_POLY1305_H

#include "frame.h"

#include <string.h>

#define BLOCK_BYTES 16

struct poly1305 {
  uint64_t h[3]; /* the sum so far; of h[2] only the lowest bits */
  uint64_t r[2]; /* the multiplier */
  uint64_t s1;   /* 5/4 r[1]: the lowest two bits of r[1] are 0, and 2^130 is 5 modulo 2^130 - 5 */
};

__extension__ typedef unsigned __int128 uint128;

static inline uint64_t read64(const uint8_t *from) {
  uint64_t value;
  memcpy(&value, from, sizeof value); /* little endian: the lanes are for x86-64 and ARM64 */
  return value;
}

/* `key` is the one-time key (r, s), 32 bytes; r is clamped (RFC 8439 section 2.5.1). */
static inline void poly1305_init(struct poly1305 *state, const uint8_t *key) {
  memset(state->h, 0, sizeof state->h);
  state->r[0] = read64(key) & 0x0ffffffc0fffffff;
  state->r[1] = read64(key + 8) & 0x0ffffffc0ffffffc;
  state->s1 = state->r[1] + (state->r[1] >> 2);
}

/*
 * h = (h + block + top 2^128) r modulo 2^130 - 5, not fully reduced: h[2] stays below 8. With h and r so small nothing
 * overflows: h[2] s1 and h[2] r[0] are below 2^63.
 */
static inline __attribute__((always_inline)) void poly1305_add(uint64_t h[3], const struct poly1305 *state,
                                                               const uint8_t *block, uint64_t top) {
#if defined(__x86_64__) && !defined(POLY1305_PORTABLE)
  /* The same as below. From that GCC makes code that takes twice the time. */
  uint64_t a, b, c, h0 = h[0], h1 = h[1], h2 = h[2];
  __asm__("addq 0(%[block]), %[h0]\n\t"
          "adcq 8(%[block]), %[h1]\n\t"
          "adcq %[top], %[h2]\n\t"
          "movq %[h0], %%rax\n\t" /* b:a = h0 r0 + h1 s1 */
          "mulq %[r0]\n\t"
          "movq %%rdx, %[b]\n\t"
          "movq %%rax, %[a]\n\t"
          "movq %[h1], %%rax\n\t"
          "mulq %[s1]\n\t"
          "addq %%rax, %[a]\n\t"
          "adcq %%rdx, %[b]\n\t"
          "movq %[h0], %%rax\n\t" /* rdx:h1 = h0 r1 + h1 r0 */
          "mulq %[r1]\n\t"
          "movq %%rdx, %[c]\n\t"
          "movq %%rax, %[h0]\n\t"
          "movq %[h1], %%rax\n\t"
          "mulq %[r0]\n\t"
          "movq %%rax, %[h1]\n\t"
          "addq %[h0], %[h1]\n\t"
          "adcq %[c], %%rdx\n\t"
          "movq %[h2], %%rax\n\t" /* rdx:h1 += b + h2 s1 + h2 r0 2^64 */
          "imulq %[s1], %%rax\n\t"
          "imulq %[r0], %[h2]\n\t"
          "addq %[b], %[h1]\n\t"
          "adcq $0, %%rdx\n\t"
          "addq %%rax, %[h1]\n\t"
          "adcq %[h2], %%rdx\n\t"
          "movq %%rdx, %%rax\n\t" /* what is beyond 2^130 comes back five times */
          "shrq $2, %%rax\n\t"
          "movq %%rdx, %[h0]\n\t"
          "andq $-4, %[h0]\n\t"
          "addq %%rax, %[h0]\n\t"
          "andl $3, %%edx\n\t"
          "addq %[a], %[h0]\n\t"
          "adcq $0, %[h1]\n\t"
          "movq %%rdx, %[h2]\n\t"
          "adcq $0, %[h2]"
          : [h0] "+&r"(h0), [h1] "+&r"(h1), [h2] "+&r"(h2), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c)
          : [block] "r"(block), [r0] "r"(state->r[0]), [r1] "r"(state->r[1]), [s1] "r"(state->s1), [top] "re"(top),
            "m"(*(const uint8_t(*)[BLOCK_BYTES])block)
          : "rax", "rdx", "cc");
  h[0] = h0;
  h[1] = h1;
  h[2] = h2;
#else
  uint128 sum = (uint128)h[0] + read64(block);
  uint64_t h0 = (uint64_t)sum;
  sum = (uint128)h[1] + read64(block + 8) + (uint64_t)(sum >> 64);
  uint64_t h1 = (uint64_t)sum;
  uint64_t h2 = h[2] + (uint64_t)(sum >> 64) + top;
  uint128 low = (uint128)h0 * state->r[0] + (uint128)h1 * state->s1;
  uint128 high = (uint128)h0 * state->r[1] + (uint128)h1 * state->r[0] + h2 * state->s1 + (uint64_t)(low >> 64);
  h2 = h2 * state->r[0] + (uint64_t)(high >> 64);
  sum = (uint128)(uint64_t)low + (h2 >> 2) + (h2 & ~(uint64_t)3);
  h[0] = (uint64_t)sum;
  sum = (uint128)(uint64_t)high + (uint64_t)(sum >> 64);
  h[1] = (uint64_t)sum;
  h[2] = (h2 & 3) + (uint64_t)(sum >> 64);
#endif
}

/* Adds `count` whole blocks. */
static inline __attribute__((always_inline)) void poly1305_blocks(struct poly1305 *state, const uint8_t *data, int count) {
  uint64_t h[3] = { state->h[0], state->h[1], state->h[2] };
  for (int block = 0; block < count; block++) poly1305_add(h, state, data + block * BLOCK_BYTES, 1);
  for (int limb = 0; limb < 3; limb++) state->h[limb] = h[limb];
}

/* Adds all that is left: whole blocks, and a last short one with its bit behind its last byte. */
static inline void poly1305_rest(struct poly1305 *state, const uint8_t *data, size_t length) {
  for (; length >= BLOCK_BYTES; data += BLOCK_BYTES, length -= BLOCK_BYTES) poly1305_blocks(state, data, 1);
  if (length == 0) return;
  uint8_t block[BLOCK_BYTES] = { 0 };
  memcpy(block, data, length);
  block[length] = 1;
  poly1305_add(state->h, state, block, 0);
}

/* The sum reduced modulo 2^130 - 5, plus s: the tag. */
static inline void poly1305_tag(const struct poly1305 *state, const uint8_t s[16], uint8_t tag[TAG_BYTES]) {
  /* g = h + 5; taken, without what is beyond 2^130, where it reaches 2^130: then h was not below 2^130 - 5. */
  uint128 sum = (uint128)state->h[0] + 5;
  uint64_t g0 = (uint64_t)sum;
  sum = (uint128)state->h[1] + (uint64_t)(sum >> 64);
  uint64_t g1 = (uint64_t)sum;
  uint64_t take = 0 - ((state->h[2] + (uint64_t)(sum >> 64)) >> 2); /* all ones, or 0 */
  uint64_t low = (state->h[0] & ~take) | (g0 & take);
  uint64_t high = (state->h[1] & ~take) | (g1 & take);
  sum = (uint128)low + read64(s);
  low = (uint64_t)sum;
  high += read64(s + 8) + (uint64_t)(sum >> 64);
  memcpy(tag, &low, 8);
  memcpy(tag + 8, &high, 8);
}

#endif
