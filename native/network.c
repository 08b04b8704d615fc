/*
 * What the kernel says of the network of this machine (rtnetlink): devices and addresses as they are, and that something
 * changed. The messages go to JavaScript as they are; engine/rtnetlink.ts reads them. Needs no right.
 */
#include "engine.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* One reading of changes: some hundred messages. */
#define READ_BYTES 65536
/* A machine with ten thousand devices has less to say; what is beyond it is left out. */
#define MOST_BYTES (1 << 24)
/* The kernel answers at once; one that does not must not stop the daemon. */
#define PATIENCE_SECONDS 2

static int open_route_socket(int flags, uint32_t groups) {
  struct sockaddr_nl name = { .nl_family = AF_NETLINK, .nl_groups = groups };
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE);
  if (fd < 0) return -1;
  if (bind(fd, (struct sockaddr *)&name, sizeof name) == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

/* openNetwork(engine): the changes of links, addresses and routes can be watched from now on */
napi_value network_open(napi_env env, napi_callback_info info) {
  napi_value values[1];
  struct engine *engine;
  if (!get_arguments(env, info, 1, values) || !get_engine(env, values[0], &engine)) return NULL;
  if (engine->network_fd >= 0) return NULL;
  uint32_t groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  engine->network_fd = open_route_socket(SOCK_NONBLOCK, groups);
  return engine->network_fd < 0 ? throw_errno(env, errno, "netlink") : NULL;
}

static napi_value make_bytes(napi_env env, const uint8_t *bytes, size_t length) {
  napi_value buffer, array;
  void *copy;
  if (napi_create_arraybuffer(env, length, &copy, &buffer) != napi_ok) return NULL;
  if (length > 0) memcpy(copy, bytes, length);
  if (napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &array) != napi_ok) return NULL;
  return array;
}

/* networkChanges(engine) -> messages that wait, empty when none does; null when the kernel had more than it keeps */
napi_value network_changes(napi_env env, napi_callback_info info) {
  napi_value values[1], none;
  struct engine *engine;
  uint8_t *bytes;
  if (!get_arguments(env, info, 1, values) || !get_engine(env, values[0], &engine)) return NULL;
  if (engine->network_fd < 0) return make_bytes(env, NULL, 0);
  if ((bytes = malloc(READ_BYTES)) == NULL) return throw_code(env, "ERR_MEMORY", "out of memory");
  ssize_t length;
  do {
    length = recv(engine->network_fd, bytes, READ_BYTES, MSG_DONTWAIT);
  } while (length < 0 && errno == EINTR);
  napi_value result;
  if (length < 0 && errno == ENOBUFS) result = napi_get_null(env, &none) == napi_ok ? none : NULL;
  else result = make_bytes(env, bytes, length < 0 ? 0 : (size_t)length);
  free(bytes);
  return result;
}

/* Whether the messages hold the one that ends a dump; `*failed` is the kernel's error, if it says one. */
static bool is_last(const uint8_t *bytes, size_t length, int *failed) {
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= length;) {
    struct nlmsghdr header;
    memcpy(&header, bytes + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > length - at) return true;
    if (header.nlmsg_type == NLMSG_DONE) return true;
    if (header.nlmsg_type == NLMSG_ERROR) {
      struct nlmsgerr error = { .error = -EPROTO };
      size_t room = header.nlmsg_len - sizeof header;
      memcpy(&error, bytes + at + sizeof header, room < sizeof error ? room : sizeof error);
      *failed = -error.error;
      return true;
    }
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  return false;
}

/* Asks for everything of one type and gathers the answers. Returns 0 or errno; `*out` is to be freed. */
static int dump(int fd, uint16_t type, uint8_t **out, size_t *length) {
  struct {
    struct nlmsghdr header;
    struct ifinfomsg message; /* the longest of those that are used */
  } request = { .header = { .nlmsg_len = sizeof request, .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP } };
  struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  int failed = 0;
  *length = 0;
  if (sendto(fd, &request, sizeof request, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) return errno;
  for (size_t size = READ_BYTES; size <= MOST_BYTES;) {
    uint8_t *grown = realloc(*out, size);
    if (grown == NULL) return ENOMEM;
    *out = grown;
    ssize_t got = recv(fd, *out + *length, size - *length, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    bool ends = is_last(*out + *length, (size_t)got, &failed);
    *length += (size_t)got;
    if (ends) return failed;
    /* A message has at most 32 KiB, and must never be cut. */
    if (size - *length < READ_BYTES) size *= 2;
  }
  return 0;
}

/* dumpNetwork(what) -> messages: all links for 0, all addresses for 1 */
napi_value network_dump(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int64_t what;
  if (!get_arguments(env, info, 1, values) || !get_integer(env, values[0], "what", 0, 1, &what)) return NULL;
  int fd = open_route_socket(0, 0);
  if (fd < 0) return throw_errno(env, errno, "netlink");
  struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  uint8_t *bytes = NULL;
  size_t length;
  int error = dump(fd, what == 0 ? RTM_GETLINK : RTM_GETADDR, &bytes, &length);
  close(fd);
  napi_value result = error == 0 ? make_bytes(env, bytes, length) : throw_errno(env, error, "netlink");
  free(bytes);
  return result;
}
