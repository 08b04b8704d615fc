/* Checked reading of JavaScript arguments, and errors that carry a code. */
#ifndef FCMESH_ARGUMENTS_H
#define FCMESH_ARGUMENTS_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_ARGUMENTS 8

struct bytes {
  uint8_t *data;
  size_t length;
};

/* Fills `count` values (at most MAX_ARGUMENTS); missing ones are undefined. */
bool get_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values);

/* Each of these returns false with a pending Error (code ERR_ARGUMENT) that names `what`. */
bool get_integer(napi_env env, napi_value value, const char *what, int64_t least, int64_t most, int64_t *out);
bool get_boolean(napi_env env, napi_value value, const char *what, bool *out);
bool get_text(napi_env env, napi_value value, const char *what, char *out, size_t size);
bool get_bytes(napi_env env, napi_value value, const char *what, struct bytes *out);
bool get_exact_bytes(napi_env env, napi_value value, const char *what, size_t length, uint8_t **out);
bool get_integer_property(napi_env env, napi_value object, const char *name, int64_t least, int64_t most, int64_t *out);

/* Throws an Error with `code`; returns NULL so that callbacks can return it. */
napi_value throw_code(napi_env env, const char *code, const char *message);
/* Throws an Error whose code is the name of `number` (EPERM) and whose `syscall` is `step`. */
napi_value throw_errno(napi_env env, int number, const char *step);

napi_value make_integer(napi_env env, int64_t value);
napi_value make_boolean(napi_env env, bool value);

#endif
