/*
 * Memory that JavaScript and engines use together. An ArrayBuffer can be handed on at any moment; whoever kept only its
 * address would write into what is no longer there. So users are counted: it is freed when JavaScript has forgotten the
 * buffer and the last engine over it is closed, and no engine has to ask for each call where its arena is. All of this
 * happens on the thread of the environment.
 */
#include "engine.h"

#include <stdlib.h>

#define MOST_BYTES ((int64_t)1 << 30)

/* Tells our buffers from others; a random number. */
static const napi_type_tag OURS = { 0x5b7c1e0d93f24a68, 0x8e61d7a20c35f94b };

void memory_release(struct memory *memory) {
  if (memory == NULL || --memory->users > 0) return;
  free(memory->start);
  free(memory);
}

static void on_forgotten(napi_env env, void *data, void *hint) {
  (void)env;
  (void)data;
  memory_release(hint);
}

/* memory(bytes) -> ArrayBuffer */
napi_value memory_create(napi_env env, napi_callback_info info) {
  napi_value values[1], buffer;
  int64_t bytes;
  if (!get_arguments(env, info, 1, values) || !get_integer(env, values[0], "bytes", 1, MOST_BYTES, &bytes)) return NULL;
  struct memory *memory = malloc(sizeof *memory);
  uint8_t *start = calloc((size_t)bytes, 1);
  if (memory == NULL || start == NULL) {
    free(memory);
    free(start);
    return throw_code(env, "ERR_MEMORY", "out of memory");
  }
  *memory = (struct memory){ start, (size_t)bytes, 1 };
  if (napi_create_external_arraybuffer(env, start, (size_t)bytes, on_forgotten, memory, &buffer) != napi_ok) {
    memory_release(memory);
    return throw_code(env, "ERR_MEMORY", "no buffer can be made");
  }
  if (napi_type_tag_object(env, buffer, &OURS) != napi_ok || napi_wrap(env, buffer, memory, NULL, NULL, NULL) != napi_ok) {
    return throw_code(env, "ERR_MEMORY", "the buffer cannot be marked");
  }
  return buffer;
}

bool memory_hold(napi_env env, napi_value array, const char *what, napi_typedarray_type type, struct memory **out) {
  napi_typedarray_type given;
  napi_value buffer;
  void *data, *memory;
  size_t length;
  bool is_array = false, is_ours = false;
  if (napi_is_typedarray(env, array, &is_array) != napi_ok || !is_array ||
      napi_get_typedarray_info(env, array, &given, &length, &data, &buffer, NULL) != napi_ok || given != type ||
      napi_check_object_type_tag(env, buffer, &OURS, &is_ours) != napi_ok || !is_ours ||
      napi_unwrap(env, buffer, &memory) != napi_ok || data != ((struct memory *)memory)->start) {
    throw_code(env, "ERR_ARGUMENT", what);
    return false;
  }
  *out = memory;
  (*out)->users++;
  return true;
}
