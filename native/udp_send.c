/*
 * Vectors sent. Consecutive packets for one endpoint, all of one length but a shorter last one, go as one message where
 * the kernel has UDP_SEGMENT; where it refuses (a path with a smaller MTU, a device without checksums) each goes alone.
 * They leave from the address that their descriptor names; from one that the kernel chooses where it is ours no more.
 */
#include "engine.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#define MESSAGES 64
#define PARTS 256
/* Limits of UDP_SEGMENT: segments of one message, and bytes that fit into a datagram of IPv4 and IPv6. */
#define TRAIN_PACKETS 64
#define TRAIN_BYTES 65000
/* After a refusal so many packets for this endpoint go alone before trains are tried again: paths change. */
#define SINGLY 10000

/* Packets of descriptors `first` to `last` (empty ones between them are skipped) for one endpoint. */
struct train {
  struct endpoint *to;
  struct own_address *own; /* where they leave from; NULL: the kernel chooses */
  uint32_t first;
  uint32_t last;
  uint32_t packets;
  uint32_t bytes;
  uint32_t segment_bytes;
  uint32_t last_bytes;
};

/* Room for what the kernel is told of a message. */
union control {
  struct cmsghdr header;
  uint8_t space[CMSG_SPACE(sizeof(uint16_t)) + CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct outbox {
  struct train trains[MESSAGES];
  struct mmsghdr messages[MESSAGES];
  struct iovec parts[PARTS];
  union control controls[MESSAGES];
  uint8_t headers[MESSAGES][ETHERNET_HEADER]; /* in front of each packet for Ethernet */
  uint32_t count;
  uint32_t part_count;
};

/* The socket is full: nothing more can be sent until it is reported writable. */
static bool note_full(struct engine *engine, struct udp_socket *from) {
  engine->counters[SEND_FULL]++;
  poll_want_write(from->poll);
  return false;
}

/* Appends one thing that the kernel is told; `control` has room. */
static void tell(struct msghdr *header, union control *control, int level, int type, const void *value, size_t bytes) {
  size_t before = header->msg_control == NULL ? 0 : header->msg_controllen;
  struct cmsghdr *at = (struct cmsghdr *)(control->space + before);
  memset(at, 0, CMSG_SPACE(bytes));
  at->cmsg_level = level;
  at->cmsg_type = type;
  at->cmsg_len = CMSG_LEN(bytes);
  memcpy(CMSG_DATA(at), value, bytes);
  header->msg_control = control;
  header->msg_controllen = before + CMSG_SPACE(bytes);
}

static void tell_own_address(struct msghdr *header, union control *control, const struct own_address *own) {
  if (own == NULL) return;
  if (own->address.family == 4) {
    struct in_pktinfo info = { 0 };
    memcpy(&info.ipi_spec_dst, own->address.bytes, 4);
    tell(header, control, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
  } else {
    struct in6_pktinfo info = { .ipi6_ifindex = own->address.scope };
    memcpy(&info.ipi6_addr, own->address.bytes, 16);
    tell(header, control, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  }
}

/* All that the kernel is told of a train. */
static void tell_of_train(struct msghdr *header, union control *control, const struct train *train) {
  header->msg_control = NULL;
  header->msg_controllen = 0;
  tell_own_address(header, control, train->own);
  uint16_t segment = (uint16_t)train->segment_bytes;
  if (train->packets > 1) tell(header, control, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
}

/* Whether it may be the address it was to leave from that the kernel refuses: it is ours no more, or has no way there. */
static bool may_be_own_address(int error) {
  return error == EINVAL || error == EADDRNOTAVAIL || error == ENETUNREACH || error == EHOSTUNREACH;
}

/* One packet, and once more from where the kernel likes if it does not take it so. */
static ssize_t send_one(int fd, struct endpoint *to, struct own_address *own, uint8_t *packet, size_t length) {
  union control control;
  struct iovec part = { packet, length };
  struct msghdr header = { .msg_name = &to->name, .msg_namelen = to->name_length, .msg_iov = &part, .msg_iovlen = 1 };
  bool is_told = own != NULL && !own->is_gone;
  ssize_t sent;
  tell_own_address(&header, &control, is_told ? own : NULL);
  do {
    sent = sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0 || !is_told || !may_be_own_address(errno)) return sent;
  int error = errno;
  sent = send_one(fd, to, NULL, packet, length);
  /* Without it, it went: this address is no good. */
  if (sent >= 0 && error != ENETUNREACH && error != EHOSTUNREACH) own->is_gone = true;
  return sent;
}

/* Each packet of a train by itself. Returns false when the socket is full; `*stopped` is then the first one left. */
static bool send_singly(const struct vector *vector, const struct train *train, uint32_t *stopped) {
  struct engine *engine = vector->engine;
  struct udp_socket *from = &engine->sockets[train->to->address.socket];
  for (uint32_t index = train->first; index <= train->last; index++) {
    const int32_t *descriptor = vector->descriptors + (size_t)index * STRIDE;
    uint8_t *packet = packet_at(vector, descriptor);
    if (descriptor[LENGTH] == 0 || packet == NULL) continue;
    ssize_t sent = send_one(from->fd, train->to, train->own, packet, (size_t)descriptor[LENGTH]);
    engine->counters[SEND_CALLS]++;
    if (sent >= 0) {
      engine->counters[SENT]++;
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      *stopped = index;
      return note_full(engine, from);
    } else {
      engine->counters[SEND_ERRORS]++;
    }
  }
  return true;
}

static void count_sent(struct engine *engine, const struct outbox *outbox, uint32_t first, uint32_t count) {
  for (uint32_t at = first; at < first + count; at++) {
    engine->counters[SENT] += outbox->trains[at].packets;
    if (outbox->trains[at].packets > 1) engine->counters[SENT_JOINED] += outbox->trains[at].packets;
  }
}

/* A header in front of each packet. There are no trains to Ethernet, so each message has one part until now. */
static void add_headers(struct outbox *outbox) {
  for (uint32_t at = outbox->count; at-- > 0;) {
    struct iovec *parts = &outbox->parts[2 * at];
    struct iovec packet = outbox->parts[at];
    ethernet_header(outbox->headers[at], packet.iov_len);
    parts[1] = packet;
    parts[0] = (struct iovec){ outbox->headers[at], ETHERNET_HEADER };
    outbox->messages[at].msg_hdr.msg_iov = parts;
    outbox->messages[at].msg_hdr.msg_iovlen = 2;
  }
}

/* Whether a socket that refuses with `error` takes more later. The queue of an Ethernet device loses what it has no room for. */
static bool is_full(const struct udp_socket *from, int error) {
  return error == EAGAIN || (error == ENOBUFS && from->family != ETHERNET);
}

/* Whether the device of an endpoint is another one now, so that the packet can go. */
static bool has_moved(struct engine *engine, const struct endpoint *to, int error) {
  return to->address.family == ETHERNET && (error == ENXIO || error == ENODEV) && ethernet_find_again(engine, to);
}

/* Sends what is gathered. Returns false when the socket is full; then `*stopped` is the index of the first one left. */
static bool flush(const struct vector *vector, struct outbox *outbox, uint32_t *stopped) {
  struct engine *engine = vector->engine;
  if (outbox->count == 0) return true;
  struct udp_socket *from = &engine->sockets[outbox->trains[0].to->address.socket];
  if (from->family == ETHERNET) add_headers(outbox);
  for (uint32_t done = 0; done < outbox->count;) {
    struct train *train = &outbox->trains[done];
    int sent = sendmmsg(from->fd, outbox->messages + done, outbox->count - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    engine->counters[SEND_CALLS]++;
    if (sent > 0) {
      count_sent(engine, outbox, done, (uint32_t)sent);
      done += (uint32_t)sent;
    } else if (is_full(from, errno)) {
      *stopped = train->first;
      return note_full(engine, from);
    } else if (errno != EINTR && (train->packets > 1 || train->own != NULL)) {
      bool is_unfit = errno == EINVAL || errno == EIO || errno == EMSGSIZE;
      if (train->packets > 1) engine->counters[SEND_TRAINS_REFUSED]++;
      bool went = send_singly(vector, train, stopped);
      bool is_own = train->own != NULL && train->own->is_gone;
      if (train->packets > 1 && is_unfit && !is_own) train->to->sent_singly = SINGLY;
      if (!went) return false;
      done++;
    } else if (errno != EINTR && !has_moved(engine, train->to, errno)) {
      /* Too large, no route, refused, forbidden: this packet will never go. */
      engine->counters[SEND_ERRORS]++;
      done++;
    }
  }
  outbox->count = outbox->part_count = 0;
  return true;
}

/* Whether a packet may be the next of the newest train. */
static bool continues(const struct outbox *outbox, const struct endpoint *to, const struct own_address *own, uint32_t length) {
  if (outbox->count == 0) return false;
  const struct train *train = &outbox->trains[outbox->count - 1];
  return train->to == to && train->own == own && to->sent_singly == 0 && train->last_bytes == train->segment_bytes &&
         length <= train->segment_bytes && train->packets < TRAIN_PACKETS && train->bytes + length <= TRAIN_BYTES;
}

static void add_to_train(struct outbox *outbox, uint8_t *packet, uint32_t length, uint32_t index) {
  uint32_t at = outbox->count - 1;
  struct train *train = &outbox->trains[at];
  struct msghdr *header = &outbox->messages[at].msg_hdr;
  struct iovec *last = &outbox->parts[outbox->part_count - 1];
  /* What was received in one train lies back to back. */
  if ((uint8_t *)last->iov_base + last->iov_len == packet) {
    last->iov_len += length;
  } else {
    outbox->parts[outbox->part_count++] = (struct iovec){ packet, length };
    header->msg_iovlen++;
  }
  train->last = index;
  train->packets++;
  train->bytes += length;
  train->last_bytes = length;
  if (train->packets == 2) tell_of_train(header, &outbox->controls[at], train);
}

static void begin_train(struct outbox *outbox, struct train train, uint8_t *packet) {
  uint32_t at = outbox->count++;
  outbox->trains[at] = train;
  outbox->parts[outbox->part_count] = (struct iovec){ packet, train.bytes };
  outbox->messages[at].msg_hdr = (struct msghdr){
    .msg_name = &train.to->name,
    .msg_namelen = train.to->name_length,
    .msg_iov = &outbox->parts[outbox->part_count++],
    .msg_iovlen = 1,
  };
  tell_own_address(&outbox->messages[at].msg_hdr, &outbox->controls[at], train.own);
}

/* Whether everything gathered has to go before a packet for `to` can be added. */
static bool must_flush(const struct outbox *outbox, const struct endpoint *to) {
  if (outbox->count == 0) return false;
  return outbox->count == MESSAGES || outbox->part_count == PARTS ||
         outbox->trains[0].to->address.socket != to->address.socket;
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
  outbox.count = outbox.part_count = 0;
  for (uint32_t index = 0; index < vector.count; index++) {
    const int32_t *descriptor = vector.descriptors + (size_t)index * STRIDE;
    if (descriptor[LENGTH] == 0) continue;
    uint8_t *packet = packet_at(&vector, descriptor);
    uint32_t length = (uint32_t)descriptor[LENGTH];
    struct endpoint *to = endpoints_get(&engine->endpoints, descriptor[ENDPOINT]);
    if (packet == NULL || to == NULL) {
      engine->counters[SEND_REFUSED]++;
      continue;
    }
    if (to->address.family == ETHERNET && length > ETHERNET_CONTENT) {
      engine->counters[SEND_ERRORS]++;
      continue;
    }
    if (must_flush(&outbox, to) && !flush(&vector, &outbox, &stopped)) return make_integer(env, stopped);
    struct own_address *own = own_addresses_get(&engine->own_addresses, (uint32_t)descriptor[SOCKET] >> SOCKET_BITS);
    if (own != NULL && own->address.family != to->address.family) own = NULL;
    if (engine->sockets[to->address.socket].sends_trains && continues(&outbox, to, own, length)) {
      add_to_train(&outbox, packet, length, index);
    } else {
      begin_train(&outbox, (struct train){ to, own, index, index, 1, length, length, length }, packet);
    }
    if (to->sent_singly > 0) to->sent_singly--;
  }
  if (!flush(&vector, &outbox, &stopped)) return make_integer(env, stopped);
  return make_integer(env, vector.count);
}
