#include "offload.h"

#include <arpa/inet.h>
#include <string.h>

/* Words of 32 bits summed in 64 bits, several sums side by side, so that compilers use vectors for it. */
#define SUMS 8

uint64_t checksum_add(const uint8_t *bytes, size_t length, uint64_t sum) {
  uint32_t words[SUMS], rest = 0;
  uint64_t sums[SUMS] = { 0 };
  size_t at = 0;
  for (; at + sizeof words <= length; at += sizeof words) {
    memcpy(words, bytes + at, sizeof words);
    for (int index = 0; index < SUMS; index++) sums[index] += words[index];
  }
  for (int index = 0; index < SUMS; index++) sum += sums[index];
  for (; at + 4 <= length; at += 4) {
    memcpy(words, bytes + at, 4);
    sum += words[0];
  }
  memcpy(&rest, bytes + at, length - at);
  return sum + rest;
}

uint16_t checksum_fold(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)sum;
}

uint64_t checksum_pseudo(const uint8_t *ip, uint32_t transport_bytes, uint8_t protocol) {
  return checksum_add(ip + 8, 32, 0) + htonl(transport_bytes) + htonl(protocol);
}
