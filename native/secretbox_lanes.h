/*
 * XSalsa20-Poly1305 with one packet per SIMD lane. The same code, lanes_salsa20.h and lanes_secretbox.h, is compiled once
 * for AVX2 and once for AVX-512, each file with its own flags, and on ARM64 for NEON: call these functions only where
 * `crypto_is_here` says so.
 * Any number of frames, of any lengths; it is quickest when those that follow each other are of similar length.
 */
#ifndef FCMESH_SECRETBOX_LANES_H
#define FCMESH_SECRETBOX_LANES_H

#include "frame.h"

#define NEON_LANES 4
#define AVX2_LANES 8
#define AVX512_LANES 16

/* Encrypts frames in place and writes their tags; the counter bytes are the caller's. */
void seal_lanes_neon(struct frame **frames, uint32_t count);
void seal_lanes_avx2(struct frame **frames, uint32_t count);
void seal_lanes_avx512(struct frame **frames, uint32_t count);
/* Checks all tags, then decrypts the frames whose tag is right; sets `is_good`. */
void open_lanes_neon(struct frame **frames, uint32_t count);
void open_lanes_avx2(struct frame **frames, uint32_t count);
void open_lanes_avx512(struct frame **frames, uint32_t count);

#endif
