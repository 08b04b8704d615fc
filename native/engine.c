#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SLOTS 65536
#define MAX_SAFE_INTEGER 9007199254740991

static struct engine *engine_of(napi_env env, int64_t id) {
  struct instance *instance = NULL;
  if (napi_get_instance_data(env, (void **)&instance) != napi_ok || instance == NULL || id < 0) return NULL;
  struct engine *engine = instance->engines[id % MAX_ENGINES];
  return engine != NULL && engine->id == (uint64_t)id ? engine : NULL;
}

bool get_engine(napi_env env, napi_value value, struct engine **out) {
  int64_t id;
  if (!get_integer(env, value, "engine", 0, MAX_SAFE_INTEGER, &id)) return false;
  *out = engine_of(env, id);
  if (*out == NULL) throw_code(env, "ERR_CLOSED", "the engine is closed");
  return *out != NULL;
}

bool get_socket(napi_env env, napi_value value, struct engine *engine, struct udp_socket **out) {
  int64_t number;
  if (!get_integer(env, value, "socket", 0, (int64_t)engine->socket_count - 1, &number)) return false;
  *out = &engine->sockets[number];
  return true;
}

bool get_vector(napi_env env, napi_value engine_id, napi_value first, napi_value count, struct vector *out) {
  int64_t id, first_index, wanted;
  if (!get_integer(env, engine_id, "engine", 0, MAX_SAFE_INTEGER, &id)) return false;
  struct engine *engine = engine_of(env, id);
  if (engine == NULL) return false;
  if (!get_integer(env, first, "first", 0, engine->descriptor_count, &first_index)) return false;
  if (!get_integer(env, count, "count", 0, (int64_t)engine->descriptor_count - first_index, &wanted)) return false;
  int32_t *descriptors = (int32_t *)(void *)engine->descriptors->start + first_index * STRIDE;
  *out = (struct vector){ engine, engine->bytes->start, descriptors, (uint32_t)first_index, (uint32_t)wanted };
  return true;
}

static bool get_region(napi_env env, napi_value layout, const char *const names[3], size_t size, struct region *out) {
  int64_t start, slots, slot_bytes;
  if (!get_integer_property(env, layout, names[0], 0, (int64_t)size, &start) ||
      !get_integer_property(env, layout, names[1], 0, MAX_SLOTS, &slots) ||
      !get_integer_property(env, layout, names[2], 1, 65536, &slot_bytes)) {
    return false;
  }
  if (start + slots * slot_bytes > (int64_t)size) {
    throw_code(env, "ERR_ARGUMENT", "slots end behind the arena");
    return false;
  }
  *out = (struct region){ (size_t)start, (uint32_t)slots, (uint32_t)slot_bytes, 0 };
  return true;
}

static bool read_layout(napi_env env, napi_value layout, struct engine *engine) {
  static const char *const tun[3] = { "tunStart", "tunSlots", "slotBytes" };
  static const char *const receive[3] = { "receiveStart", "receiveSlots", "receiveSlotBytes" };
  int64_t headroom;
  if (!get_region(env, layout, tun, engine->size, &engine->tun_region) ||
      !get_region(env, layout, receive, engine->size, &engine->receive_region) ||
      !get_integer_property(env, layout, "headroomBytes", 0, (int64_t)engine->tun_region.slot_bytes - 1, &headroom)) {
    return false;
  }
  engine->tun_region.headroom = (uint32_t)headroom;
  engine->held = calloc((size_t)engine->receive_region.slots + 1, 1);
  return engine->held != NULL || throw_code(env, "ERR_MEMORY", "out of memory") != NULL;
}

static bool read_memory(napi_env env, napi_value bytes, napi_value descriptors, struct engine *engine) {
  if (!memory_hold(env, bytes, "arena: Uint8Array over memory() expected", napi_uint8_array, &engine->bytes) ||
      !memory_hold(env, descriptors, "descriptors: Int32Array over memory() expected", napi_int32_array, &engine->descriptors)) {
    return false;
  }
  engine->size = engine->bytes->bytes;
  engine->descriptor_count = (uint32_t)(engine->descriptors->bytes / (STRIDE * sizeof(int32_t)));
  engine->senders = calloc((size_t)engine->descriptor_count + 1, sizeof *engine->senders);
  return engine->senders != NULL || throw_code(env, "ERR_MEMORY", "out of memory") != NULL;
}

/* createEngine(arena, descriptors, layout) -> engine */
napi_value engine_create(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct instance *instance = NULL;
  if (!get_arguments(env, info, 3, values)) return NULL;
  if (napi_get_instance_data(env, (void **)&instance) != napi_ok || instance == NULL) return NULL;
  struct engine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) return throw_code(env, "ERR_MEMORY", "out of memory");
  engine->instance = instance;
  engine->tun.fd = engine->network_fd = engine->beacon_fd = -1;
  engine->tellers[0] = engine->tellers[1] = -1;
  engine->crypto = crypto_best();
  endpoints_init(&engine->endpoints);
  if (!read_memory(env, values[0], values[1], engine) || !read_layout(env, values[2], engine)) {
    engine_destroy(engine);
    return NULL;
  }
  uint32_t index = 0;
  while (index < MAX_ENGINES && instance->engines[index] != NULL) index++;
  if (index == MAX_ENGINES) {
    engine_destroy(engine);
    return throw_code(env, "ERR_ENGINES", "too many open engines");
  }
  /* A fresh number each time: the handle of a closed engine never names the one that follows it. */
  engine->id = instance->next_id++ * MAX_ENGINES + index;
  instance->engines[index] = engine;
  return make_integer(env, (int64_t)engine->id);
}

void engine_destroy(struct engine *engine) {
  for (uint32_t index = 0; index < MAX_ENGINES; index++) {
    if (engine->instance->engines[index] == engine) engine->instance->engines[index] = NULL;
  }
  poll_close(engine->tun_poll);
  if (engine->tun.fd >= 0) close(engine->tun.fd);
  poll_close(engine->network_poll);
  if (engine->network_fd >= 0) close(engine->network_fd);
  poll_close(engine->beacon_poll);
  if (engine->beacon_fd >= 0) close(engine->beacon_fd);
  for (uint32_t number = 0; number < engine->socket_count; number++) {
    poll_close(engine->sockets[number].poll);
    close(engine->sockets[number].fd);
    free(engine->sockets[number].inbox);
  }
  tellers_close(engine);
  memory_release(engine->bytes);
  memory_release(engine->descriptors);
  keys_free(engine);
  endpoints_free(&engine->endpoints);
  free(engine->senders);
  free(engine->held);
  free(engine->tun.stage);
  free(engine);
}

/* close(engine); a closed one is ignored */
napi_value engine_close(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int64_t id;
  if (!get_arguments(env, info, 1, values)) return NULL;
  if (!get_integer(env, values[0], "engine", 0, MAX_SAFE_INTEGER, &id)) return NULL;
  struct engine *engine = engine_of(env, id);
  if (engine != NULL) engine_destroy(engine);
  return NULL;
}

/*
 * configure(engine, crypto, without): "auto" or one of CRYPTO_NAMES, of which what this machine lacks is as "auto"; and the
 * offloads that are not to be used.
 */
napi_value engine_configure(napi_env env, napi_callback_info info) {
  static const char *const names[CRYPTOS] = { CRYPTO_NAMES };
  napi_value values[3];
  struct engine *engine;
  char name[NAME_BYTES];
  int64_t without;
  if (!get_arguments(env, info, 3, values) || !get_engine(env, values[0], &engine) ||
      !get_text(env, values[1], "crypto", name, sizeof name) ||
      !get_integer(env, values[2], "without", 0, WITHOUT_ALL, &without)) {
    return NULL;
  }
  int chosen = 0;
  while (chosen < CRYPTOS && strcmp(names[chosen], name) != 0) chosen++;
  if (chosen == CRYPTOS && strcmp(name, "auto") != 0) return throw_code(env, "ERR_ARGUMENT", "crypto: unknown name");
  bool is_here = chosen < CRYPTOS && crypto_is_here((enum crypto)chosen);
  engine->crypto = is_here ? (enum crypto)chosen : crypto_best();
  engine->without = (int)without;
  return NULL;
}

/* features(engine) -> { crypto, tunOffload, tunUdpOffload, udpSend, udpReceive } */
napi_value engine_features(napi_env env, napi_callback_info info) {
  static const char *const names[CRYPTOS] = { CRYPTO_NAMES };
  napi_value values[1], result, crypto;
  struct engine *engine;
  if (!get_arguments(env, info, 1, values) || !get_engine(env, values[0], &engine)) return NULL;
  bool has_udp = false, sends = true, receives = true;
  for (uint32_t number = 0; number < engine->socket_count; number++) {
    if (engine->sockets[number].family == ETHERNET) continue;
    has_udp = true;
    sends = sends && engine->sockets[number].sends_trains;
    receives = receives && engine->sockets[number].receives_trains;
  }
  sends = sends && has_udp;
  receives = receives && has_udp;
  if (napi_create_object(env, &result) != napi_ok ||
      napi_create_string_utf8(env, names[engine->crypto], NAPI_AUTO_LENGTH, &crypto) != napi_ok ||
      napi_set_named_property(env, result, "crypto", crypto) != napi_ok ||
      napi_set_named_property(env, result, "tunOffload", make_boolean(env, engine->tun.gives_frames)) != napi_ok ||
      napi_set_named_property(env, result, "tunUdpOffload", make_boolean(env, (engine->tun.joins & JOIN_UDP) != 0)) != napi_ok ||
      napi_set_named_property(env, result, "udpSend", make_boolean(env, sends)) != napi_ok ||
      napi_set_named_property(env, result, "udpReceive", make_boolean(env, receives)) != napi_ok) {
    return NULL;
  }
  return result;
}

/* counters(engine) -> { name: number } */
napi_value engine_counters(napi_env env, napi_callback_info info) {
  static const char *const names[COUNTERS] = { COUNTER_NAMES };
  napi_value values[1], result, number;
  struct engine *engine;
  if (!get_arguments(env, info, 1, values) || !get_engine(env, values[0], &engine)) return NULL;
  if (napi_create_object(env, &result) != napi_ok) return NULL;
  for (uint32_t index = 0; index < COUNTERS; index++) {
    if (napi_create_double(env, engine->counters[index], &number) != napi_ok) return NULL;
    if (napi_set_named_property(env, result, names[index], number) != napi_ok) return NULL;
  }
  return result;
}
