#include "endpoint.h"

#include "ethernet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

void endpoints_init(struct endpoints *table) {
  memset(table, 0, sizeof *table);
  table->free_head = -1;
  table->last = -1;
  randombytes_buf(table->hash_key, sizeof table->hash_key);
}

void endpoints_free(struct endpoints *table) {
  free(table->slots);
  free(table->buckets);
  memset(table, 0, sizeof *table);
  table->free_head = -1;
  table->last = -1;
}

/* Keyed: whoever chooses source ports must not be able to choose buckets. */
static uint32_t first_bucket(const struct endpoints *table, const struct address *address) {
  uint64_t hash;
  crypto_shorthash((unsigned char *)&hash, (const unsigned char *)address, sizeof *address, table->hash_key);
  return (uint32_t)hash & (table->bucket_count - 1);
}

static void put_in_bucket(struct endpoints *table, int32_t slot) {
  uint32_t at = first_bucket(table, &table->slots[slot].address);
  while (table->buckets[at] >= 0) at = (at + 1) & (table->bucket_count - 1);
  table->buckets[at] = slot;
}

static bool grow(struct endpoints *table) {
  uint32_t capacity = table->capacity == 0 ? FIRST_CAPACITY : table->capacity * 2;
  if (capacity > MAX_ENDPOINTS) return false;
  int32_t *buckets = malloc(capacity * 2 * sizeof *buckets);
  if (buckets == NULL) return false;
  struct endpoint *slots = realloc(table->slots, capacity * sizeof *slots);
  if (slots == NULL) {
    free(buckets);
    return false;
  }
  memset(slots + table->capacity, 0, (capacity - table->capacity) * sizeof *slots);
  for (uint32_t slot = capacity; slot-- > table->capacity;) {
    slots[slot].next_free = table->free_head;
    table->free_head = (int32_t)slot;
  }
  free(table->buckets);
  table->slots = slots;
  table->buckets = buckets;
  table->bucket_count = capacity * 2;
  for (uint32_t at = 0; at < table->bucket_count; at++) buckets[at] = -1;
  for (uint32_t slot = 0; slot < table->capacity; slot++) {
    if (slots[slot].address.family != 0) put_in_bucket(table, (int32_t)slot);
  }
  table->capacity = capacity;
  return true;
}

int32_t endpoints_find(struct endpoints *table, const struct address *address) {
  if (table->used == 0 || address->family == 0) return -1;
  int32_t last = table->last;
  if (last >= 0 && memcmp(&table->slots[last].address, address, sizeof *address) == 0) return last;
  uint32_t at = first_bucket(table, address);
  for (; table->buckets[at] >= 0; at = (at + 1) & (table->bucket_count - 1)) {
    int32_t slot = table->buckets[at];
    if (memcmp(&table->slots[slot].address, address, sizeof *address) == 0) return table->last = slot;
  }
  return -1;
}

int32_t endpoints_add(struct endpoints *table, const struct address *address) {
  int32_t found = endpoints_find(table, address);
  if (found >= 0 || address->family == 0) return found;
  if (table->free_head < 0 && !grow(table)) return -1;
  int32_t slot = table->free_head;
  struct endpoint *endpoint = &table->slots[slot];
  table->free_head = endpoint->next_free;
  endpoint->address = *address;
  endpoint->name_length = address_to_name(address, &endpoint->name);
  put_in_bucket(table, slot);
  table->used++;
  return slot;
}

/* Closes the gap at `hole`, so that chains of probes stay unbroken without tombstones. */
static void close_gap(struct endpoints *table, uint32_t hole) {
  uint32_t mask = table->bucket_count - 1;
  table->buckets[hole] = -1;
  for (uint32_t at = (hole + 1) & mask; table->buckets[at] >= 0; at = (at + 1) & mask) {
    uint32_t home = first_bucket(table, &table->slots[table->buckets[at]].address);
    bool stays = ((at - home) & mask) < ((at - hole) & mask);
    if (stays) continue;
    table->buckets[hole] = table->buckets[at];
    table->buckets[at] = -1;
    hole = at;
  }
}

void endpoints_remove(struct endpoints *table, int64_t slot) {
  if (endpoints_get(table, slot) == NULL) return;
  struct endpoint *endpoint = &table->slots[slot];
  uint32_t at = first_bucket(table, &endpoint->address);
  while (table->buckets[at] != (int32_t)slot) at = (at + 1) & (table->bucket_count - 1);
  close_gap(table, at);
  memset(endpoint, 0, sizeof *endpoint);
  endpoint->next_free = table->free_head;
  table->free_head = (int32_t)slot;
  table->used--;
  if (table->last == (int32_t)slot) table->last = -1;
}

struct endpoint *endpoints_get(const struct endpoints *table, int64_t slot) {
  if (slot < 0 || slot >= (int64_t)table->capacity) return NULL;
  struct endpoint *endpoint = &table->slots[slot];
  return endpoint->address.family == 0 ? NULL : endpoint;
}

uint32_t own_addresses_number(struct own_addresses *table, const struct address *address) {
  uint32_t number = table->last, free_number = 0;
  if (address->family == 0) return 0;
  if (table->count == 0) table->count = 1;
  if (number == 0 || memcmp(&table->entries[number].address, address, sizeof *address) != 0) {
    for (number = 1; number < table->count; number++) {
      if (memcmp(&table->entries[number].address, address, sizeof *address) == 0) break;
      if (table->entries[number].is_gone) free_number = number;
    }
  }
  if (number == OWN_ADDRESSES) number = free_number;
  if (number == 0) return 0;
  if (number == table->count) table->count++;
  table->entries[number] = (struct own_address){ *address, false };
  return table->last = number;
}

struct own_address *own_addresses_get(struct own_addresses *table, uint32_t number) {
  if (number == 0 || number >= table->count || table->entries[number].is_gone) return NULL;
  return &table->entries[number];
}

static uint32_t scope_of(const char *name) {
  uint32_t index = if_nametoindex(name);
  if (index != 0) return index;
  char *end;
  errno = 0;
  unsigned long number = strtoul(name, &end, 10);
  return errno == 0 && name[0] >= '0' && name[0] <= '9' && *end == 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
}

bool address_parse(const char *text, uint16_t port, struct address *out) {
  char host[INET6_ADDRSTRLEN];
  const char *percent = strchr(text, '%');
  size_t length = percent == NULL ? strlen(text) : (size_t)(percent - text);
  memset(out, 0, sizeof *out);
  out->port = port;
  if (length >= sizeof host) return false;
  memcpy(host, text, length);
  host[length] = 0;
  if (percent == NULL && inet_pton(AF_INET, host, out->bytes) == 1) {
    out->family = 4;
    return true;
  }
  if (inet_pton(AF_INET6, host, out->bytes) != 1) return false;
  out->family = 6;
  if (percent == NULL) return true;
  uint32_t scope = scope_of(percent + 1);
  /* The kernel names a scope only for link-local senders: kept elsewhere, it would hide that they are the same. */
  bool is_local = out->bytes[0] == 0xfe && (out->bytes[1] & 0xc0) == 0x80;
  if (is_local || out->bytes[0] == 0xff) out->scope = scope;
  return scope != 0;
}

void address_format(const struct address *address, char out[ADDRESS_TEXT_BYTES]) {
  char device[IF_NAMESIZE];
  out[0] = 0;
  if (address->family == 0) return;
  inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes, out, INET6_ADDRSTRLEN);
  if (address->scope == 0) return;
  size_t length = strlen(out);
  if (if_indextoname(address->scope, device) != NULL) snprintf(out + length, ADDRESS_TEXT_BYTES - length, "%%%s", device);
  else snprintf(out + length, ADDRESS_TEXT_BYTES - length, "%%%u", address->scope);
}

void address_from_name(const union socket_name *name, uint8_t socket_number, struct address *out) {
  memset(out, 0, sizeof *out);
  out->socket = socket_number;
  if (name->any.sa_family == AF_INET) {
    out->family = 4;
    out->port = ntohs(name->v4.sin_port);
    memcpy(out->bytes, &name->v4.sin_addr, 4);
  } else if (name->any.sa_family == AF_INET6) {
    out->family = 6;
    out->port = ntohs(name->v6.sin6_port);
    out->scope = name->v6.sin6_scope_id;
    memcpy(out->bytes, &name->v6.sin6_addr, 16);
  } else if (name->any.sa_family == AF_PACKET) {
    out->family = ETHERNET;
    out->scope = (uint32_t)name->link.sll_ifindex; /* the number of the device, see ethernet_admit */
    memcpy(out->bytes, name->link.sll_addr, 6);
  }
}

socklen_t address_to_name(const struct address *address, union socket_name *out) {
  memset(out, 0, sizeof *out);
  if (address->family == 4) {
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(address->port);
    memcpy(&out->v4.sin_addr, address->bytes, 4);
    return sizeof out->v4;
  }
  if (address->family == ETHERNET) {
    out->link.sll_family = AF_PACKET;
    out->link.sll_protocol = htons(ETHERNET_TYPE);
    out->link.sll_halen = 6;
    memcpy(out->link.sll_addr, address->bytes, 6);
    return sizeof out->link;
  }
  out->v6.sin6_family = AF_INET6;
  out->v6.sin6_port = htons(address->port);
  out->v6.sin6_scope_id = address->scope;
  memcpy(&out->v6.sin6_addr, address->bytes, 16);
  return sizeof out->v6;
}
