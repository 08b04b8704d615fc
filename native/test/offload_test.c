/*
 * Splitting and joining of TCP and UDP packets: single cases, and random vectors whose frames, cut again, must give the
 * same packets, byte for byte and in order within each flow.
 *   offload_test VECTORS SEED
 * Packets have allocations of exactly their size, so that AddressSanitizer and valgrind see the first byte too many.
 */
#include "packets.h"
#include "random.h"

#include <arpa/inet.h>

#define ROOM 1984
#define MOST 128

/* Number of frames that packets of these shapes become. */
static uint32_t frames_of(const struct shape *shapes, uint32_t count, struct joined *frames, struct packet *packets) {
  for (uint32_t index = 0; index < count; index++) packets[index] = make(shapes[index]);
  return coalesce(packets, count, JOIN_TCP | JOIN_UDP, frames);
}

static bool joins(struct shape first, struct shape second) {
  struct joined frames[2];
  struct packet packets[2];
  uint32_t made = frames_of((struct shape[]){ first, second }, 2, frames, packets);
  release(packets, 2);
  return made == 1;
}

static void test_pairs(void) {
  const struct shape a = { .data = 100, .flags = ACK, .options = 3 };
  struct shape b = a;
  b.sequence = 100;
  CHECK(joins(a, b));
  struct shape c = b;
#define APART(change) c = b, change, CHECK(!joins(a, c))
  APART(c.sequence = 101);
  APART(c.sequence = 0);
  APART(c.acknowledgement = 1);
  APART(c.window = 1);
  APART(c.port = 1);
  APART(c.hops = 1);
  APART(c.class = 0x10);
  APART(c.options = 4);
  APART(c.option = 1);
  APART(c.data = 0);
  APART(c.data = 101);
  APART(c.flags = ACK | FIN);
  APART(c.flags = ACK | 0x20);
  APART(c.flags = ACK | 0x40);
  APART(c.flags = ACK | CWR);
  APART(c.flags = 0x04);
  APART(c.flags = 0);
  c = b, c.data = 1, CHECK(joins(a, c));
  c = b, c.flags = ACK | PSH, CHECK(joins(a, c));
  c = a, c.flags = ACK | PSH, CHECK(!joins(c, b));
  c = a, c.data = 0, CHECK(!joins(c, a));
  struct shape d = { .data = 50, .is_udp = true };
  CHECK(joins(d, d));
  c = d, c.data = 49, CHECK(joins(d, c) && !joins(c, d));
  c = d, c.data = 0, CHECK(!joins(d, c) && !joins(c, c));
  c = d, c.port = 1, CHECK(!joins(d, c));
  CHECK(!joins(a, d));
}

static void test_wrong_checksums(void) {
  struct joined frames[3];
  struct packet packets[3];
  const struct shape tcp = { .data = 100, .flags = ACK };
  for (int is_udp = 0; is_udp < 2; is_udp++) {
    for (uint32_t spoiled = 0; spoiled < 3; spoiled++) {
      for (uint32_t index = 0; index < 3; index++) {
        struct shape shape = tcp;
        shape.sequence = 100 * index;
        shape.is_udp = is_udp == 1;
        packets[index] = make(shape);
      }
      packets[spoiled].bytes[packets[spoiled].length - 1] ^= 1;
      uint32_t made = coalesce(packets, 3, JOIN_TCP | JOIN_UDP, frames);
      CHECK(made == (spoiled == 1 ? 3 : 2));
      for (uint32_t index = 0; index < made; index++) {
        CHECK(frames[index].packets == 1 || !((uint32_t)frames[index].first <= spoiled && spoiled <= (uint32_t)frames[index].last));
      }
      release(packets, 3);
    }
  }
  /* A datagram without a checksum is not for us to complete. */
  packets[0] = make((struct shape){ .data = 10, .is_udp = true });
  packets[1] = make((struct shape){ .data = 10, .is_udp = true });
  put16(packets[1].bytes + IP_HEADER + UDP_CHECKSUM, 0);
  CHECK(coalesce(packets, 2, JOIN_UDP, frames) == 2);
  make_checksum_zero(&packets[1]);
  CHECK(coalesce(packets, 2, JOIN_UDP, frames) == 1);
  put16(packets[1].bytes + IP_HEADER + UDP_CHECKSUM, 0);
  CHECK(coalesce(packets, 2, JOIN_UDP, frames) == 2);
  put16(packets[1].bytes + IP_HEADER + 4, UDP_HEADER + 9);
  set_checksum(packets[1].bytes, packets[1].length);
  CHECK(coalesce(packets, 2, JOIN_UDP, frames) == 2);
  release(packets, 2);
}

static void test_limits(void) {
  struct joined frames[MOST];
  struct packet packets[MOST];
  struct shape shapes[MOST];
  for (uint32_t index = 0; index < MOST; index++) shapes[index] = (struct shape){ .sequence = 10 * index, .data = 10, .flags = ACK };
  CHECK(frames_of(shapes, MOST, frames, packets) == 2);
  CHECK(frames[0].packets == MAX_JOINED && frames[1].packets == MOST - MAX_JOINED);
  CHECK(coalesce(packets, MOST, JOIN_UDP, frames) == MOST);
  release(packets, MOST);
  for (uint32_t index = 0; index < 60; index++) {
    shapes[index] = (struct shape){ .sequence = 0xfffff000u + 1400 * index, .data = 1400, .flags = ACK };
  }
  CHECK(frames_of(shapes, 60, frames, packets) == 2);
  CHECK(frames[0].length <= MAX_FRAME_BYTES && frames[0].packets == 46);
  release(packets, 60);
  /* A push ends the frame, also where more would fit; and only its last packet has it. */
  for (uint32_t index = 0; index < 6; index++) {
    shapes[index] = (struct shape){ .sequence = 10 * index, .data = 10, .flags = index == 2 ? ACK | PSH : ACK };
  }
  CHECK(frames_of(shapes, 6, frames, packets) == 2 && frames[0].packets == 3 && frames[0].has_push && !frames[1].has_push);
  release(packets, 6);
  /* An acknowledgement between data of its flow is not overtaken. */
  shapes[1].data = 0;
  shapes[2].sequence = 10;
  CHECK(frames_of(shapes, 3, frames, packets) == 3);
  release(packets, 3);
}

/* Joins the parts of a frame, cuts it again, and expects the packets it was made from. */
static void expect_same(const struct packet *packets, const struct joined *frame) {
  static uint8_t whole[MAX_FRAME_BYTES + 1];
  uint8_t packet[ROOM];
  struct frame_space space;
  struct iovec parts[FRAME_PARTS];
  struct splitter splitter;
  size_t length = 0;
  int count = joined_parts(packets, frame, &space, parts);
  for (int part = 1; part < count; part++) {
    CHECK(length + parts[part].iov_len <= sizeof whole);
    memcpy(whole + length, parts[part].iov_base, parts[part].iov_len);
    length += parts[part].iov_len;
  }
  CHECK(length == frame->length);
  if (frame->packets == 1) {
    CHECK(space.header.gso_type == VNET_WHOLE && space.header.flags == 0);
    CHECK(length == packets[frame->first].length && memcmp(whole, packets[frame->first].bytes, length) == 0);
    return;
  }
  CHECK(space.header.header_bytes == frame->headers && space.header.checksum_start == IP_HEADER);
  CHECK(split_begin(&splitter, &space.header, whole, length, ROOM));
  for (int32_t index = frame->first; index >= 0; index = packets[index].next) {
    CHECK(split_has_more(&splitter));
    CHECK(split_next(&splitter, packet) == packets[index].length);
    CHECK(memcmp(packet, packets[index].bytes, packets[index].length) == 0);
  }
  CHECK(!split_has_more(&splitter));
}

/* Packets of few flows, mostly in order; some are spoiled in any place. */
static void random_packets(struct random *random, struct packet *packets, uint32_t count) {
  uint32_t sequences[4] = { 0, 0xffffff00, 7, 1000 };
  uint32_t spoil = random_below(random, 3) == 0 ? 4 : 1000;
  for (uint32_t index = 0; index < count; index++) {
    uint32_t flow = random_below(random, 4);
    struct shape shape = { .data = flow * 400 + 100, .flags = ACK, .port = (uint16_t)flow, .sequence = sequences[flow],
                           .is_udp = flow == 2, .options = (uint8_t)flow };
    if (random_below(random, 10) == 0) shape.data = random_below(random, 300);
    if (random_below(random, 20) == 0) shape.flags |= PSH;
    if (random_below(random, 50) == 0) shape.flags = (uint8_t)random_next(random);
    if (random_below(random, 30) == 0) shape.sequence++;
    if (random_below(random, 60) == 0) shape.window = 1;
    sequences[flow] = shape.sequence + shape.data;
    packets[index] = make(shape);
    if (random_below(random, spoil) != 0) continue;
    uint32_t at = random_below(random, packets[index].length < 80 ? packets[index].length : 80);
    packets[index].bytes[at] ^= (uint8_t)(1 << random_below(random, 8));
    if (random_below(random, 2) == 0 && packets[index].length >= IP_HEADER + UDP_HEADER && at > 7 && packets[index].bytes[6] == PROTOCOL_TCP) {
      set_checksum(packets[index].bytes, packets[index].length);
    }
    if (random_below(random, 4) > 0) continue;
    packets[index].length = random_below(random, packets[index].length + 1);
    uint8_t *shorter = realloc(packets[index].bytes, packets[index].length > 0 ? packets[index].length : 1);
    if (shorter != NULL) packets[index].bytes = shorter;
  }
}

static uint32_t test_random(struct random *random) {
  struct packet packets[MOST];
  struct joined frames[MOST];
  uint32_t count = 1 + random_below(random, MOST), seen = 0, joined = 0;
  int32_t last_of_flow[4] = { -1, -1, -1, -1 };
  random_packets(random, packets, count);
  uint32_t made = coalesce(packets, count, JOIN_TCP | JOIN_UDP, frames);
  for (uint32_t index = 0; index < made; index++) {
    expect_same(packets, &frames[index]);
    seen += frames[index].packets;
    if (frames[index].packets > 1) joined += frames[index].packets;
    for (int32_t at = frames[index].first; at >= 0 && frames[index].protocol != 0; at = packets[at].next) {
      const uint8_t *port = packets[at].bytes + IP_HEADER;
      uint32_t flow = ((uint32_t)port[0] << 8 | port[1]) - 5000;
      if (flow >= 4 || frames[index].headers < IP_HEADER + UDP_HEADER) continue;
      bool is_plain = memcmp(packets[at].bytes + 2, (uint8_t[2]){ 0, 0 }, 2) == 0 && packets[at].bytes[39] == 1;
      if (is_plain && (packets[at].bytes[6] == PROTOCOL_UDP) == (flow == 2) && port[2] == 0 && port[3] == 80 &&
          memcmp(packets[at].bytes + 8, "\xfc\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xfc\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 32) == 0) {
        CHECK(at > last_of_flow[flow]);
        last_of_flow[flow] = at;
      }
    }
  }
  CHECK(seen == count);
  release(packets, count);
  return joined;
}

/* A frame as the kernel gives it: any flags, the checksum field holds the sum of the pseudo header. */
static void test_split(struct random *random) {
  uint8_t out[ROOM];
  bool is_udp = random_below(random, 2) == 0;
  uint32_t segment = 1 + random_below(random, 1300), data = 1 + random_below(random, 64000);
  struct shape shape = { .data = data, .flags = (uint8_t)(ACK | PSH | FIN | CWR), .sequence = (uint32_t)random_next(random),
                         .is_udp = is_udp, .options = is_udp ? 0 : (uint8_t)random_below(random, 11) };
  struct packet frame = make(shape);
  uint32_t headers = frame.length - data, sequence = shape.sequence, done = 0;
  struct vnet_header header = { VNET_NEEDS_CHECKSUM, is_udp ? VNET_UDP : VNET_TCP6 | VNET_ECN, (uint16_t)headers, (uint16_t)segment,
                                IP_HEADER, is_udp ? UDP_CHECKSUM : TCP_CHECKSUM };
  struct splitter splitter;
  CHECK(split_begin(&splitter, &header, frame.bytes, frame.length, ROOM));
  while (split_has_more(&splitter)) {
    size_t length = split_next(&splitter, out);
    uint32_t part = (uint32_t)length - headers;
    bool is_first = done == 0, is_last = done + part == data;
    CHECK(part == segment || (is_last && part < segment));
    CHECK(memcmp(out + headers, frame.bytes + headers + done, part) == 0);
    CHECK(slow_sum(out, (uint32_t)length) == 0xffff);
    CHECK(((uint32_t)out[4] << 8 | out[5]) == length - IP_HEADER);
    if (is_udp) {
      CHECK(((uint32_t)out[44] << 8 | out[45]) == length - IP_HEADER);
    } else {
      uint32_t big;
      memcpy(&big, out + 44, 4);
      CHECK(ntohl(big) == sequence + done);
      CHECK(((out[53] & (PSH | FIN)) == (PSH | FIN)) == is_last && ((out[53] & (PSH | FIN)) != 0) == is_last);
      CHECK(((out[53] & CWR) != 0) == is_first);
    }
    done += part;
  }
  CHECK(done == data);
  /* What does not fit together is refused, and nothing behind its end is read. */
  struct vnet_header bad = header;
#define REFUSED(change) bad = header, change, CHECK(!split_begin(&splitter, &bad, frame.bytes, frame.length, ROOM) && !split_has_more(&splitter))
  REFUSED(bad.segment_bytes = 0);
  REFUSED(bad.segment_bytes = ROOM);
  REFUSED(bad.gso_type = 1);
  REFUSED(bad.flags = 0);
  REFUSED(bad.checksum_start = 39);
  REFUSED(bad.checksum_start = (uint16_t)frame.length);
  CHECK(!split_begin(&splitter, &header, frame.bytes, headers, ROOM));
  for (int round = 0; round < 20; round++) {
    uint8_t bytes[sizeof bad];
    random_fill(random, bytes, sizeof bytes);
    memcpy(&bad, bytes, sizeof bad);
    if (round % 2 == 0) bad.gso_type = header.gso_type, bad.flags = 1, bad.checksum_start = (uint16_t)(bad.checksum_start % (frame.length + 8));
    size_t cut = random_below(random, frame.length + 1);
    if (!split_begin(&splitter, &bad, frame.bytes, cut, ROOM)) continue;
    while (split_has_more(&splitter)) CHECK(split_next(&splitter, out) <= ROOM);
  }
  release(&frame, 1);
}

static void test_zero_checksum(void) {
  uint8_t out[ROOM];
  struct splitter splitter;
  struct packet packet = make((struct shape){ .data = 10, .is_udp = true });
  struct vnet_header header = { VNET_NEEDS_CHECKSUM, VNET_UDP, 0, 10, IP_HEADER, UDP_CHECKSUM };
  uint8_t *field = packet.bytes + IP_HEADER + UDP_CHECKSUM;
  make_checksum_zero(&packet);
  CHECK(field[0] == 0xff && field[1] == 0xff);
  uint16_t sum = checksum_fold(checksum_pseudo(packet.bytes, packet.length - IP_HEADER, PROTOCOL_UDP));
  memcpy(field, &sum, 2);
  CHECK(split_begin(&splitter, &header, packet.bytes, packet.length, ROOM) && split_next(&splitter, out) == packet.length);
  CHECK(out[46] == 0xff && out[47] == 0xff);
  header.gso_type = VNET_WHOLE;
  CHECK(checksum_complete(&header, packet.bytes, packet.length) && field[0] == 0xff && field[1] == 0xff);
  release(&packet, 1);
}

static void test_partial_checksums(void) {
  for (uint32_t data = 1; data < 70000; data = data * 2 + 1) {
    struct packet packet = make((struct shape){ .data = data % 1200, .is_udp = true });
    uint8_t *field = packet.bytes + IP_HEADER + UDP_CHECKSUM;
    uint16_t sum = checksum_fold(checksum_pseudo(packet.bytes, packet.length - IP_HEADER, PROTOCOL_UDP));
    memcpy(field, &sum, 2);
    struct vnet_header header = { VNET_NEEDS_CHECKSUM, VNET_WHOLE, 0, 0, IP_HEADER, UDP_CHECKSUM };
    CHECK(checksum_complete(&header, packet.bytes, packet.length));
    CHECK(slow_sum(packet.bytes, packet.length) == 0xffff && (field[0] | field[1]) != 0);
    header.checksum_start = (uint16_t)packet.length;
    CHECK(!checksum_complete(&header, packet.bytes, packet.length));
    header.checksum_start = UINT16_MAX;
    header.checksum_offset = UINT16_MAX;
    CHECK(!checksum_complete(&header, packet.bytes, packet.length));
    release(&packet, 1);
  }
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  uint32_t vectors = (uint32_t)strtoul(arguments[1], NULL, 10);
  struct random random = { strtoull(arguments[2], NULL, 10) | 1 };
  uint64_t joined = 0;
  test_pairs();
  test_wrong_checksums();
  test_limits();
  test_partial_checksums();
  test_zero_checksum();
  for (uint32_t vector = 0; vector < vectors; vector++) {
    joined += test_random(&random);
    if (vector % 10 == 0) test_split(&random);
  }
  printf("offload: %u vectors, %llu packets joined\n", vectors, (unsigned long long)joined);
  return 0;
}
