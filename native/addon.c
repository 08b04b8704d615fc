/*
 * fcmesh's native half: whole vectors of packet I/O and encryption, and the few system calls that Node.js lacks.
 * Knows the frame [nonce | tag | data] and nothing else of the protocol. All state belongs to an environment
 * (instance data), so that several workers can load it.
 */
#include "engine.h"

#include <sodium.h>
#include <stdlib.h>

struct method {
  const char *name;
  napi_callback call;
};

static const struct method METHODS[] = {
  { "memory", memory_create },
  { "createEngine", engine_create },
  { "configure", engine_configure },
  { "features", engine_features },
  { "close", engine_close },
  { "counters", engine_counters },
  { "setKey", key_set },
  { "clearKey", key_clear },
  { "seal", vector_seal },
  { "open", vector_open },
  { "openUdp", udp_open },
  { "boundPort", udp_port },
  { "recv", udp_recv },
  { "send", udp_send },
  { "sender", udp_sender },
  { "endpoint", endpoint_slot },
  { "forgetEndpoint", endpoint_forget },
  { "tellPathMtu", path_mtu_tell },
  { "openEthernet", ethernet_open },
  { "welcomeDevices", ethernet_welcome },
  { "openBeacons", beacons_open },
  { "sendBeacon", beacons_send },
  { "receiveBeacons", beacons_receive },
  { "openTun", tun_open },
  { "readTun", tun_read },
  { "writeTun", tun_write },
  { "openNetwork", network_open },
  { "networkChanges", network_changes },
  { "dumpNetwork", network_dump },
  { "watch", poll_watch },
  { "pause", poll_pause },
  { "scalarmultBase", primitive_scalarmult_base },
  { "scalarmult", primitive_scalarmult },
  { "hsalsa", primitive_hsalsa },
  { "sealBox", primitive_seal_box },
  { "openBox", primitive_open_box },
  { "sha256", primitive_sha256 },
  { "sha512", primitive_sha512 },
  { "dropPrivileges", system_drop_privileges },
  { "sdNotify", system_notify },
  { "capabilities", system_capabilities },
  { "confine", system_confine },
  { "guard", guard_open },
};

static void free_instance(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

NAPI_MODULE_INIT() {
  if (sodium_init() < 0) return throw_code(env, "ERR_LIBSODIUM", "libsodium cannot be initialised");
  struct instance *instance = calloc(1, sizeof *instance);
  if (instance == NULL) return throw_code(env, "ERR_MEMORY", "out of memory");
  instance->env = env;
  if (napi_set_instance_data(env, instance, free_instance, NULL) != napi_ok) {
    free(instance);
    return throw_code(env, "ERR_ADDON", "instance data cannot be set");
  }
  if (!polls_init(instance)) return throw_code(env, "ERR_ADDON", "cleanup hook cannot be set");
  for (size_t index = 0; index < sizeof METHODS / sizeof METHODS[0]; index++) {
    const struct method *method = &METHODS[index];
    napi_value function;
    if (napi_create_function(env, method->name, NAPI_AUTO_LENGTH, method->call, NULL, &function) != napi_ok ||
        napi_set_named_property(env, exports, method->name, function) != napi_ok) {
      return throw_code(env, "ERR_ADDON", "functions cannot be exported");
    }
  }
  return exports;
}
