#include "arguments.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

napi_value throw_code(napi_env env, const char *code, const char *message) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) napi_throw_error(env, code, message);
  return NULL;
}

napi_value throw_errno(napi_env env, int number, const char *step) {
  char name[32];
  char reason[128];
  char message[256];
  uv_err_name_r(-number, name, sizeof name);
  uv_strerror_r(-number, reason, sizeof reason);
  snprintf(message, sizeof message, "%s: %s", step, reason);
  napi_value code, text, syscall_name, error;
  if (napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &code) != napi_ok ||
      napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text) != napi_ok ||
      napi_create_string_utf8(env, step, NAPI_AUTO_LENGTH, &syscall_name) != napi_ok ||
      napi_create_error(env, code, text, &error) != napi_ok ||
      napi_set_named_property(env, error, "syscall", syscall_name) != napi_ok) {
    return throw_code(env, "ERR_SYSTEM", message);
  }
  napi_throw(env, error);
  return NULL;
}

static bool refuse(napi_env env, const char *what, const char *expected) {
  char message[160];
  snprintf(message, sizeof message, "%s: %s expected", what, expected);
  throw_code(env, "ERR_ARGUMENT", message);
  return false;
}

bool get_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  size_t given = count;
  if (napi_get_cb_info(env, info, &given, values, NULL, NULL) == napi_ok) return true;
  throw_code(env, "ERR_ARGUMENT", "arguments cannot be read");
  return false;
}

bool get_integer(napi_env env, napi_value value, const char *what, int64_t least, int64_t most, int64_t *out) {
  int64_t number;
  if (napi_get_value_int64(env, value, &number) != napi_ok) return refuse(env, what, "number");
  if (number < least || number > most) return refuse(env, what, "number in range");
  *out = number;
  return true;
}

bool get_boolean(napi_env env, napi_value value, const char *what, bool *out) {
  return napi_get_value_bool(env, value, out) == napi_ok || refuse(env, what, "boolean");
}

/* Refuses what does not fit and what holds a zero byte: C would see another text than JavaScript did. */
bool get_text(napi_env env, napi_value value, const char *what, char *out, size_t size) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return refuse(env, what, "text");
  if (length >= size) return refuse(env, what, "shorter text");
  if (napi_get_value_string_utf8(env, value, out, size, &length) != napi_ok) return refuse(env, what, "text");
  return strlen(out) == length || refuse(env, what, "text without zero bytes");
}

bool get_bytes(napi_env env, napi_value value, const char *what, struct bytes *out) {
  static uint8_t none[1];
  bool is_array = false;
  napi_typedarray_type type;
  size_t length;
  void *data;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array ||
      napi_get_typedarray_info(env, value, &type, &length, &data, NULL, NULL) != napi_ok || type != napi_uint8_array) {
    return refuse(env, what, "Uint8Array");
  }
  if (data == NULL && length > 0) return refuse(env, what, "Uint8Array with memory");
  out->data = data == NULL ? none : data;
  out->length = length;
  return true;
}

bool get_exact_bytes(napi_env env, napi_value value, const char *what, size_t length, uint8_t **out) {
  struct bytes bytes;
  if (!get_bytes(env, value, what, &bytes)) return false;
  if (bytes.length != length) return refuse(env, what, "other length");
  *out = bytes.data;
  return true;
}

bool get_integer_property(napi_env env, napi_value object, const char *name, int64_t least, int64_t most, int64_t *out) {
  napi_value value;
  napi_valuetype type;
  if (napi_typeof(env, object, &type) != napi_ok || type != napi_object ||
      napi_get_named_property(env, object, name, &value) != napi_ok) {
    return refuse(env, name, "object with this property");
  }
  return get_integer(env, value, name, least, most, out);
}

napi_value make_integer(napi_env env, int64_t value) {
  napi_value result = NULL;
  napi_create_int64(env, value, &result);
  return result;
}

napi_value make_boolean(napi_env env, bool value) {
  napi_value result = NULL;
  napi_get_boolean(env, value, &result);
  return result;
}
