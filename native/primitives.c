/* The primitives of a handshake, one call each; lengths are exact (src/crypto/native.ts). */
#include "engine.h"

#include <sodium.h>


/* Reads one Uint8Array for each of `lengths`; -1 takes any length. */
static bool get_all(napi_env env, napi_callback_info info, size_t count, const int *lengths, struct bytes *out) {
  napi_value values[MAX_ARGUMENTS];
  if (!get_arguments(env, info, count, values)) return false;
  for (size_t index = 0; index < count; index++) {
    if (!get_bytes(env, values[index], "bytes", &out[index])) return false;
    if (lengths[index] >= 0 && out[index].length != (size_t)lengths[index]) {
      throw_code(env, "ERR_ARGUMENT", "bytes: other length expected");
      return false;
    }
  }
  return true;
}

/* scalarmultBase(out, privateKey) */
napi_value primitive_scalarmult_base(napi_env env, napi_callback_info info) {
  static const int lengths[] = { 32, 32 };
  struct bytes given[2];
  if (get_all(env, info, 2, lengths, given)) (void)crypto_scalarmult_base(given[0].data, given[1].data);
  return NULL;
}

/* scalarmult(out, privateKey, publicKey) -> false for a point of low order */
napi_value primitive_scalarmult(napi_env env, napi_callback_info info) {
  static const int lengths[] = { 32, 32, 32 };
  struct bytes given[3];
  if (!get_all(env, info, 3, lengths, given)) return NULL;
  return make_boolean(env, crypto_scalarmult(given[0].data, given[1].data, given[2].data) == 0);
}

/* hsalsa(out, point) */
napi_value primitive_hsalsa(napi_env env, napi_callback_info info) {
  static const int lengths[] = { 32, 32 };
  static const uint8_t zero[crypto_core_hsalsa20_INPUTBYTES];
  struct bytes given[2];
  if (get_all(env, info, 2, lengths, given)) crypto_core_hsalsa20(given[0].data, zero, given[1].data, NULL);
  return NULL;
}

/* sealBox(out, key, nonce, message) */
napi_value primitive_seal_box(napi_env env, napi_callback_info info) {
  static const int lengths[] = { -1, 32, 24, -1 };
  struct bytes given[4];
  if (!get_all(env, info, 4, lengths, given)) return NULL;
  if (given[0].length != given[3].length + TAG_BYTES) return throw_code(env, "ERR_ARGUMENT", "out: other length expected");
  crypto_secretbox_easy(given[0].data, given[3].data, given[3].length, given[2].data, given[1].data);
  return NULL;
}

/* openBox(out, key, nonce, box) -> false when the tag is wrong or the box too short */
napi_value primitive_open_box(napi_env env, napi_callback_info info) {
  static const int lengths[] = { -1, 32, 24, -1 };
  struct bytes given[4];
  if (!get_all(env, info, 4, lengths, given)) return NULL;
  if (given[3].length < TAG_BYTES) return make_boolean(env, false);
  if (given[0].length != given[3].length - TAG_BYTES) return throw_code(env, "ERR_ARGUMENT", "out: other length expected");
  int result = crypto_secretbox_open_easy(given[0].data, given[3].data, given[3].length, given[2].data, given[1].data);
  return make_boolean(env, result == 0);
}

/* sha256(out, message) */
napi_value primitive_sha256(napi_env env, napi_callback_info info) {
  static const int lengths[] = { 32, -1 };
  struct bytes given[2];
  if (get_all(env, info, 2, lengths, given)) crypto_hash_sha256(given[0].data, given[1].data, given[1].length);
  return NULL;
}

/* sha512(out, message) */
napi_value primitive_sha512(napi_env env, napi_callback_info info) {
  static const int lengths[] = { 64, -1 };
  struct bytes given[2];
  if (get_all(env, info, 2, lengths, given)) crypto_hash_sha512(given[0].data, given[1].data, given[1].length);
  return NULL;
}
