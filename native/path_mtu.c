/*
 * Paths that do not carry whole frames, and say nothing of it. The kernel would cut a datagram into fragments if a router
 * had told it that it must; where such messages are filtered we tell it ourselves: an ICMP error of ours to this machine,
 * about a datagram that could have been (RFC 1191 §3, RFC 4443 §3.2). It remembers for ten minutes. The sockets for it
 * need CAP_NET_RAW, so they are opened with the first UDP socket; they hear nothing, and reach this machine only.
 */
#include "engine.h"

#include <errno.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What every path of IPv6 carries (RFC 8200 §5); the kernel takes no less. IPv4: what hosts take whole (RFC 791 §3.1). */
#define LEAST_IP6 1280
#define LEAST_IP4 576
#define MOST 65535

#define IP4_HEADER 20
#define IP6_HEADER 40
#define UDP_HEADER 8
#define ICMP_HEADER 8
#define DONT_FRAGMENT 0x4000
#define IPPROTO_UDP_NUMBER 17
#define HOP_LIMIT 64

static void put16(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static int teller_open(uint8_t family) {
  int type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
  int fd = family == 4 ? socket(AF_INET, type, IPPROTO_ICMP) : socket(AF_INET6, type, IPPROTO_ICMPV6);
  if (fd < 0) return -1;
  /* For good: to leave the device takes the capability that is given up afterwards. */
  if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof "lo") < 0) {
    close(fd);
    return -1;
  }
  struct icmp_filter none4 = { ~0u };
  struct icmp6_filter none6;
  ICMP6_FILTER_SETBLOCKALL(&none6);
  int failed = family == 4 ? setsockopt(fd, SOL_RAW, ICMP_FILTER, &none4, sizeof none4)
                           : setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &none6, sizeof none6);
  if (failed == 0) return fd;
  close(fd);
  return -1;
}

void tellers_open(struct engine *engine, uint8_t family) {
  int *fd = &engine->tellers[family == 4 ? 0 : 1];
  if (*fd < 0) *fd = teller_open(family);
}

void tellers_close(struct engine *engine) {
  for (int at = 0; at < 2; at++) {
    if (engine->tellers[at] >= 0) close(engine->tellers[at]);
    engine->tellers[at] = -1;
  }
}

/* Which address of ours datagrams to `to` leave from. */
static bool find_source(const struct udp_socket *from, const struct endpoint *to, union socket_name *source) {
  socklen_t length = sizeof *source;
  struct address bound;
  static const uint8_t any[16];
  if (getsockname(from->fd, &source->any, &length) < 0) return false;
  address_from_name(source, 0, &bound);
  if (memcmp(bound.bytes, any, sizeof any) != 0) return true;
  int fd = socket(to->name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  length = sizeof *source;
  bool found = connect(fd, &to->name.any, to->name_length) == 0 && getsockname(fd, &source->any, &length) == 0;
  close(fd);
  return found;
}

static size_t write_udp(uint8_t *at, uint16_t from_port, uint16_t to_port, uint32_t payload) {
  put16(at, from_port);
  put16(at + 2, to_port);
  put16(at + 4, UDP_HEADER + payload);
  return UDP_HEADER;
}

/* "Fragmentation needed" (type 3, code 4) about a datagram of IPv4. */
static size_t write_error4(uint8_t *out, const struct sockaddr_in *from, const struct sockaddr_in *to, uint16_t port, uint16_t mtu) {
  uint8_t *quoted = out + ICMP_HEADER;
  uint32_t payload = (uint32_t)mtu + 1 - IP4_HEADER - UDP_HEADER;
  out[0] = ICMP_DEST_UNREACH;
  out[1] = ICMP_FRAG_NEEDED;
  put16(out + 6, mtu);
  quoted[0] = 0x45;
  put16(quoted + 2, (uint32_t)mtu + 1);
  put16(quoted + 6, DONT_FRAGMENT);
  quoted[8] = HOP_LIMIT;
  quoted[9] = IPPROTO_UDP_NUMBER;
  memcpy(quoted + 12, &from->sin_addr, 4);
  memcpy(quoted + 16, &to->sin_addr, 4);
  uint16_t sum = (uint16_t)~checksum_fold(checksum_add(quoted, IP4_HEADER, 0));
  memcpy(quoted + 10, &sum, 2);
  size_t length = ICMP_HEADER + IP4_HEADER + write_udp(quoted + IP4_HEADER, port, ntohs(to->sin_port), payload);
  sum = (uint16_t)~checksum_fold(checksum_add(out, length, 0));
  memcpy(out + 2, &sum, 2);
  return length;
}

/* "Packet too big" about a datagram of IPv6; the kernel writes the checksum. */
static size_t write_error6(uint8_t *out, const struct sockaddr_in6 *from, const struct sockaddr_in6 *to, uint16_t port, uint16_t mtu) {
  uint8_t *quoted = out + ICMP_HEADER;
  uint32_t payload = (uint32_t)mtu + 1 - IP6_HEADER - UDP_HEADER;
  out[0] = ICMP6_PACKET_TOO_BIG;
  put16(out + 6, mtu);
  quoted[0] = 0x60;
  put16(quoted + 4, UDP_HEADER + payload);
  quoted[6] = IPPROTO_UDP_NUMBER;
  quoted[7] = HOP_LIMIT;
  memcpy(quoted + 8, &from->sin6_addr, 16);
  memcpy(quoted + 24, &to->sin6_addr, 16);
  return ICMP_HEADER + IP6_HEADER + write_udp(quoted + IP6_HEADER, port, ntohs(to->sin6_port), payload);
}

static bool tell(struct engine *engine, const struct endpoint *to, uint16_t mtu) {
  const struct udp_socket *from = &engine->sockets[to->address.socket];
  bool is_ip4 = to->address.family == 4;
  /* Frames of Ethernet cannot be cut up. */
  if (!is_ip4 && to->address.family != 6) return false;
  int fd = engine->tellers[is_ip4 ? 0 : 1];
  union socket_name source, here;
  uint8_t message[ICMP_HEADER + IP6_HEADER + UDP_HEADER] = { 0 };
  if (fd < 0 || mtu < (is_ip4 ? LEAST_IP4 : LEAST_IP6) || !find_source(from, to, &source)) return false;
  size_t length = is_ip4 ? write_error4(message, &source.v4, &to->name.v4, from->port, mtu)
                         : write_error6(message, &source.v6, &to->name.v6, from->port, mtu);
  memset(&here, 0, sizeof here);
  here.any.sa_family = is_ip4 ? AF_INET : AF_INET6;
  if (is_ip4) here.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else here.v6.sin6_addr = in6addr_loopback;
  socklen_t name_length = is_ip4 ? sizeof here.v4 : sizeof here.v6;
  return sendto(fd, message, length, MSG_DONTWAIT | MSG_NOSIGNAL, &here.any, name_length) == (ssize_t)length;
}

/* tellPathMtu(engine, slot, bytes of an IP packet) -> whether the kernel was told */
napi_value path_mtu_tell(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct engine *engine;
  int64_t slot, bytes;
  if (!get_arguments(env, info, 3, values) || !get_engine(env, values[0], &engine) ||
      !get_integer(env, values[1], "slot", INT32_MIN, INT32_MAX, &slot) ||
      !get_integer(env, values[2], "bytes", 1, MOST, &bytes)) {
    return NULL;
  }
  const struct endpoint *to = endpoints_get(&engine->endpoints, slot);
  return make_boolean(env, to != NULL && tell(engine, to, (uint16_t)bytes));
}
