/*
 * IPv6 packets that stand for many: splitting what the kernel hands over unsplit (TSO, USO), and joining packets of a
 * vector into frames that it takes whole. Knows IPv6, TCP and UDP headers; nothing of Node.js or of file descriptors.
 */
#ifndef FCMESH_OFFLOAD_H
#define FCMESH_OFFLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define IP_HEADER 40
#define UDP_HEADER 8
#define MIN_TCP_HEADER 20
#define MAX_TCP_HEADER 60
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
/* Where the checksum lies in the transport header. */
#define TCP_CHECKSUM 16
#define UDP_CHECKSUM 6

/* struct virtio_net_hdr of the kernel, for TUN devices with IFF_VNET_HDR; in the byte order of the machine. */
struct vnet_header {
  uint8_t flags;
  uint8_t gso_type;
  uint16_t header_bytes;
  uint16_t segment_bytes;
  uint16_t checksum_start;
  uint16_t checksum_offset;
};

enum { VNET_NEEDS_CHECKSUM = 1 };
enum { VNET_WHOLE = 0, VNET_TCP6 = 4, VNET_UDP = 5, VNET_ECN = 0x80 };

/* checksum.c (RFC 1071). Sums of 16-bit words in the order of memory: write them with memcpy. */
uint64_t checksum_add(const uint8_t *bytes, size_t length, uint64_t sum);
uint16_t checksum_fold(uint64_t sum);
/* The pseudo header of RFC 8200 section 8.1, addresses taken from an IPv6 header. */
uint64_t checksum_pseudo(const uint8_t *ip, uint32_t transport_bytes, uint8_t protocol);

/* split.c: a frame being cut into packets. All zero: nothing to cut. */
struct splitter {
  const uint8_t *frame;
  size_t length;
  size_t done; /* bytes handed out, headers of the frame included */
  size_t headers;
  size_t transport; /* where the TCP or UDP header begins */
  uint16_t segment_bytes;
  uint8_t protocol;
};

/*
 * Begins to cut `frame`, whose packets have at most `most` bytes. False for what is not a whole IPv6 frame of TCP or
 * UDP with the lengths it says.
 */
bool split_begin(struct splitter *splitter, const struct vnet_header *header, const uint8_t *frame, size_t length,
                 size_t most);
static inline bool split_has_more(const struct splitter *splitter) { return splitter->done < splitter->length; }
/* Writes the next packet, headers and checksum complete, and returns its length. There must be one. */
size_t split_next(struct splitter *splitter, uint8_t *into);
/* Completes the checksum of a packet that was not split. False when it says to lie outside. */
bool checksum_complete(const struct vnet_header *header, uint8_t *packet, size_t length);

/* coalesce.c */
/* What may be joined. */
enum { JOIN_TCP = 1, JOIN_UDP = 2 };
/* Packets of one call, as the kernel's own GRO would take them at most in one frame. */
#define MAX_JOINED 64
#define MAX_FRAME_BYTES 65535
/* The frame's own headers, then the data of each packet; in front comes the vnet header. */
#define FRAME_PARTS (MAX_JOINED + 2)

struct packet {
  uint8_t *bytes;
  uint32_t length;
  int32_t next; /* the next packet of its frame, -1 = the last; set by coalesce */
};

/* Packets that become one write. */
struct joined {
  int32_t first;
  int32_t last;
  uint32_t packets;
  uint32_t length;        /* of the whole frame */
  uint32_t headers;       /* IP and transport header together */
  uint32_t segment_bytes; /* data in each packet but the last */
  uint32_t next_sequence; /* TCP: what must follow */
  uint8_t protocol;       /* 0 = neither TCP nor UDP */
  bool is_open;           /* more may be joined */
  bool is_checked;        /* the first packet's checksum is right */
  bool has_push;
};

/*
 * Puts packets that may be joined into one frame each: consecutive TCP data of one connection with the same
 * acknowledgement, window, flags and options, and datagrams of one flow and length; all with right checksums. `kinds` is
 * a sum of JOIN_TCP and JOIN_UDP. `frames` has room for `count`. Order is kept within a flow. Returns the number of frames.
 */
uint32_t coalesce(struct packet *packets, uint32_t count, int kinds, struct joined *frames);
/* A frame ready to be written: the parts point to `header`, `space` and into the packets. */
struct frame_space {
  struct vnet_header header;
  uint8_t headers[IP_HEADER + MAX_TCP_HEADER];
};
/* Fills `parts` (FRAME_PARTS) for a frame and returns how many. Packets are not changed. */
int joined_parts(const struct packet *packets, const struct joined *frame, struct frame_space *space,
                 struct iovec *parts);

#endif
