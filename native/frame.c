/* Who seals and opens which frames: full SIMD vectors of similar length first, the rest by libsodium. */
#include "frame.h"
#include "secretbox_lanes.h"

#include <sodium.h>
#include <string.h>

/* Below this a SIMD vector is mostly idle and libsodium is faster. */
#define FEWEST_LANES 5
/* Frames are sorted by the number of Salsa20 blocks they need; everything above the last class is one class. */
#define CLASS_BYTES 64
#define CLASSES 64

static void write_counter(struct frame *frame) {
  uint32_t counter = frame->counter;
  for (int byte = COUNTER_BYTES; byte-- > 0; counter >>= 8) frame->bytes[byte] = (uint8_t)counter;
}

static void fill_nonce(const struct frame *frame, uint8_t nonce[crypto_secretbox_NONCEBYTES]) {
  uint64_t number = frame_nonce(frame);
  memset(nonce, 0, crypto_secretbox_NONCEBYTES);
  for (int byte = 0; byte < 8; byte++) nonce[byte] = (uint8_t)(number >> (8 * byte));
}

static void seal_by_libsodium(struct frame **frames, uint32_t count) {
  uint8_t nonce[crypto_secretbox_NONCEBYTES];
  for (uint32_t index = 0; index < count; index++) {
    struct frame *frame = frames[index];
    uint8_t *data = frame->bytes + OVERHEAD;
    fill_nonce(frame, nonce);
    crypto_secretbox_detached(data, frame->bytes + COUNTER_BYTES, data, frame->data_length, nonce, frame->key);
  }
}

/* libsodium checks the tag before it decrypts. */
static void open_by_libsodium(struct frame **frames, uint32_t count) {
  uint8_t nonce[crypto_secretbox_NONCEBYTES];
  for (uint32_t index = 0; index < count; index++) {
    struct frame *frame = frames[index];
    uint8_t *data = frame->bytes + OVERHEAD;
    fill_nonce(frame, nonce);
    frame->is_good = crypto_secretbox_open_detached(data, data, frame->bytes + COUNTER_BYTES, frame->data_length, nonce,
                                                    frame->key) == 0;
  }
}

/* One way to do it: any number of frames, `lanes` of them at once. */
struct worker {
  uint32_t lanes;
  void (*seal)(struct frame **frames, uint32_t count);
  void (*open)(struct frame **frames, uint32_t count);
};

static const struct worker WORKERS[CRYPTOS] = {
  { FRAME_BATCH, seal_by_libsodium, open_by_libsodium },
#ifdef FCMESH_LANES
  { AVX2_LANES, seal_lanes_avx2, open_lanes_avx2 },
  { AVX512_LANES, seal_lanes_avx512, open_lanes_avx512 },
#endif
};

enum crypto crypto_best(void) {
#ifdef FCMESH_LANES
  __builtin_cpu_init();
  bool has_avx2 = __builtin_cpu_supports("avx2");
  if (has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl")) {
    return CRYPTO_AVX512;
  }
  if (has_avx2) return CRYPTO_AVX2;
#endif
  return CRYPTO_LIBSODIUM;
}

static uint32_t class_of(const struct frame *frame) {
  size_t number = frame->data_length / CLASS_BYTES;
  return number < CLASSES ? CLASSES - 1 - (uint32_t)number : 0;
}

/* Longest first, so that lanes have about the same work and what is left over is short. */
static void sort_by_length(struct frame *frames, uint32_t count, struct frame **sorted) {
  uint32_t starts[CLASSES + 1] = { 0 };
  for (uint32_t index = 0; index < count; index++) starts[class_of(&frames[index]) + 1]++;
  for (uint32_t class = 1; class < CLASSES; class++) starts[class] += starts[class - 1];
  for (uint32_t index = 0; index < count; index++) sorted[starts[class_of(&frames[index])]++] = &frames[index];
}

/* The widest worker that `left` frames fill more than half, or libsodium. */
static enum crypto worker_for(enum crypto best, uint32_t left) {
  if (left < FEWEST_LANES) return CRYPTO_LIBSODIUM;
  while (best > CRYPTO_AVX2 && left <= WORKERS[best - 1].lanes) best--;
  return best;
}

/* How many of `left` frames a worker gets: whole groups, and the last one too if it would go to the same worker. */
static uint32_t taken_by(enum crypto best, enum crypto crypto, uint32_t left) {
  uint32_t rest = left % WORKERS[crypto].lanes;
  return rest == left || worker_for(best, rest) == crypto ? left : left - rest;
}

static uint32_t work(enum crypto best, struct frame *frames, uint32_t count, bool opens) {
  struct frame *sorted[FRAME_BATCH];
  uint32_t in_lanes = 0;
  if (count > FRAME_BATCH) count = FRAME_BATCH;
  sort_by_length(frames, count, sorted);
  for (uint32_t done = 0; done < count;) {
    enum crypto crypto = worker_for(best, count - done);
    const struct worker *worker = &WORKERS[crypto];
    uint32_t taken = taken_by(best, crypto, count - done);
    (opens ? worker->open : worker->seal)(sorted + done, taken);
    if (crypto != CRYPTO_LIBSODIUM) in_lanes += taken;
    done += taken;
  }
  return in_lanes;
}

uint32_t seal_frames(enum crypto crypto, struct frame *frames, uint32_t count) {
  for (uint32_t index = 0; index < count; index++) write_counter(&frames[index]);
  return work(crypto, frames, count, false);
}

uint32_t open_frames(enum crypto crypto, struct frame *frames, uint32_t count) {
  return work(crypto, frames, count, true);
}
