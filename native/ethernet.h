/* Frames of raw Ethernet (protocol 04 section 9.4), and the devices that they come and go by. */
#ifndef FCMESH_ETHERNET_H
#define FCMESH_ETHERNET_H

#include "endpoint.h"

#include <stddef.h>

#define ETHERNET_TYPE 0xfc00
/* In front of the content: version 0, 0, length of these 6 bytes and the content, and the type again. */
#define ETHERNET_HEADER 6
/* What stock has room for, and every device of 1500 bytes carries. */
#define ETHERNET_CONTENT 1492

/* Bytes of content behind the header, without what the device padded; -1 where the frame is malformed. */
static inline int32_t ethernet_content(const uint8_t *frame, size_t length) {
  if (length < ETHERNET_HEADER || frame[0] != 0) return -1;
  size_t said = (size_t)frame[2] << 8 | frame[3];
  if (said < ETHERNET_HEADER || said > length || frame[4] != ETHERNET_TYPE >> 8 || frame[5] != (ETHERNET_TYPE & 0xff)) return -1;
  return (int32_t)(said - ETHERNET_HEADER);
}

/* Writes the header for so many bytes of content, at most ETHERNET_CONTENT. */
static inline void ethernet_header(uint8_t out[ETHERNET_HEADER], size_t content) {
  size_t said = content + ETHERNET_HEADER;
  out[0] = out[1] = 0;
  out[2] = (uint8_t)(said >> 8);
  out[3] = (uint8_t)said;
  out[4] = ETHERNET_TYPE >> 8;
  out[5] = ETHERNET_TYPE & 0xff;
}

/* As many as one node has peers, and as many again that it may listen at. */
#define MAX_DEVICES 512
#define DEVICE_BYTES 16

/*
 * A device is known by its name: one that is unplugged and comes back has another number of the kernel, and its peers are the
 * same. Only whoever runs this node puts devices here (peers, places to listen at), never what arrives.
 */
struct device {
  char name[DEVICE_BYTES]; /* "" = free */
  int index;               /* of the kernel; 0 = it is not there, as far as is known */
  bool is_welcome;         /* strangers may come by it */
};

struct devices {
  struct device entries[MAX_DEVICES];
  uint32_t count;
  uint32_t last; /* of the last hit */
  int stranger;  /* an index that is none of these, until the next vector */
};

struct engine;

/* Socket of `ETHERNET_TYPE` on all devices, for frames of one kind (PACKET_HOST, PACKET_BROADCAST). -1 with errno. */
int ethernet_socket(int kind, const char **failed);
/* Reads "02:00:00:00:00:01@eth0": an address of one machine and a device, which need not be there. False for anything else. */
bool ethernet_parse(struct engine *engine, const char *text, struct address *out);
void ethernet_format(const struct engine *engine, const struct address *address, char out[ADDRESS_TEXT_BYTES]);
/* Whether an address can be a machine's: not of a group, not zero. */
bool ethernet_is_machine(const uint8_t mac[6]);
/* Points the name of a new endpoint at its device. */
void ethernet_aim(struct engine *engine, struct endpoint *endpoint);
/* The kernel knows the device of an endpoint no more. Returns whether it has come back under another number. */
bool ethernet_find_again(struct engine *engine, const struct endpoint *endpoint);
/*
 * Whether a frame from there is for this node: from an endpoint, or by a device where strangers are welcome. Then the index of
 * the kernel in `from` is replaced by the number of the device.
 */
bool ethernet_admit(struct engine *engine, uint8_t socket_number, union socket_name *from);

#endif
