/*
 * UDP sockets: opened non-blocking, received from and sent to in vectors. One message is one packet; with UDP_GRO
 * and UDP_SEGMENT a message would be a train of them, which `fill` and `flush` have to split and join.
 */
#include "engine.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 128
#define MAX_BUFFER_BYTES (1 << 30)
/* Receive slots begin at the same cache set; packets are spread over this many positions in them instead. */
#define COLOURS 16

/* Beyond net.core.*mem_max where we may, up to it elsewhere. */
static void set_buffer(int fd, int forced, int plain, int bytes) {
  if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof bytes) < 0) {
    (void)setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof bytes);
  }
}

/* Returns NULL, or the step that failed. */
static const char *open_socket(const struct address *at, struct udp_socket *out) {
  union socket_name name;
  socklen_t length = address_to_name(at, &name);
  int one = 1;
  int family = at->family == 4 ? AF_INET : AF_INET6;
  out->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (out->fd < 0) return "socket";
  const char *failed = NULL;
  if (family == AF_INET6 && setsockopt(out->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) < 0) failed = "IPV6_V6ONLY";
  else if (bind(out->fd, &name.any, length) < 0) failed = "bind";
  else if (length = sizeof name, getsockname(out->fd, &name.any, &length) < 0) failed = "getsockname";
  if (failed != NULL) {
    int error = errno;
    close(out->fd);
    errno = error;
    return failed;
  }
  struct address bound;
  address_from_name(&name, 0, &bound);
  out->family = at->family;
  out->port = bound.port;
  out->poll = NULL;
  return NULL;
}

/* openUdp(engine, address, port, receiveBufferBytes, sendBufferBytes) -> socket number */
napi_value udp_open(napi_env env, napi_callback_info info) {
  napi_value values[5];
  struct engine *engine;
  char text[ADDRESS_TEXT_BYTES];
  int64_t port, receive_buffer, send_buffer;
  struct address at;
  if (!get_arguments(env, info, 5, values) || !get_engine(env, values[0], &engine) ||
      !get_text(env, values[1], "address", text, sizeof text) || !get_integer(env, values[2], "port", 0, 65535, &port) ||
      !get_integer(env, values[3], "receiveBufferBytes", 0, MAX_BUFFER_BYTES, &receive_buffer) ||
      !get_integer(env, values[4], "sendBufferBytes", 0, MAX_BUFFER_BYTES, &send_buffer)) {
    return NULL;
  }
  if (!address_parse(text, (uint16_t)port, &at)) return throw_code(env, "ERR_ADDRESS", "not an IP address");
  if (engine->socket_count == MAX_SOCKETS) return throw_code(env, "ERR_SOCKETS", "too many sockets");
  struct udp_socket *slot = &engine->sockets[engine->socket_count];
  const char *failed = open_socket(&at, slot);
  if (failed != NULL) return throw_errno(env, errno, failed);
  set_buffer(slot->fd, SO_RCVBUFFORCE, SO_RCVBUF, (int)receive_buffer);
  set_buffer(slot->fd, SO_SNDBUFFORCE, SO_SNDBUF, (int)send_buffer);
  return make_integer(env, engine->socket_count++);
}

/* boundPort(engine, socket) */
napi_value udp_port(napi_env env, napi_callback_info info) {
  napi_value values[2];
  struct engine *engine;
  struct udp_socket *from;
  if (!get_arguments(env, info, 2, values) || !get_engine(env, values[0], &engine) ||
      !get_socket(env, values[1], engine, &from)) {
    return NULL;
  }
  return make_integer(env, from->port);
}

/* endpoint(engine, socket, address, port) -> slot, -1 for no address and when the table is full */
napi_value endpoint_slot(napi_env env, napi_callback_info info) {
  napi_value values[4];
  struct engine *engine;
  struct udp_socket *from;
  char text[ADDRESS_TEXT_BYTES];
  int64_t port;
  struct address to;
  size_t length = 0;
  if (!get_arguments(env, info, 4, values) || !get_engine(env, values[0], &engine) ||
      !get_socket(env, values[1], engine, &from)) {
    return NULL;
  }
  /* Addresses may come from anywhere: what is none is an answer, not a mistake. */
  if (napi_get_value_string_utf8(env, values[2], NULL, 0, &length) == napi_ok && length >= sizeof text) {
    return make_integer(env, -1);
  }
  if (!get_text(env, values[2], "address", text, sizeof text) ||
      !get_integer(env, values[3], "port", INT32_MIN, INT32_MAX, &port)) {
    return NULL;
  }
  if (port < 1 || port > 65535 || !address_parse(text, (uint16_t)port, &to) || to.family != from->family) {
    return make_integer(env, -1);
  }
  to.socket = (uint8_t)(from - engine->sockets);
  int32_t slot = endpoints_add(&engine->endpoints, &to);
  if (slot < 0) engine->counters[ENDPOINTS_FULL]++;
  return make_integer(env, slot);
}

/* forgetEndpoint(engine, slot); one that is not used is ignored */
napi_value endpoint_forget(napi_env env, napi_callback_info info) {
  napi_value values[2];
  struct engine *engine;
  int64_t slot;
  if (!get_arguments(env, info, 2, values) || !get_engine(env, values[0], &engine) ||
      !get_integer(env, values[1], "slot", INT32_MIN, INT32_MAX, &slot)) {
    return NULL;
  }
  endpoints_remove(&engine->endpoints, slot);
  return NULL;
}

/* sender(engine, index) -> { address, port } */
napi_value udp_sender(napi_env env, napi_callback_info info) {
  napi_value values[2], result, text;
  struct engine *engine;
  int64_t index;
  char name[ADDRESS_TEXT_BYTES];
  if (!get_arguments(env, info, 2, values) || !get_engine(env, values[0], &engine) ||
      !get_integer(env, values[1], "index", 0, (int64_t)engine->descriptor_count - 1, &index)) {
    return NULL;
  }
  const struct address *sender = &engine->senders[index];
  if (sender->family == 0) return throw_code(env, "ERR_ARGUMENT", "index: nothing was received here");
  address_format(sender, name);
  if (napi_create_object(env, &result) != napi_ok ||
      napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &text) != napi_ok ||
      napi_set_named_property(env, result, "address", text) != napi_ok ||
      napi_set_named_property(env, result, "port", make_integer(env, sender->port)) != napi_ok) {
    return NULL;
  }
  return result;
}

struct inbox {
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  union socket_name names[BATCH];
};

/* Packet `index` of the table of descriptors goes to slot `index` modulo the number of slots, as in tun.c. */
static struct iovec receive_slot(const struct vector *vector, uint32_t index) {
  const struct region *region = &vector->engine->receive_region;
  uint32_t slot = index % region->slots;
  uint32_t shift = (slot % COLOURS) * (region->slot_bytes / (2 * COLOURS));
  uint8_t *start = vector->bytes + region->start + (size_t)slot * region->slot_bytes + shift;
  return (struct iovec){ start, region->slot_bytes - shift };
}

/* One recvmmsg into descriptors `done` and on; returns messages received. */
static uint32_t receive_batch(const struct vector *vector, struct inbox *inbox, int fd, uint32_t done, uint32_t wanted) {
  for (uint32_t index = 0; index < wanted; index++) {
    inbox->parts[index] = receive_slot(vector, vector->first + done + index);
    struct msghdr *header = &inbox->messages[index].msg_hdr;
    memset(header, 0, sizeof *header);
    header->msg_name = &inbox->names[index];
    header->msg_namelen = sizeof inbox->names[index];
    header->msg_iov = &inbox->parts[index];
    header->msg_iovlen = 1;
  }
  int received;
  do {
    received = recvmmsg(fd, inbox->messages, wanted, MSG_DONTWAIT, NULL);
  } while (received < 0 && errno == EINTR);
  vector->engine->counters[RECV_CALLS]++;
  if (received >= 0) return (uint32_t)received;
  if (errno != EAGAIN) vector->engine->counters[RECV_ERRORS]++;
  return 0;
}

static void fill(const struct vector *vector, struct inbox *inbox, uint8_t number, uint32_t done, uint32_t received) {
  struct engine *engine = vector->engine;
  for (uint32_t index = 0; index < received; index++) {
    int32_t *descriptor = vector->descriptors + (size_t)(done + index) * STRIDE;
    struct address *sender = &engine->senders[vector->first + done + index];
    bool fits = (inbox->messages[index].msg_hdr.msg_flags & MSG_TRUNC) == 0;
    if (!fits) engine->counters[RECV_TOO_LONG]++;
    address_from_name(&inbox->names[index], number, sender);
    descriptor[OFFSET] = (int32_t)((uint8_t *)inbox->parts[index].iov_base - vector->bytes);
    descriptor[LENGTH] = fits ? (int32_t)inbox->messages[index].msg_len : 0;
    descriptor[ENDPOINT] = endpoints_find(&engine->endpoints, sender);
    descriptor[SOCKET] = number;
  }
  engine->counters[RECEIVED] += received;
}

/* recv(engine, first, count, socket) -> descriptors filled */
napi_value udp_recv(napi_env env, napi_callback_info info) {
  napi_value values[4];
  struct vector vector;
  struct udp_socket *from;
  struct inbox inbox;
  if (!get_arguments(env, info, 4, values) || !get_vector(env, values[0], values[1], values[2], &vector) ||
      !get_socket(env, values[3], vector.engine, &from)) {
    return make_integer(env, 0);
  }
  uint32_t slots = vector.engine->receive_region.slots;
  uint32_t total = vector.count < slots ? vector.count : slots;
  uint32_t done = 0;
  while (done < total) {
    uint32_t wanted = total - done < BATCH ? total - done : BATCH;
    uint32_t received = receive_batch(&vector, &inbox, from->fd, done, wanted);
    fill(&vector, &inbox, (uint8_t)(from - vector.engine->sockets), done, received);
    done += received;
    if (received < wanted) break;
  }
  return make_integer(env, done);
}

struct outbox {
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  uint32_t indices[BATCH];
  uint32_t count;
  uint8_t socket;
};

/* Sends what is gathered. Returns false when the socket is full; then `*stopped` is the index of the first one left. */
static bool flush(struct engine *engine, struct outbox *outbox, uint32_t *stopped) {
  if (outbox->count == 0) return true;
  struct udp_socket *from = &engine->sockets[outbox->socket];
  for (uint32_t done = 0; done < outbox->count;) {
    int sent = sendmmsg(from->fd, outbox->messages + done, outbox->count - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    engine->counters[SEND_CALLS]++;
    if (sent > 0) {
      done += (uint32_t)sent;
      engine->counters[SENT] += sent;
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      engine->counters[SEND_FULL]++;
      poll_want_write(from->poll);
      *stopped = outbox->indices[done];
      return false;
    } else if (errno != EINTR) {
      /* Too large, no route, refused, forbidden: this packet will never go. */
      engine->counters[SEND_ERRORS]++;
      done++;
    }
  }
  outbox->count = 0;
  return true;
}

static void put(struct outbox *outbox, const struct endpoint *to, uint8_t *packet, size_t length, uint32_t index) {
  uint32_t at = outbox->count++;
  struct msghdr *header = &outbox->messages[at].msg_hdr;
  outbox->indices[at] = index;
  outbox->socket = to->address.socket;
  outbox->parts[at] = (struct iovec){ packet, length };
  memset(header, 0, sizeof *header);
  header->msg_name = (void *)&to->name;
  header->msg_namelen = to->name_length;
  header->msg_iov = &outbox->parts[at];
  header->msg_iovlen = 1;
}

/* send(engine, first, count) -> descriptors dealt with */
napi_value udp_send(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct vector vector;
  struct outbox outbox;
  uint32_t stopped = 0;
  if (!get_arguments(env, info, 3, values) || !get_vector(env, values[0], values[1], values[2], &vector)) {
    return make_integer(env, 0);
  }
  struct engine *engine = vector.engine;
  outbox.count = 0;
  for (uint32_t index = 0; index < vector.count; index++) {
    const int32_t *descriptor = vector.descriptors + (size_t)index * STRIDE;
    if (descriptor[LENGTH] == 0) continue;
    uint8_t *packet = packet_at(&vector, descriptor);
    const struct endpoint *to = endpoints_get(&engine->endpoints, descriptor[ENDPOINT]);
    if (packet == NULL || to == NULL) {
      engine->counters[SEND_REFUSED]++;
      continue;
    }
    bool is_other_socket = outbox.count > 0 && outbox.socket != to->address.socket;
    if ((outbox.count == BATCH || is_other_socket) && !flush(engine, &outbox, &stopped)) return make_integer(env, stopped);
    put(&outbox, to, packet, (size_t)descriptor[LENGTH], index);
  }
  if (!flush(engine, &outbox, &stopped)) return make_integer(env, stopped);
  return make_integer(env, vector.count);
}
