/*
 * Vectors received. With UDP_GRO a message may be a train: packets of one sender and length, the last one perhaps
 * shorter, back to back in one receive slot, where they stay. A train that has more packets than descriptors are left is
 * continued in the next call.
 */
#include "engine.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH 128
/* The first call asks for so many messages: an idle link has one, and room for all costs more than receiving it. */
#define FEW 8
/* Slots as large as they are begin at the same cache set; they are moved apart by this. */
#define SHIFT_BYTES 2112

/* A receive slot: free; with packets that have no descriptor yet; with packets of the present call. */
enum { FREE, WAITING, GIVEN };

/* Messages of one recvmmsg, handed out packet by packet. */
struct inbox {
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  union socket_name names[BATCH];
  uint32_t slots[BATCH];
  union {
    struct cmsghdr header;
    uint8_t space[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct in6_pktinfo))];
  } controls[BATCH];
  uint32_t received;
  uint32_t next;          /* message */
  size_t next_byte;       /* inside it */
  uint32_t train_packets; /* how many a message had last time, rounded up: how many messages will fit */
};

struct inbox *inbox_create(void) { return calloc(1, sizeof(struct inbox)); }

bool inbox_has_more(const struct inbox *inbox) { return inbox != NULL && inbox->next < inbox->received; }

/* Where slot `slot` lies; shifted slots are one less than the region has. NULL behind the last one. */
static uint8_t *slot_at(const struct vector *vector, uint32_t slot) {
  const struct region *region = &vector->engine->receive_region;
  size_t stride = region->slots > 1 ? region->slot_bytes + SHIFT_BYTES : region->slot_bytes;
  size_t offset = slot * stride;
  if (offset + region->slot_bytes > (size_t)region->slots * region->slot_bytes) return NULL;
  return vector->bytes + region->start + offset;
}

/*
 * Gives free slots to at most `wanted` messages, beginning with slot `first`: packets of descriptor d lie about in slot
 * d, so that vectors that do not share descriptors do not share slots. Returns how many there were.
 */
static uint32_t take_slots(const struct vector *vector, struct inbox *inbox, uint32_t first, uint32_t wanted) {
  const struct engine *engine = vector->engine;
  uint32_t slots = engine->receive_region.slots, taken = 0;
  for (uint32_t step = 0; step < slots && taken < wanted; step++) {
    uint32_t slot = (first + step) % slots;
    uint8_t *start = slot_at(vector, slot);
    if (start == NULL || engine->held[slot] != FREE) continue;
    struct msghdr *header = &inbox->messages[taken].msg_hdr;
    inbox->slots[taken] = slot;
    inbox->parts[taken] = (struct iovec){ start, engine->receive_region.slot_bytes };
    *header = (struct msghdr){
      .msg_name = &inbox->names[taken],
      .msg_namelen = sizeof inbox->names[taken],
      .msg_iov = &inbox->parts[taken],
      .msg_iovlen = 1,
      .msg_control = &inbox->controls[taken],
      .msg_controllen = sizeof inbox->controls[taken],
    };
    taken++;
  }
  return taken;
}

/*
 * Takes the headers of Ethernet frames off, and what is not for us out. Returns whether all of them stayed: of others there may
 * be as many as somebody likes, so then the rest is left to the next call.
 */
static bool keep_frames(struct engine *engine, struct inbox *inbox, uint8_t number) {
  uint32_t received = inbox->received;
  inbox->received = 0;
  engine->devices.stranger = 0;
  for (uint32_t index = 0; index < received; index++) {
    struct iovec part = inbox->parts[index];
    int32_t content = ethernet_content(part.iov_base, inbox->messages[index].msg_len);
    bool is_ours = content >= 0 && ethernet_admit(engine, number, &inbox->names[index]);
    if (!is_ours) {
      engine->counters[content < 0 ? RECV_MALFORMED : RECV_UNWELCOME]++;
      engine->held[inbox->slots[index]] = FREE;
      continue;
    }
    uint32_t kept = inbox->received++;
    inbox->messages[kept] = inbox->messages[index];
    inbox->messages[kept].msg_len = (unsigned)content;
    inbox->names[kept] = inbox->names[index];
    inbox->slots[kept] = inbox->slots[index];
    inbox->parts[kept] = (struct iovec){ (uint8_t *)part.iov_base + ETHERNET_HEADER, (size_t)content };
  }
  return inbox->received == received;
}

/* One recvmmsg of at most `most` messages. Returns false when nothing waits any more. */
static bool fetch(const struct vector *vector, const struct udp_socket *from, uint32_t done, uint32_t most) {
  struct engine *engine = vector->engine;
  struct inbox *inbox = from->inbox;
  uint32_t train = inbox->train_packets > 0 ? inbox->train_packets : 1;
  uint32_t wanted = (vector->count - done + train - 1) / train;
  inbox->next = inbox->received = 0;
  inbox->next_byte = 0;
  wanted = take_slots(vector, inbox, vector->first + done, wanted < most ? wanted : most);
  if (wanted == 0) return false;
  int received;
  do {
    received = recvmmsg(from->fd, inbox->messages, wanted, MSG_DONTWAIT, NULL);
  } while (received < 0 && errno == EINTR);
  engine->counters[RECV_CALLS]++;
  if (received <= 0) {
    if (received < 0 && errno != EAGAIN) engine->counters[RECV_ERRORS]++;
    return false;
  }
  inbox->received = (uint32_t)received;
  for (uint32_t index = 0; index < inbox->received; index++) engine->held[inbox->slots[index]] = WAITING;
  bool goes_on = inbox->received == wanted;
  if (from->family == ETHERNET) return keep_frames(engine, inbox, (uint8_t)(from - engine->sockets)) && goes_on;
  return goes_on;
}

/* What the kernel says of a message: bytes of each packet in it (UDP_GRO; 0 = it is one), and which address it came to. */
struct said {
  size_t segment;
  struct address to; /* family 0 = not known */
};

/* Our address in the words of the kernel; only a link-local one needs its device. */
static void read_own_address(const struct cmsghdr *control, struct address *out) {
  if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
    struct in_pktinfo info;
    if (control->cmsg_len < CMSG_LEN(sizeof info)) return;
    memcpy(&info, CMSG_DATA(control), sizeof info);
    memcpy(out->bytes, &info.ipi_spec_dst, 4);
    out->family = 4;
  } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
    struct in6_pktinfo info;
    if (control->cmsg_len < CMSG_LEN(sizeof info)) return;
    memcpy(&info, CMSG_DATA(control), sizeof info);
    memcpy(out->bytes, &info.ipi6_addr, 16);
    out->family = 6;
    if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) out->scope = info.ipi6_ifindex;
    /* Nothing leaves from a group. */
    if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) out->family = 0;
  }
}

static struct said said_of(const struct mmsghdr *message) {
  struct said said = { 0 };
  struct msghdr *header = (struct msghdr *)&message->msg_hdr;
  for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control != NULL; control = CMSG_NXTHDR(header, control)) {
    int segment;
    if (control->cmsg_level != SOL_UDP || control->cmsg_type != UDP_GRO) {
      read_own_address(control, &said.to);
    } else if (control->cmsg_len >= CMSG_LEN(sizeof segment)) {
      memcpy(&segment, CMSG_DATA(control), sizeof segment);
      if (segment > 0) said.segment = (size_t)segment;
    }
  }
  return said;
}

/* Gives descriptors `done` and on to the packets of the next message; returns the number that are filled then. */
static uint32_t hand_out(const struct vector *vector, struct inbox *inbox, uint8_t number, uint32_t done) {
  struct engine *engine = vector->engine;
  const struct mmsghdr *message = &inbox->messages[inbox->next];
  bool fits = (message->msg_hdr.msg_flags & MSG_TRUNC) == 0;
  size_t length = fits ? message->msg_len : 0;
  struct said said = said_of(message);
  size_t segment = said.segment > 0 ? said.segment : message->msg_len;
  int32_t socket = (int32_t)(number | own_addresses_number(&engine->own_addresses, &said.to) << SOCKET_BITS);
  uint8_t *start = inbox->parts[inbox->next].iov_base;
  struct address sender;
  address_from_name(&inbox->names[inbox->next], number, &sender);
  int32_t endpoint = endpoints_find(&engine->endpoints, &sender);
  if (!fits) engine->counters[RECV_TOO_LONG]++;
  if (length > segment && inbox->next_byte == 0) engine->counters[RECV_JOINED] += (double)((length + segment - 1) / segment);
  do { /* an empty datagram has a descriptor too */
    size_t left = length - inbox->next_byte;
    size_t taken = left < segment ? left : segment;
    int32_t *descriptor = vector->descriptors + (size_t)done * STRIDE;
    engine->senders[vector->first + done] = sender;
    descriptor[OFFSET] = (int32_t)(start + inbox->next_byte - vector->bytes);
    descriptor[LENGTH] = (int32_t)taken;
    descriptor[ENDPOINT] = endpoint;
    descriptor[SOCKET] = socket;
    inbox->next_byte += taken;
    done++;
  } while (inbox->next_byte < length && done < vector->count);
  if (inbox->next_byte >= length) {
    engine->held[inbox->slots[inbox->next]] = GIVEN;
    inbox->next++;
    inbox->next_byte = 0;
  }
  return done;
}

/* The next call may overwrite what this one gave. */
static void release_given(struct engine *engine) {
  for (uint32_t slot = 0; slot < engine->receive_region.slots; slot++) {
    if (engine->held[slot] == GIVEN) engine->held[slot] = FREE;
  }
}

/* recv(engine, first, count, socket) -> descriptors filled */
napi_value udp_recv(napi_env env, napi_callback_info info) {
  napi_value values[4];
  struct vector vector;
  struct udp_socket *from;
  if (!get_arguments(env, info, 4, values) || !get_vector(env, values[0], values[1], values[2], &vector) ||
      !get_socket(env, values[3], vector.engine, &from)) {
    return make_integer(env, 0);
  }
  struct inbox *inbox = from->inbox;
  uint8_t number = (uint8_t)(from - vector.engine->sockets);
  uint32_t done = 0, messages = 0, most = FEW;
  bool goes_on = true;
  for (;;) {
    for (; inbox_has_more(inbox) && done < vector.count; messages++) done = hand_out(&vector, inbox, number, done);
    if (messages > 0) inbox->train_packets = (done + messages - 1) / messages;
    if (!goes_on || done == vector.count) break;
    goes_on = fetch(&vector, from, done, most);
    most = BATCH;
  }
  release_given(vector.engine);
  poll_set_more(from->poll, inbox_has_more(inbox));
  vector.engine->counters[RECEIVED] += done;
  return make_integer(env, done);
}
