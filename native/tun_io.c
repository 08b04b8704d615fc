/* Vectors read from and written to the TUN device. */
#include "engine.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BATCH 128

/* Where the packet of a descriptor goes: slot `descriptor` modulo the number of slots, behind the headroom. */
static uint8_t *tun_slot(const struct vector *vector, uint32_t descriptor) {
  const struct region *region = &vector->engine->tun_region;
  return vector->bytes + region->start + (size_t)(descriptor % region->slots) * region->slot_bytes + region->headroom;
}

static void set_packet(const struct vector *vector, uint32_t done, const uint8_t *slot, size_t length) {
  int32_t *descriptor = vector->descriptors + (size_t)done * STRIDE;
  descriptor[OFFSET] = (int32_t)(slot - vector->bytes);
  descriptor[LENGTH] = (int32_t)length;
}

/*
 * Reads one frame into the stage: a small packet is copied from there in less time than the kernel needs to see to a
 * second part. Returns its length without the header, -1 when there is none.
 */
static ssize_t read_frame(struct engine *engine, struct vnet_header *header) {
  struct tun *tun = &engine->tun;
  size_t header_bytes = tun->has_header ? sizeof *header : 0;
  uint8_t *start = tun->stage + STAGE_FRAME - header_bytes;
  ssize_t length;
  memset(header, 0, sizeof *header);
  do {
    length = read(tun->fd, start, header_bytes + STAGE_BYTES - STAGE_FRAME);
  } while (length < 0 && errno == EINTR);
  if (length < 0 && errno != EAGAIN) engine->counters[TUN_READ_ERRORS]++;
  if (length < 0) return -1;
  if ((size_t)length < header_bytes) return 0;
  memcpy(header, start, header_bytes);
  return length - (ssize_t)header_bytes;
}

/* The frame in the stage is to be cut into packets of at most `most` bytes. False when it cannot be. */
static bool begin_split(struct engine *engine, size_t length, size_t most, const struct vnet_header *header) {
  bool begun = split_begin(&engine->tun.splitter, header, engine->tun.stage + STAGE_FRAME, length, most);
  engine->counters[begun ? TUN_SPLIT_FRAMES : TUN_SPLIT_REFUSED]++;
  return begun;
}

/*
 * readTun(engine, first, count) -> packets read. A frame that has more packets than descriptors are left is continued in
 * the next call.
 */
napi_value tun_read(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct vector vector;
  if (!get_arguments(env, info, 3, values) || !get_vector(env, values[0], values[1], values[2], &vector)) {
    return make_integer(env, 0);
  }
  struct engine *engine = vector.engine;
  struct splitter *splitter = &engine->tun.splitter;
  const struct region *region = &engine->tun_region;
  uint32_t wanted = vector.count < region->slots ? vector.count : region->slots;
  size_t room = region->slot_bytes - region->headroom;
  uint32_t done = 0;
  while (engine->tun.fd >= 0 && done < wanted) {
    struct vnet_header header;
    uint8_t *slot = tun_slot(&vector, vector.first + done);
    if (split_has_more(splitter)) {
      set_packet(&vector, done++, slot, split_next(splitter, slot));
      engine->counters[TUN_SPLIT]++;
      continue;
    }
    ssize_t length = read_frame(engine, &header);
    if (length < 0) break;
    uint8_t *frame = engine->tun.stage + STAGE_FRAME;
    if (header.gso_type != VNET_WHOLE) {
      if (begin_split(engine, (size_t)length, room, &header)) continue;
      length = 0;
    } else if ((size_t)length > room || !checksum_complete(&header, frame, (size_t)length)) {
      engine->counters[TUN_TOO_LONG]++;
      length = 0;
    }
    memcpy(slot, frame, (size_t)length);
    set_packet(&vector, done++, slot, (size_t)length);
  }
  engine->counters[TUN_READ] += done;
  poll_set_more(engine->tun_poll, split_has_more(splitter));
  return make_integer(env, done);
}

/* Marks all packets of a frame; `indices` are those of their descriptors. */
static uint32_t mark(const struct vector *vector, const struct packet *packets, const uint32_t *indices,
                     const struct joined *frame, bool is_written) {
  struct engine *engine = vector->engine;
  for (int32_t packet = frame->first; packet >= 0; packet = packets[packet].next) {
    vector->descriptors[(size_t)indices[packet] * STRIDE + RESULT] = is_written ? GOOD : NOT_WRITTEN;
  }
  if (!is_written) engine->counters[TUN_WRITE_ERRORS] += frame->packets;
  if (!is_written) return 0;
  if (frame->packets > 1) {
    engine->counters[TUN_JOINED] += frame->packets;
    engine->counters[TUN_JOINED_FRAMES]++;
  }
  return frame->packets;
}

/* Writes the gathered packets, joined where they can be; returns how many were taken. */
static uint32_t write_packets(const struct vector *vector, struct packet *packets, const uint32_t *indices, uint32_t count) {
  struct joined frames[BATCH];
  struct tun *tun = &vector->engine->tun;
  uint32_t taken = 0;
  uint32_t made = coalesce(packets, count, tun->joins, frames);
  for (uint32_t index = 0; index < made; index++) {
    struct frame_space space;
    struct iovec parts[FRAME_PARTS];
    int part_count = joined_parts(packets, &frames[index], &space, parts);
    int skipped = tun->has_header ? 0 : 1;
    ssize_t written;
    do {
      written = writev(tun->fd, parts + skipped, part_count - skipped);
    } while (written < 0 && errno == EINTR);
    taken += mark(vector, packets, indices, &frames[index], written >= 0);
  }
  return taken;
}

/* writeTun(engine, first, count) -> packets taken */
napi_value tun_write(napi_env env, napi_callback_info info) {
  napi_value values[3];
  struct vector vector;
  struct packet packets[BATCH];
  uint32_t indices[BATCH];
  if (!get_arguments(env, info, 3, values) || !get_vector(env, values[0], values[1], values[2], &vector)) {
    return make_integer(env, 0);
  }
  uint32_t taken = 0;
  for (uint32_t index = 0; index < vector.count;) {
    uint32_t gathered = 0;
    for (; index < vector.count && gathered < BATCH; index++) {
      int32_t *descriptor = vector.descriptors + (size_t)index * STRIDE;
      if (descriptor[LENGTH] == 0) continue;
      uint8_t *bytes = packet_at(&vector, descriptor);
      if (bytes == NULL) {
        descriptor[RESULT] = BAD_BOUNDS;
        vector.engine->counters[TUN_WRITE_ERRORS]++;
        continue;
      }
      indices[gathered] = index;
      packets[gathered++] = (struct packet){ bytes, (uint32_t)descriptor[LENGTH], -1 };
    }
    taken += write_packets(&vector, packets, indices, gathered);
  }
  vector.engine->counters[TUN_WRITTEN] += taken;
  return make_integer(env, taken);
}
