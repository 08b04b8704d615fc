/* Frames of TCP or UDP segmentation offload cut into packets. Checks what the kernel says before it is believed. */
#include "offload.h"

#include <arpa/inet.h>
#include <string.h>

#define TCP_SEQUENCE 4
#define TCP_DATA_OFFSET 12
#define TCP_FLAGS 13
#define FIN_AND_PUSH 0x09
#define CONGESTION_REDUCED 0x80
#define UDP_LENGTH 4

static void write16(uint8_t *into, uint32_t value) {
  into[0] = (uint8_t)(value >> 8);
  into[1] = (uint8_t)value;
}

/* In the order of memory. A UDP checksum of 0 would mean none (RFC 768). */
static void put_checksum(uint8_t *into, uint64_t sum, bool is_udp) {
  uint16_t checksum = (uint16_t)~checksum_fold(sum);
  if (checksum == 0 && is_udp) checksum = 0xffff;
  memcpy(into, &checksum, sizeof checksum);
}

bool checksum_complete(const struct vnet_header *header, uint8_t *packet, size_t length) {
  if ((header->flags & VNET_NEEDS_CHECKSUM) == 0) return true;
  size_t start = header->checksum_start;
  size_t field = start + header->checksum_offset;
  if (start > length || field + 2 > length) return false;
  /* The field holds the sum of the pseudo header already. */
  bool is_udp = header->checksum_offset == UDP_CHECKSUM;
  put_checksum(packet + field, checksum_add(packet + start, length - start, 0), is_udp);
  return true;
}

bool split_begin(struct splitter *splitter, const struct vnet_header *header, const uint8_t *frame, size_t length,
                 size_t most) {
  uint8_t type = header->gso_type & (uint8_t)~VNET_ECN;
  size_t transport = header->checksum_start;
  bool is_tcp = type == VNET_TCP6;
  memset(splitter, 0, sizeof *splitter);
  if ((!is_tcp && type != VNET_UDP) || (header->flags & VNET_NEEDS_CHECKSUM) == 0) return false;
  if (length < IP_HEADER || frame[0] >> 4 != 6 || header->segment_bytes == 0) return false;
  if (transport < IP_HEADER || transport + (is_tcp ? MIN_TCP_HEADER : UDP_HEADER) > length) return false;
  size_t transport_bytes = is_tcp ? (size_t)(frame[transport + TCP_DATA_OFFSET] >> 4) * 4 : UDP_HEADER;
  size_t headers = transport + transport_bytes;
  if (is_tcp && transport_bytes < MIN_TCP_HEADER) return false;
  if (headers >= length || headers + header->segment_bytes > most) return false;
  *splitter = (struct splitter){ frame, length, headers, headers, transport, header->segment_bytes,
                                 is_tcp ? PROTOCOL_TCP : PROTOCOL_UDP };
  return true;
}

static void set_tcp(const struct splitter *splitter, uint8_t *tcp, bool is_first, bool is_last) {
  uint32_t sequence;
  memcpy(&sequence, tcp + TCP_SEQUENCE, sizeof sequence);
  sequence = htonl(ntohl(sequence) + (uint32_t)(splitter->done - splitter->headers));
  memcpy(tcp + TCP_SEQUENCE, &sequence, sizeof sequence);
  if (!is_last) tcp[TCP_FLAGS] &= (uint8_t)~FIN_AND_PUSH;
  if (!is_first) tcp[TCP_FLAGS] &= (uint8_t)~CONGESTION_REDUCED;
}

size_t split_next(struct splitter *splitter, uint8_t *into) {
  bool is_tcp = splitter->protocol == PROTOCOL_TCP;
  size_t left = splitter->length - splitter->done;
  size_t data = left < splitter->segment_bytes ? left : splitter->segment_bytes;
  size_t length = splitter->headers + data;
  uint32_t transport_bytes = (uint32_t)(length - splitter->transport);
  uint8_t *transport = into + splitter->transport;
  uint8_t *checksum = transport + (is_tcp ? TCP_CHECKSUM : UDP_CHECKSUM);
  memcpy(into, splitter->frame, splitter->headers);
  memcpy(into + splitter->headers, splitter->frame + splitter->done, data);
  write16(into + 4, (uint32_t)(length - IP_HEADER));
  if (is_tcp) set_tcp(splitter, transport, splitter->done == splitter->headers, data == left);
  else write16(transport + UDP_LENGTH, transport_bytes);
  memset(checksum, 0, 2);
  put_checksum(checksum, checksum_add(transport, transport_bytes, checksum_pseudo(into, transport_bytes, splitter->protocol)),
               !is_tcp);
  splitter->done += data;
  return length;
}
