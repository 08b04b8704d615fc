/* TCP and UDP packets for tests, made from a few words about them, with right checksums. */
#ifndef FCMESH_TEST_PACKETS_H
#define FCMESH_TEST_PACKETS_H

#include "../offload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACK 0x10
#define PSH 0x08
#define FIN 0x01
#define CWR 0x80

#define CHECK(condition) ((condition) ? (void)0 : fail(__FILE__, __LINE__, #condition))

static void fail(const char *file, int line, const char *condition) {
  fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
  exit(1);
}

/* What a packet is made from; what is left out is 0. */
struct shape {
  uint32_t sequence;
  uint32_t acknowledgement;
  uint32_t data;
  uint16_t port;
  uint16_t window;
  uint8_t flags;
  uint8_t options; /* words */
  uint8_t option;  /* value of all their bytes */
  uint8_t hops;
  uint8_t class;
  bool is_udp;
};

static void put16(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value) {
  put16(at, value >> 16);
  put16(at + 2, value);
}

static uint8_t protocol_of(const struct shape *shape) { return shape->is_udp ? PROTOCOL_UDP : PROTOCOL_TCP; }

static void set_checksum(uint8_t *ip, uint32_t length) {
  bool is_udp = ip[6] == PROTOCOL_UDP;
  uint8_t *field = ip + IP_HEADER + (is_udp ? UDP_CHECKSUM : TCP_CHECKSUM);
  put16(field, 0);
  uint32_t bytes = length - IP_HEADER;
  uint16_t sum = (uint16_t)~checksum_fold(checksum_add(ip + IP_HEADER, bytes, checksum_pseudo(ip, bytes, ip[6])));
  if (sum == 0 && is_udp) sum = 0xffff;
  memcpy(field, &sum, 2);
}

/* Changes the last two bytes of the data so that the checksum comes out as 0, which UDP sends as 0xffff. */
static void make_checksum_zero(struct packet *packet) {
  uint8_t *field = packet->bytes + IP_HEADER + UDP_CHECKSUM, *data = packet->bytes + packet->length - 2;
  put16(data, 0);
  set_checksum(packet->bytes, packet->length);
  memcpy(data, field, 2);
  set_checksum(packet->bytes, packet->length);
}

/* The sum by the letter of RFC 1071, word by word: 0xffff when a packet's checksum is right. */
static uint32_t slow_sum(const uint8_t *ip, uint32_t length) {
  uint32_t sum = length - IP_HEADER + ip[6];
  for (uint32_t at = 8; at < length; at++) sum += at % 2 == 0 ? (uint32_t)ip[at] << 8 : ip[at];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

static struct packet make(struct shape shape) {
  uint32_t header = shape.is_udp ? UDP_HEADER : MIN_TCP_HEADER + 4u * shape.options;
  uint32_t length = IP_HEADER + header + shape.data;
  uint8_t *ip = calloc(1, length);
  if (ip == NULL) exit(2);
  ip[0] = 0x60;
  ip[1] = shape.class;
  put16(ip + 4, length - IP_HEADER);
  ip[6] = protocol_of(&shape);
  ip[7] = (uint8_t)(64 - shape.hops);
  ip[8] = ip[24] = 0xfc;
  ip[39] = 1;
  uint8_t *transport = ip + IP_HEADER;
  put16(transport, 5000 + shape.port);
  put16(transport + 2, 80);
  if (shape.is_udp) {
    put16(transport + 4, length - IP_HEADER);
  } else {
    put32(transport + 4, shape.sequence);
    put32(transport + 8, shape.acknowledgement);
    transport[12] = (uint8_t)(header / 4 << 4);
    transport[13] = shape.flags;
    put16(transport + 14, 1000 + shape.window);
    memset(transport + 20, shape.option, header - 20);
  }
  for (uint32_t at = 0; at < shape.data; at++) transport[header + at] = (uint8_t)(shape.sequence + at);
  set_checksum(ip, length);
  return (struct packet){ ip, length, -1 };
}

static void release(struct packet *packets, uint32_t count) {
  for (uint32_t index = 0; index < count; index++) free(packets[index].bytes);
}

#endif
