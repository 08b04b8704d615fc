/* The header of raw Ethernet: every length and every wrong byte, in buffers of exactly that size. */
#include "../ethernet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what, size_t length, size_t said) {
  fprintf(stderr, "ethernet: %s, length %zu, said %zu\n", what, length, said);
  return 1;
}

int main(void) {
  unsigned long frames = 0;
  for (size_t length = 0; length <= 1514; length++) {
    uint8_t *frame = malloc(length == 0 ? 1 : length);
    if (frame == NULL) return 2;
    memset(frame, 0xee, length == 0 ? 1 : length);
    if (length < ETHERNET_HEADER && ethernet_content(frame, length) != -1) return fail("too short is taken", length, 0);
    for (size_t said = 0; length >= ETHERNET_HEADER && said <= length + 2; said++, frames++) {
      ethernet_header(frame, 0);
      frame[2] = (uint8_t)(said >> 8);
      frame[3] = (uint8_t)said;
      int32_t wanted = said < ETHERNET_HEADER || said > length ? -1 : (int32_t)(said - ETHERNET_HEADER);
      if (ethernet_content(frame, length) != wanted) return fail("wrong content", length, said);
    }
    if (length >= ETHERNET_HEADER) {
      static const size_t checked[] = { 0, 4, 5 };
      ethernet_header(frame, length - ETHERNET_HEADER);
      if (ethernet_content(frame, length) != (int32_t)(length - ETHERNET_HEADER)) return fail("its own header", length, length);
      for (size_t at = 0; at < sizeof checked / sizeof *checked; at++) {
        frame[checked[at]] ^= 1;
        if (ethernet_content(frame, length) != -1) return fail("a wrong byte is taken", length, checked[at]);
        frame[checked[at]] ^= 1;
      }
      frame[1] = 0xff; /* ignored */
      if (ethernet_content(frame, length) < 0) return fail("the second byte counts", length, length);
    }
    free(frame);
  }
  printf("ethernet: %lu frames\n", frames);
  return 0;
}
