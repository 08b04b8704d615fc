/* A group of packets, one in each lane; included by what hashes them, behind its `struct hash`. */

#define STREAM_BLOCK 64
/* Bytes of the first block that encrypt data. */
#define FIRST_DATA 32

struct lanes {
  vector subkey[8];
  struct hash hash;
  uint8_t first_block[LANES][STREAM_BLOCK];
  uint8_t tags[LANES][TAG_BYTES];
  uint8_t *data[LANES];
  size_t length[LANES]; /* 0 = none of this lane's bytes is touched */
  size_t shortest;
  size_t longest;
  uint32_t count;
};
