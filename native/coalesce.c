/*
 * Packets joined for the TUN device, by the rules of the kernel's GRO: what a receiver could tell from separate packets
 * (acknowledgements, windows, flags, options, wrong checksums) keeps them apart. Packets come from other nodes: nothing
 * in them is believed.
 */
#include "offload.h"

#include <arpa/inet.h>
#include <string.h>

#define PAYLOAD_LENGTH 4
#define NEXT_HEADER 6
#define ADDRESSES 8
#define TCP_ACK 0x10
#define TCP_PUSH 0x08
/* Frames that are looked at for a packet, newest first: more flows than this seldom alternate. */
#define LOOK_BACK 16

/* What joins or keeps apart; from one packet. */
struct view {
  const uint8_t *ip;
  const uint8_t *transport;
  uint32_t headers;
  uint32_t data;
  uint32_t sequence;
  uint8_t protocol;     /* 0 = no flow that we know */
  bool can_join;
  bool has_push;
};

static uint32_t read16(const uint8_t *from) { return (uint32_t)from[0] << 8 | from[1]; }

static uint32_t read32(const uint8_t *from) {
  uint32_t value;
  memcpy(&value, from, sizeof value);
  return ntohl(value);
}

static void look_at_tcp(struct view *view, uint32_t length) {
  const uint8_t *tcp = view->transport;
  uint32_t header = (uint32_t)(tcp[12] >> 4) * 4;
  view->headers = IP_HEADER + header;
  if (header < MIN_TCP_HEADER || view->headers >= length) return; /* without data it only acknowledges */
  view->data = length - view->headers;
  view->sequence = read32(tcp + 4);
  view->has_push = (tcp[13] & TCP_PUSH) != 0;
  view->can_join = (tcp[13] & ~TCP_PUSH) == TCP_ACK;
}

static void look_at_udp(struct view *view, uint32_t length) {
  const uint8_t *udp = view->transport;
  view->headers = IP_HEADER + UDP_HEADER;
  view->data = length - view->headers;
  /* Without data, or without a checksum, it stays what it is. */
  view->can_join = view->data > 0 && read16(udp + 4) == length - IP_HEADER && read16(udp + UDP_CHECKSUM) != 0;
}

static struct view look_at(const struct packet *packet, int kinds) {
  struct view view = { packet->bytes, packet->bytes + IP_HEADER, 0, 0, 0, 0, false, false };
  const uint8_t *ip = packet->bytes;
  uint32_t length = packet->length;
  if (length < IP_HEADER + UDP_HEADER || ip[0] >> 4 != 6 || read16(ip + PAYLOAD_LENGTH) != length - IP_HEADER) return view;
  if (ip[NEXT_HEADER] == PROTOCOL_TCP && (kinds & JOIN_TCP) != 0 && length >= IP_HEADER + MIN_TCP_HEADER) {
    view.protocol = PROTOCOL_TCP;
    look_at_tcp(&view, length);
  } else if (ip[NEXT_HEADER] == PROTOCOL_UDP && (kinds & JOIN_UDP) != 0) {
    view.protocol = PROTOCOL_UDP;
    look_at_udp(&view, length);
  }
  return view;
}

/* Whether the transport checksum of a whole packet is right. */
static bool has_right_checksum(const uint8_t *ip, uint32_t length, uint8_t protocol) {
  uint32_t transport_bytes = length - IP_HEADER;
  return checksum_fold(checksum_add(ip + IP_HEADER, transport_bytes, checksum_pseudo(ip, transport_bytes, protocol))) == 0xffff;
}

/* The newest frame of the packet's flow: same addresses and ports. */
static struct joined *frame_of(const struct packet *packets, struct joined *frames, uint32_t count, const struct view *view) {
  for (uint32_t back = 1; back <= count && back <= LOOK_BACK; back++) {
    struct joined *frame = &frames[count - back];
    if (frame->protocol != view->protocol) continue;
    /* Addresses and ports lie side by side. */
    if (memcmp(packets[frame->first].bytes + ADDRESSES, view->ip + ADDRESSES, 36) == 0) return frame;
  }
  return NULL;
}

/* Traffic class, flow label and hop limit; for TCP also acknowledgement, header length, flags, window and options. */
static bool has_same_headers(const uint8_t *first, const struct view *view) {
  if (memcmp(first, view->ip, 4) != 0 || first[7] != view->ip[7]) return false;
  if (view->protocol == PROTOCOL_UDP) return true;
  const uint8_t *tcp = first + IP_HEADER, *other = view->transport;
  return memcmp(tcp + 8, other + 8, 5) == 0 && memcmp(tcp + 14, other + 14, 2) == 0 &&
         memcmp(tcp + 18, other + 18, view->headers - IP_HEADER - 18) == 0;
}

static bool follows(const struct joined *frame, const struct view *view) {
  if (!frame->is_open || !view->can_join || frame->packets == MAX_JOINED) return false;
  if (frame->headers != view->headers || view->data > frame->segment_bytes) return false;
  if (frame->length + view->data > MAX_FRAME_BYTES) return false;
  return view->protocol == PROTOCOL_UDP || frame->next_sequence == view->sequence;
}

static bool join(struct packet *packets, struct joined *frame, int32_t index, const struct view *view) {
  struct packet *first = &packets[frame->first];
  if (!follows(frame, view) || !has_same_headers(first->bytes, view)) return false;
  if (!frame->is_checked) {
    frame->is_checked = true;
    frame->is_open = has_right_checksum(first->bytes, first->length, frame->protocol);
    if (!frame->is_open) return false;
  }
  if (!has_right_checksum(view->ip, packets[index].length, view->protocol)) return false;
  packets[frame->last].next = index;
  frame->last = index;
  frame->packets++;
  frame->length += view->data;
  frame->next_sequence += view->data;
  frame->has_push = view->has_push;
  /* A push is delivered at once, and only the last segment may be short. */
  frame->is_open = !view->has_push && view->data == frame->segment_bytes;
  return true;
}

uint32_t coalesce(struct packet *packets, uint32_t count, int kinds, struct joined *frames) {
  uint32_t made = 0;
  for (uint32_t index = 0; index < count; index++) {
    struct packet *packet = &packets[index];
    struct view view = look_at(packet, kinds);
    packet->next = -1;
    struct joined *frame = view.protocol == 0 ? NULL : frame_of(packets, frames, made, &view);
    if (frame != NULL && join(packets, frame, (int32_t)index, &view)) continue;
    /* From here on this one is the newest of its flow: nothing joins an older frame and so overtakes it. */
    frames[made++] = (struct joined){
      (int32_t)index, (int32_t)index, 1, packet->length, view.headers, view.data, view.sequence + view.data,
      view.protocol,  view.can_join && !view.has_push, false, view.has_push,
    };
  }
  return made;
}

/* Headers for the whole frame; its checksum field holds the sum of the pseudo header, and the kernel does the rest. */
static void fill_headers(const struct packet *first, const struct joined *frame, struct frame_space *space) {
  bool is_tcp = frame->protocol == PROTOCOL_TCP;
  uint32_t transport_bytes = frame->length - IP_HEADER;
  uint16_t checksum_offset = is_tcp ? TCP_CHECKSUM : UDP_CHECKSUM;
  uint16_t big = htons((uint16_t)transport_bytes);
  memcpy(space->headers, first->bytes, frame->headers);
  memcpy(space->headers + PAYLOAD_LENGTH, &big, sizeof big);
  if (is_tcp && frame->has_push) space->headers[IP_HEADER + 13] |= TCP_PUSH;
  if (!is_tcp) memcpy(space->headers + IP_HEADER + 4, &big, sizeof big);
  uint16_t sum = checksum_fold(checksum_pseudo(space->headers, transport_bytes, frame->protocol));
  memcpy(space->headers + IP_HEADER + checksum_offset, &sum, sizeof sum);
  space->header = (struct vnet_header){
    VNET_NEEDS_CHECKSUM, is_tcp ? VNET_TCP6 : VNET_UDP, (uint16_t)frame->headers, (uint16_t)frame->segment_bytes,
    IP_HEADER, checksum_offset,
  };
}

int joined_parts(const struct packet *packets, const struct joined *frame, struct frame_space *space,
                 struct iovec *parts) {
  const struct packet *first = &packets[frame->first];
  int count = 0;
  memset(&space->header, 0, sizeof space->header);
  parts[count++] = (struct iovec){ &space->header, sizeof space->header };
  if (frame->packets == 1) {
    parts[count++] = (struct iovec){ first->bytes, first->length };
    return count;
  }
  fill_headers(first, frame, space);
  parts[count++] = (struct iovec){ space->headers, frame->headers };
  for (int32_t index = frame->first; index >= 0; index = packets[index].next) {
    const struct packet *packet = &packets[index];
    parts[count++] = (struct iovec){ packet->bytes + frame->headers, packet->length - frame->headers };
  }
  return count;
}
