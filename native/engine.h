/* What one engine holds: arena, keys, sockets, endpoints and the TUN device. No protocol and no policy. */
#ifndef FCMESH_ENGINE_H
#define FCMESH_ENGINE_H

#include "arguments.h"
#include "endpoint.h"
#include "ethernet.h"
#include "frame.h"
#include "offload.h"

#define MAX_ENGINES 64
#define MAX_SOCKETS 64
#define MAX_BUFFER_BYTES (1 << 30)
/* Two slots (seal, open) for each of 65536 associations. */
#define MAX_KEYS 131072
#define KEY_BYTES 32
#define NAME_BYTES 16

/* Fields of a descriptor, as in src/packet/descriptor.ts. */
enum { OFFSET, LENGTH, KEY, NONCE, ENDPOINT, SOCKET, RESULT, SPARE, STRIDE };

/* Bits of `without`, in the order of OFFLOADS in src/engine/native-addon.ts. */
enum { WITHOUT_TUN = 1, WITHOUT_TUN_UDP = 2, WITHOUT_UDP_SEND = 4, WITHOUT_UDP_RECEIVE = 8, WITHOUT_ALL = 15 };

/*
 * SOCKET of a received packet is the number of its socket, and above these bits that of our address that it came to; 0 is
 * one that is not known. Of a packet to be sent, those upper bits say where it leaves from; 0 leaves that to the kernel.
 */
#define SOCKET_BITS 8

/* Values of RESULT. */
enum { GOOD = 0, BAD_BOUNDS = -1, BAD_KEY = -2, BAD_TAG = -3, NOT_WRITTEN = -4 };

/*
 * Counters, in the order of COUNTER_NAMES. All but calls and frames count packets; "joined" ones are also in the sums:
 * they crossed the border to the kernel as part of something larger.
 */
enum counter {
  TUN_READ, TUN_TOO_LONG, TUN_READ_ERRORS, TUN_SPLIT, TUN_SPLIT_FRAMES, TUN_SPLIT_REFUSED,
  TUN_WRITTEN, TUN_WRITE_ERRORS, TUN_JOINED, TUN_JOINED_FRAMES,
  RECV_CALLS, RECEIVED, RECV_JOINED, RECV_TOO_LONG, RECV_ERRORS,
  SEND_CALLS, SENT, SENT_JOINED, SEND_ERRORS, SEND_FULL, SEND_REFUSED, SEND_TRAINS_REFUSED,
  SEALED, OPENED, BAD_TAGS, CRYPTO_REFUSED, IN_LANES, ENDPOINTS_FULL, RECV_MALFORMED, RECV_UNWELCOME, COUNTERS
};
#define COUNTER_NAMES \
  "tunRead", "tunTooLong", "tunReadErrors", "tunSplit", "tunSplitFrames", "tunSplitRefused", \
  "tunWritten", "tunWriteErrors", "tunJoined", "tunJoinedFrames", \
  "recvCalls", "received", "recvJoined", "recvTooLong", "recvErrors", \
  "sendCalls", "sent", "sentJoined", "sendErrors", "sendFull", "sendRefused", "sendTrainsRefused", \
  "sealed", "opened", "badTags", "cryptoRefused", "inLanes", "endpointsFull", "recvMalformed", "recvUnwelcome"

/* A row of equal slots inside the arena. */
struct region {
  size_t start;
  uint32_t slots;
  uint32_t slot_bytes;
  uint32_t headroom;
};

struct key {
  uint8_t bytes[KEY_BYTES];
  uint8_t nonce_offset;
  uint8_t used;
};

struct poll;
struct inbox; /* udp_recv.c */

/* Bytes that JavaScript and engines share: they stay where they are until the last of them lets go. See memory.c. */
struct memory {
  uint8_t *start;
  size_t bytes;
  uint32_t users;
};

/* A socket for packets; that of raw Ethernet, too. */
struct udp_socket {
  int fd;
  uint8_t family; /* 4, 6 or ETHERNET */
  uint16_t port;
  bool sends_trains;    /* UDP_SEGMENT */
  bool receives_trains; /* UDP_GRO */
  bool tells_address;   /* bound to all addresses: the kernel says which of them a datagram came to */
  struct poll *poll;
  struct inbox *inbox;
};

/* A frame of the TUN device has at most 64 KiB; it lies behind STAGE_FRAME bytes, the last of which are its header. */
#define STAGE_FRAME 64
#define STAGE_BYTES (STAGE_FRAME + 65536)

struct tun {
  int fd; /* -1 = none */
  char name[NAME_BYTES];
  bool has_header; /* IFF_VNET_HDR: a vnet_header in front of each frame, which may be joined packets */
  bool gives_frames; /* the kernel hands over frames that are to be split */
  int joins;         /* what it takes joined: JOIN_TCP, JOIN_UDP */
  struct splitter splitter; /* what is left of the last frame, in `stage` */
  uint8_t *stage; /* where a frame is read to */
};

struct engine {
  uint64_t id;
  struct instance *instance;
  struct memory *bytes; /* the arena */
  struct memory *descriptors;
  size_t size; /* of the arena, in bytes */
  uint32_t descriptor_count;
  struct region tun_region;
  struct region receive_region;
  struct key *keys; /* guarded memory of libsodium */
  uint32_t key_count;
  struct endpoints endpoints;
  struct own_addresses own_addresses;
  struct devices devices; /* of raw Ethernet */
  struct address *senders; /* one for each descriptor */
  struct udp_socket sockets[MAX_SOCKETS];
  uint32_t socket_count;
  uint8_t *held; /* state of each receive slot, see udp_recv.c */
  struct tun tun;
  struct poll *tun_poll;
  int network_fd; /* changes of the network, see network.c; -1 = not open */
  struct poll *network_poll;
  int beacon_fd; /* beacons of raw Ethernet; -1 = not open */
  struct poll *beacon_poll;
  enum crypto crypto;
  int tellers[2]; /* for IPv4 and IPv6, -1 = none: see path_mtu.c */
  int without; /* offloads that are left alone, though the kernel may have them */
  double counters[COUNTERS];
};

/* What belongs to one environment: the main thread and each worker have their own. */
struct instance {
  napi_env env;
  uint64_t next_id;
  struct engine *engines[MAX_ENGINES];
  uint32_t open_polls;
  bool ending;
  napi_async_cleanup_hook_handle cleanup;
};

/* A checked range of descriptors, and the arena they point into. */
struct vector {
  struct engine *engine;
  uint8_t *bytes;
  int32_t *descriptors; /* of the first one */
  uint32_t first;
  uint32_t count;
};

/* False with a pending Error: ERR_ARGUMENT, or ERR_CLOSED for an engine that is closed. */
bool get_engine(napi_env env, napi_value value, struct engine **out);
bool get_socket(napi_env env, napi_value value, struct engine *engine, struct udp_socket **out);
/* False when there is nothing to do: the engine is closed (no Error), or the range is none (ERR_ARGUMENT). */
bool get_vector(napi_env env, napi_value engine, napi_value first, napi_value count, struct vector *out);

/* Where a descriptor's packet lies; NULL when any of its bytes is outside the arena. */
static inline uint8_t *packet_at(const struct vector *vector, const int32_t *descriptor) {
  int32_t offset = descriptor[OFFSET];
  int32_t length = descriptor[LENGTH];
  if (offset < 0 || length < 0 || (uint64_t)offset + (uint64_t)length > vector->engine->size) return NULL;
  return vector->bytes + offset;
}

napi_value engine_create(napi_env env, napi_callback_info info);
/* May be called until a socket or the TUN device is open. */
napi_value engine_configure(napi_env env, napi_callback_info info);
napi_value engine_features(napi_env env, napi_callback_info info);
napi_value engine_close(napi_env env, napi_callback_info info);
napi_value engine_counters(napi_env env, napi_callback_info info);
/* Frees everything an engine holds. */
void engine_destroy(struct engine *engine);

/* memory.c */
napi_value memory_create(napi_env env, napi_callback_info info);
/* Holds the memory under a typed array that begins where it begins, until it is released. False with a pending Error. */
bool memory_hold(napi_env env, napi_value array, const char *what, napi_typedarray_type type, struct memory **out);
/* NULL is ignored. */
void memory_release(struct memory *memory);

/* secretbox.c */
napi_value key_set(napi_env env, napi_callback_info info);
napi_value key_clear(napi_env env, napi_callback_info info);
napi_value vector_seal(napi_env env, napi_callback_info info);
napi_value vector_open(napi_env env, napi_callback_info info);
void keys_free(struct engine *engine);

/* primitives.c */
napi_value primitive_scalarmult_base(napi_env env, napi_callback_info info);
napi_value primitive_scalarmult(napi_env env, napi_callback_info info);
napi_value primitive_hsalsa(napi_env env, napi_callback_info info);
napi_value primitive_seal_box(napi_env env, napi_callback_info info);
napi_value primitive_open_box(napi_env env, napi_callback_info info);
napi_value primitive_sha256(napi_env env, napi_callback_info info);
napi_value primitive_sha512(napi_env env, napi_callback_info info);

/* udp.c, udp_recv.c, udp_send.c */
napi_value udp_open(napi_env env, napi_callback_info info);
napi_value udp_port(napi_env env, napi_callback_info info);
napi_value udp_recv(napi_env env, napi_callback_info info);
napi_value udp_send(napi_env env, napi_callback_info info);
napi_value udp_sender(napi_env env, napi_callback_info info);
napi_value endpoint_slot(napi_env env, napi_callback_info info);
napi_value endpoint_forget(napi_env env, napi_callback_info info);
/* path_mtu.c */
napi_value path_mtu_tell(napi_env env, napi_callback_info info);
/* Opens what `path_mtu_tell` needs for a family (4 or 6), where this process may. */
void tellers_open(struct engine *engine, uint8_t family);
void tellers_close(struct engine *engine);
/*
 * Takes a socket that was opened among those of the engine; gives its number. Its file descriptor is closed where that fails,
 * with a pending Error.
 */
napi_value socket_add(napi_env env, struct engine *engine, const struct udp_socket *made, int receive_buffer, int send_buffer);
/* Beyond net.core.*mem_max where we may, up to it elsewhere. */
void socket_set_buffer(int fd, int forced, int plain, int bytes);
/* NULL when memory is out. */
struct inbox *inbox_create(void);
/* Whether packets were received that have no descriptor yet; NULL has none. */
bool inbox_has_more(const struct inbox *inbox);

/* ethernet.c, ethernet_beacon.c */
napi_value ethernet_open(napi_env env, napi_callback_info info);
napi_value ethernet_welcome(napi_env env, napi_callback_info info);
napi_value beacons_open(napi_env env, napi_callback_info info);
napi_value beacons_send(napi_env env, napi_callback_info info);
napi_value beacons_receive(napi_env env, napi_callback_info info);

/* tun.c, tun_io.c */
napi_value tun_open(napi_env env, napi_callback_info info);
napi_value tun_read(napi_env env, napi_callback_info info);
napi_value tun_write(napi_env env, napi_callback_info info);

/* network.c */
napi_value network_open(napi_env env, napi_callback_info info);
napi_value network_changes(napi_env env, napi_callback_info info);
napi_value network_dump(napi_env env, napi_callback_info info);

/* poll.c */
napi_value poll_watch(napi_env env, napi_callback_info info);
napi_value poll_pause(napi_env env, napi_callback_info info);
/* Asks for one call when the descriptor can be written again; NULL is ignored. */
void poll_want_write(struct poll *poll);
/* Whether to report readiness although the descriptor itself need not be ready; NULL is ignored. */
void poll_set_more(struct poll *poll, bool has_more);
/* Stops and frees it; NULL is ignored. The file descriptor may be closed afterwards. */
void poll_close(struct poll *poll);
bool polls_init(struct instance *instance);

/* system.c */
napi_value system_drop_privileges(napi_env env, napi_callback_info info);
napi_value system_notify(napi_env env, napi_callback_info info);
napi_value system_capabilities(napi_env env, napi_callback_info info);

/* threads.c */
/* Takes the bounding set, the inheritable capabilities and the means to gain any from all threads, but the bits of `keep` of
   the bounding set. False with errno: not all answered; ENOSYS, where only the calling thread could be reached. */
bool threads_give_up(uint64_t keep);
/* Takes all capabilities from all threads but the calling one. False with errno, as above. */
bool threads_clear(void);

/* guard.c */
napi_value guard_open(napi_env env, napi_callback_info info);

/* sandbox.c */
napi_value system_confine(napi_env env, napi_callback_info info);

#endif
