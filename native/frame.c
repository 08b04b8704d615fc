/* Who seals and opens which frames: full SIMD vectors of similar length first, the rest by libsodium. */
#include "frame.h"
#include "secretbox_lanes.h"

#include <sodium.h>
#include <string.h>

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
  enum crypto crypto;
  uint32_t lanes;
  bool (*is_here)(void);
  void (*seal)(struct frame **frames, uint32_t count);
  void (*open)(struct frame **frames, uint32_t count);
};

static bool always(void) { return true; }

#ifdef FCMESH_AVX
static bool has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2");
}

static bool has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl");
}
#endif

/* What this architecture has, from few lanes to many; a processor that can run one of them can run all before it. */
static const struct worker WORKERS[] = {
  { CRYPTO_LIBSODIUM, 1, always, seal_by_libsodium, open_by_libsodium },
#ifdef FCMESH_AVX
  { CRYPTO_AVX2, AVX2_LANES, has_avx2, seal_lanes_avx2, open_lanes_avx2 },
  { CRYPTO_AVX512, AVX512_LANES, has_avx512, seal_lanes_avx512, open_lanes_avx512 },
#endif
#ifdef FCMESH_NEON
  { CRYPTO_NEON, NEON_LANES, always, seal_lanes_neon, open_lanes_neon },
#endif
};
#define WORKER_COUNT (sizeof WORKERS / sizeof WORKERS[0])
#define LIBSODIUM (&WORKERS[0])

/* The worker for `crypto`, or NULL where this architecture has none; whether it can run here is not asked. */
static const struct worker *worker_of(enum crypto crypto) {
  for (size_t number = 0; number < WORKER_COUNT; number++) {
    if (WORKERS[number].crypto == crypto) return &WORKERS[number];
  }
  return NULL;
}

bool crypto_is_here(enum crypto crypto) {
  const struct worker *worker = worker_of(crypto);
  return worker != NULL && worker->is_here();
}

enum crypto crypto_best(void) {
  size_t number = WORKER_COUNT - 1;
  while (!WORKERS[number].is_here()) number--;
  return WORKERS[number].crypto;
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

/* The widest worker, `best` at most, that `left` frames fill more than half: below that libsodium is faster. */
static const struct worker *worker_for(const struct worker *best, uint32_t left) {
  const struct worker *worker = best;
  while (worker != LIBSODIUM && left <= worker->lanes / 2) worker--;
  return worker;
}

/* How many of `left` frames a worker gets: whole groups, and the last one too if it would go to the same worker. */
static uint32_t taken_by(const struct worker *best, const struct worker *worker, uint32_t left) {
  uint32_t rest = left % worker->lanes;
  return rest == left || worker_for(best, rest) == worker ? left : left - rest;
}

static uint32_t work(enum crypto crypto, struct frame *frames, uint32_t count, bool opens) {
  struct frame *sorted[FRAME_BATCH];
  const struct worker *best = worker_of(crypto);
  uint32_t in_lanes = 0;
  if (count > FRAME_BATCH) count = FRAME_BATCH;
  sort_by_length(frames, count, sorted);
  for (uint32_t done = 0; done < count;) {
    const struct worker *worker = worker_for(best, count - done);
    uint32_t taken = taken_by(best, worker, count - done);
    (opens ? worker->open : worker->seal)(sorted + done, taken);
    if (worker != LIBSODIUM) in_lanes += taken;
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
