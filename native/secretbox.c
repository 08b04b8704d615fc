/* Vectors of frames sealed and opened, and the table of keys. Who does it, and how, is in frame.c. */
#include "engine.h"

#include <sodium.h>
#include <string.h>

#define FIRST_KEYS 256

static uint32_t read_big_endian(const uint8_t *from) {
  return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* False when there is nothing to encrypt: an empty descriptor, or a bad one (RESULT says so). */
static bool gather(const struct vector *vector, uint32_t index, struct frame *frame) {
  int32_t *descriptor = vector->descriptors + (size_t)index * STRIDE;
  struct engine *engine = vector->engine;
  int32_t length = descriptor[LENGTH];
  if (length == 0) return false;
  uint8_t *bytes = packet_at(vector, descriptor);
  int32_t slot = descriptor[KEY];
  bool has_key = slot >= 0 && (uint32_t)slot < engine->key_count && engine->keys[slot].used;
  if (bytes == NULL || length < (int32_t)OVERHEAD || !has_key) {
    descriptor[RESULT] = has_key ? BAD_BOUNDS : BAD_KEY;
    engine->counters[CRYPTO_REFUSED]++;
    return false;
  }
  const struct key *key = &engine->keys[slot];
  *frame = (struct frame){
    bytes, (size_t)length - OVERHEAD, key->bytes, (uint32_t)descriptor[NONCE], key->nonce_offset, false, descriptor,
  };
  return true;
}

/* seal(engine, first, count) */
napi_value vector_seal(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct vector vector;
  struct frame frames[FRAME_BATCH];
  if (!get_arguments(env, info, 3, values) || !get_vector(env, values[0], values[1], values[2], &vector)) return NULL;
  for (uint32_t index = 0; index < vector.count;) {
    uint32_t gathered = 0;
    for (; index < vector.count && gathered < FRAME_BATCH; index++) gathered += gather(&vector, index, &frames[gathered]);
    vector.engine->counters[IN_LANES] += seal_frames(vector.engine->crypto, frames, gathered);
    vector.engine->counters[SEALED] += gathered;
    for (uint32_t done = 0; done < gathered; done++) frames[done].descriptor[RESULT] = GOOD;
  }
  return NULL;
}

/* open(engine, first, count) */
napi_value vector_open(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct vector vector;
  struct frame frames[FRAME_BATCH];
  if (!get_arguments(env, info, 3, values) || !get_vector(env, values[0], values[1], values[2], &vector)) return NULL;
  for (uint32_t index = 0; index < vector.count;) {
    uint32_t gathered = 0;
    for (; index < vector.count && gathered < FRAME_BATCH; index++) {
      struct frame *frame = &frames[gathered];
      if (!gather(&vector, index, frame)) continue;
      frame->counter = read_big_endian(frame->bytes);
      frame->descriptor[NONCE] = (int32_t)frame->counter;
      gathered++;
    }
    vector.engine->counters[IN_LANES] += open_frames(vector.engine->crypto, frames, gathered);
    uint32_t good = 0;
    for (uint32_t done = 0; done < gathered; done++) {
      frames[done].descriptor[RESULT] = frames[done].is_good ? GOOD : BAD_TAG;
      good += frames[done].is_good;
    }
    vector.engine->counters[OPENED] += good;
    vector.engine->counters[BAD_TAGS] += gathered - good;
  }
  return NULL;
}

static bool grow_keys(struct engine *engine, uint32_t needed) {
  uint32_t count = engine->key_count == 0 ? FIRST_KEYS : engine->key_count;
  while (count < needed) count *= 2;
  struct key *keys = sodium_allocarray(count, sizeof *keys);
  if (keys == NULL) return false;
  memset(keys, 0, count * sizeof *keys);
  if (engine->keys != NULL) memcpy(keys, engine->keys, engine->key_count * sizeof *keys);
  keys_free(engine);
  engine->keys = keys;
  engine->key_count = count;
  return true;
}

/* sodium_free wipes. */
void keys_free(struct engine *engine) {
  if (engine->keys != NULL) sodium_free(engine->keys);
  engine->keys = NULL;
  engine->key_count = 0;
}

/* setKey(engine, slot, key, nonceOffset) */
napi_value key_set(napi_env env, napi_callback_info info) {
  napi_value values[4];
  struct engine *engine;
  int64_t slot, nonce_offset;
  uint8_t *bytes;
  if (!get_arguments(env, info, 4, values) || !get_engine(env, values[0], &engine) ||
      !get_integer(env, values[1], "slot", 0, MAX_KEYS - 1, &slot) ||
      !get_exact_bytes(env, values[2], "key", KEY_BYTES, &bytes) ||
      !get_integer(env, values[3], "nonceOffset", 0, 4, &nonce_offset)) {
    return NULL;
  }
  if (nonce_offset != 0 && nonce_offset != 4) return throw_code(env, "ERR_ARGUMENT", "nonceOffset: 0 or 4 expected");
  if (slot >= (int64_t)engine->key_count && !grow_keys(engine, (uint32_t)slot + 1)) {
    return throw_code(env, "ERR_MEMORY", "out of memory");
  }
  struct key *key = &engine->keys[slot];
  memcpy(key->bytes, bytes, KEY_BYTES);
  key->nonce_offset = (uint8_t)nonce_offset;
  key->used = 1;
  return NULL;
}

/* clearKey(engine, slot); one that was never set is ignored */
napi_value key_clear(napi_env env, napi_callback_info info) {
  napi_value values[2];
  struct engine *engine;
  int64_t slot;
  if (!get_arguments(env, info, 2, values) || !get_engine(env, values[0], &engine) ||
      !get_integer(env, values[1], "slot", 0, MAX_KEYS - 1, &slot)) {
    return NULL;
  }
  if (slot < (int64_t)engine->key_count) sodium_memzero(&engine->keys[slot], sizeof engine->keys[slot]);
  return NULL;
}
