/* UDP sockets: opened non-blocking, with what the kernel has of UDP_GRO and UDP_SEGMENT; and endpoints. */
#include "engine.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void socket_set_buffer(int fd, int forced, int plain, int bytes) {
  if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof bytes) < 0) {
    (void)setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof bytes);
  }
}

/* Both are of Linux 5.0 and later. */
static void set_offload(struct udp_socket *out, int without) {
  int one = 1, size = 0;
  socklen_t length = sizeof size;
  bool wants_send = (without & WITHOUT_UDP_SEND) == 0, wants_receive = (without & WITHOUT_UDP_RECEIVE) == 0;
  out->receives_trains = wants_receive && setsockopt(out->fd, SOL_UDP, UDP_GRO, &one, sizeof one) == 0;
  out->sends_trains = wants_send && getsockopt(out->fd, SOL_UDP, UDP_SEGMENT, &size, &length) == 0;
}

static bool is_any(const struct address *address) {
  static const uint8_t none[16];
  return memcmp(address->bytes, none, sizeof none) == 0;
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
  /* Whatever is too long for a link on the way may be cut up there: a relay cannot send less, and a lost frame helps nobody. */
  int may_be_cut = IP_PMTUDISC_DONT;
  if (family == AF_INET) (void)setsockopt(out->fd, IPPROTO_IP, IP_MTU_DISCOVER, &may_be_cut, sizeof may_be_cut);
  /* Bound to one address there is nothing to tell. */
  int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6, option = family == AF_INET ? IP_PKTINFO : IPV6_RECVPKTINFO;
  out->tells_address = is_any(&bound) && setsockopt(out->fd, level, option, &one, sizeof one) == 0;
  return NULL;
}

napi_value socket_add(napi_env env, struct engine *engine, const struct udp_socket *made, int receive_buffer, int send_buffer) {
  struct udp_socket *slot = &engine->sockets[engine->socket_count];
  bool has_room = engine->socket_count < MAX_SOCKETS;
  struct inbox *inbox = has_room ? inbox_create() : NULL;
  if (inbox == NULL) {
    close(made->fd);
    return has_room ? throw_code(env, "ERR_MEMORY", "out of memory") : throw_code(env, "ERR_SOCKETS", "too many sockets");
  }
  *slot = *made;
  slot->inbox = inbox;
  socket_set_buffer(slot->fd, SO_RCVBUFFORCE, SO_RCVBUF, receive_buffer);
  socket_set_buffer(slot->fd, SO_SNDBUFFORCE, SO_SNDBUF, send_buffer);
  return make_integer(env, engine->socket_count++);
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
  struct udp_socket made = { 0 };
  const char *failed = open_socket(&at, &made);
  if (failed != NULL) return throw_errno(env, errno, failed);
  tellers_open(engine, made.family);
  set_offload(&made, engine->without);
  return socket_add(env, engine, &made, (int)receive_buffer, (int)send_buffer);
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
  bool is_link = from->family == ETHERNET;
  bool is_port = is_link ? port == 0 : port >= 1 && port <= 65535;
  if (!is_port || !(is_link ? ethernet_parse(engine, text, &to) : address_parse(text, (uint16_t)port, &to)) ||
      to.family != from->family) {
    return make_integer(env, -1);
  }
  to.socket = (uint8_t)(from - engine->sockets);
  int32_t slot = endpoints_add(&engine->endpoints, &to);
  if (slot < 0) engine->counters[ENDPOINTS_FULL]++;
  else if (is_link) ethernet_aim(engine, endpoints_get(&engine->endpoints, slot));
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

/* sender(engine, index) -> { host, port } */
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
  if (sender->family == ETHERNET) ethernet_format(engine, sender, name);
  else address_format(sender, name);
  if (napi_create_object(env, &result) != napi_ok ||
      napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &text) != napi_ok ||
      napi_set_named_property(env, result, "host", text) != napi_ok ||
      napi_set_named_property(env, result, "port", make_integer(env, sender->port)) != napi_ok) {
    return NULL;
  }
  return result;
}
