/* Underlay addresses and the table of endpoint slots: slot -> (socket, address), and back by hash. */
#ifndef FCMESH_ENDPOINT_H
#define FCMESH_ENDPOINT_H

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define MAX_ENDPOINTS 65536
/* Longest text of an address: IPv6 and "%device"; that of Ethernet, MAC@device, is shorter. */
#define ADDRESS_TEXT_BYTES (INET6_ADDRSTRLEN + 1 + 16)

/* Family of a MAC address. `scope` is then the number of its device in `struct devices`, and the port is 0. */
#define ETHERNET 8

/* An address as seen from a socket. No padding: compared and hashed as 24 bytes. */
struct address {
  uint8_t bytes[16];
  uint32_t scope;
  uint16_t port;
  uint8_t family; /* 4, 6, ETHERNET, or 0 = none */
  uint8_t socket;
};

union socket_name {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_ll link;
};

/* One of our own addresses, which others sent to. */
struct own_address {
  struct address address; /* port and socket are 0 */
  bool is_gone; /* the kernel refused to send from it; good again as soon as something is received on it */
};

/* As many as the field of a descriptor has room for, and one that stands for none. */
#define OWN_ADDRESSES 256

struct own_addresses {
  struct own_address entries[OWN_ADDRESSES]; /* the first is not used */
  uint32_t count;                            /* with the first */
  uint32_t last;                             /* of the last hit */
};

struct endpoint {
  struct address address; /* family 0 = free */
  union socket_name name;
  socklen_t name_length;
  int32_t next_free;
  uint32_t sent_singly; /* packets that still go without UDP_SEGMENT, since the kernel refused it here */
};

struct endpoints {
  struct endpoint *slots;
  uint32_t capacity;
  uint32_t used;
  int32_t free_head; /* -1 = none */
  int32_t *buckets;  /* slot numbers, -1 = empty; open addressing */
  uint32_t bucket_count;
  uint8_t hash_key[16];
  int32_t last; /* slot of the last hit: packets come in trains */
};

void endpoints_init(struct endpoints *table);
void endpoints_free(struct endpoints *table);
/* The slot of `address`, -1 if there is none. */
int32_t endpoints_find(struct endpoints *table, const struct address *address);
/* The slot of `address`, a new one where needed; -1 when the table is full or memory is out. */
int32_t endpoints_add(struct endpoints *table, const struct address *address);
/* Forgets a slot; one that is not used is ignored. */
void endpoints_remove(struct endpoints *table, int64_t slot);
/* The endpoint in `slot`, NULL if there is none. */
struct endpoint *endpoints_get(const struct endpoints *table, int64_t slot);

/* The number of an own address, a new one where needed; 0 when the table is full, and for family 0. */
uint32_t own_addresses_number(struct own_addresses *table, const struct address *address);
/* The address with a number; NULL for 0, and for one that the kernel does not send from any more. */
struct own_address *own_addresses_get(struct own_addresses *table, uint32_t number);

/* Reads an IPv4 or IPv6 address ("fe80::1%eth0" too); false if it is none. */
bool address_parse(const char *text, uint16_t port, struct address *out);
/* Writes it as text. */
void address_format(const struct address *address, char out[ADDRESS_TEXT_BYTES]);
/* From and to what the kernel wants; from an unknown family gives family 0. */
void address_from_name(const union socket_name *name, uint8_t socket_number, struct address *out);
socklen_t address_to_name(const struct address *address, union socket_name *out);

#endif
