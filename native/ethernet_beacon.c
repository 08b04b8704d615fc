/*
 * Beacons over raw Ethernet: a broadcast frame is one (protocol 04 section 9.4). A socket of their own, so that a flood of them
 * fills its small buffer and not that of the packets.
 */
#include "engine.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Frames of one call. */
#define MOST 32
#define FRAME_BYTES 2048

/* openBeacons(engine, receiveBufferBytes); one that is open stays so */
napi_value beacons_open(napi_env env, napi_callback_info info) {
  napi_value values[2];
  struct engine *engine;
  int64_t receive_buffer;
  const char *failed;
  if (!get_arguments(env, info, 2, values) || !get_engine(env, values[0], &engine) ||
      !get_integer(env, values[1], "receiveBufferBytes", 0, MAX_BUFFER_BYTES, &receive_buffer)) {
    return NULL;
  }
  if (engine->beacon_fd >= 0) return NULL;
  int fd = ethernet_socket(PACKET_BROADCAST, &failed);
  if (fd < 0) return throw_errno(env, errno, failed);
  socket_set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, (int)receive_buffer);
  engine->beacon_fd = fd;
  return NULL;
}

/* sendBeacon(engine, deviceIndex, content) -> whether the device took it */
napi_value beacons_send(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct engine *engine;
  struct bytes content;
  int64_t index;
  uint8_t header[ETHERNET_HEADER];
  if (!get_arguments(env, info, 3, values) || !get_engine(env, values[0], &engine) ||
      !get_integer(env, values[1], "deviceIndex", 1, INT32_MAX, &index) || !get_bytes(env, values[2], "content", &content)) {
    return NULL;
  }
  if (content.length > ETHERNET_CONTENT) return throw_code(env, "ERR_ARGUMENT", "content: at most 1492 bytes");
  if (engine->beacon_fd < 0) return make_boolean(env, false);
  ethernet_header(header, content.length);
  struct sockaddr_ll everybody = {
    .sll_family = AF_PACKET, .sll_protocol = htons(ETHERNET_TYPE), .sll_ifindex = (int)index, .sll_halen = 6
  };
  memset(everybody.sll_addr, 0xff, 6);
  struct iovec parts[2] = { { header, sizeof header }, { content.data, content.length } };
  struct msghdr message = { .msg_name = &everybody, .msg_namelen = sizeof everybody, .msg_iov = parts, .msg_iovlen = 2 };
  ssize_t sent;
  do {
    sent = sendmsg(engine->beacon_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return make_boolean(env, sent >= 0);
}

static napi_value beacon_of(napi_env env, const struct sockaddr_ll *from, const uint8_t *content, size_t length) {
  napi_value result, device, mac, bytes;
  char name[IF_NAMESIZE], text[18];
  void *copy;
  const uint8_t *at = from->sll_addr;
  /* Gone since: nobody could be answered there. */
  if (if_indextoname((unsigned)from->sll_ifindex, name) == NULL) return NULL;
  snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", at[0], at[1], at[2], at[3], at[4], at[5]);
  if (napi_create_object(env, &result) != napi_ok ||
      napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &device) != napi_ok ||
      napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &mac) != napi_ok ||
      napi_create_buffer_copy(env, length, content, &copy, &bytes) != napi_ok ||
      napi_set_named_property(env, result, "deviceIndex", make_integer(env, from->sll_ifindex)) != napi_ok ||
      napi_set_named_property(env, result, "device", device) != napi_ok ||
      napi_set_named_property(env, result, "mac", mac) != napi_ok ||
      napi_set_named_property(env, result, "content", bytes) != napi_ok) {
    return NULL;
  }
  return result;
}

/* receiveBeacons(engine) -> [{ deviceIndex, device, mac, content }], of at most MOST frames; what is malformed is counted */
napi_value beacons_receive(napi_env env, napi_callback_info info) {
  napi_value values[1], result;
  struct engine *engine;
  uint8_t frame[FRAME_BYTES];
  uint32_t count = 0;
  if (!get_arguments(env, info, 1, values) || !get_engine(env, values[0], &engine)) return NULL;
  if (napi_create_array(env, &result) != napi_ok) return NULL;
  for (int read = 0; read < MOST && engine->beacon_fd >= 0; read++) {
    struct sockaddr_ll from;
    socklen_t length = sizeof from;
    ssize_t got = recvfrom(engine->beacon_fd, frame, sizeof frame, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    int32_t content = (size_t)got > sizeof frame ? -1 : ethernet_content(frame, (size_t)got);
    if (content < 0 || from.sll_hatype != ARPHRD_ETHER || from.sll_halen != 6 || !ethernet_is_machine(from.sll_addr)) {
      engine->counters[RECV_MALFORMED]++;
      continue;
    }
    napi_value beacon = beacon_of(env, &from, frame + ETHERNET_HEADER, (size_t)content);
    if (beacon != NULL && napi_set_element(env, result, count, beacon) == napi_ok) count++;
  }
  return result;
}
